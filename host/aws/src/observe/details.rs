//! Details of our own load balancers and target groups, which AWS returns only one resource at a time.

use std::collections::BTreeMap;

use albatross_contract::{
    Listener, LoadBalancer, Protocol, Rule, Tag, Target, TargetGroup, TargetHealth, Timestamp, ViewPart,
};

use aws_sdk_elasticloadbalancingv2::types::Certificate;

use super::{for_each, gaps::Gaps, kept::Shelf, load_balancer_of, resource_tags};
use crate::{
    calling::{Page, pages},
    calls,
    clients::Aws,
    convert::{listeners, load_balancers, target_groups},
    error::AwsError,
};

/// Seconds after which these details are read again, to find what others changed. What we change is read again at once.
const ATTRIBUTES_AGE: u64 = 600;
const LISTENERS_AGE: u64 = 300;
/// The same for targets that are all healthy. While a target is not healthy, health is read in every pass.
const HEALTH_AGE: u64 = 60;

/// The cached details, by the ARN of the load balancer or target group.
#[derive(Debug, Default)]
pub(crate) struct Details {
    attributes: Shelf<Vec<Tag>>,
    /// Without rules.
    listeners: Shelf<Vec<Listener>>,
    /// By the ARN of the listener.
    listener_attributes: Shelf<Vec<Tag>>,
    /// By the ARN of the load balancer: the rules of each listener, by the ARN of the listener.
    rules: Shelf<RulesOfListeners>,
    targets: Shelf<Vec<Target>>,
}

type RulesOfListeners = BTreeMap<String, Vec<Rule>>;

impl Details {
    /// Fills in the details. Where they cannot be read, the last known details are used, and that part of the load balancer
    /// or target group is recorded as a gap.
    pub(crate) async fn read(
        &mut self,
        aws: &Aws,
        load_balancers: &mut [&mut LoadBalancer],
        target_groups: &mut [&mut TargetGroup],
        gaps: &mut Gaps,
        now: Timestamp,
    ) {
        let balancers: Vec<String> = load_balancers.iter().map(|found| found.arn.clone()).collect();
        let groups: Vec<String> = target_groups.iter().map(|found| found.arn.clone()).collect();
        let stale = |arns: &[String], fresh: &dyn Fn(&str) -> bool| -> Vec<String> {
            arns.iter().filter(|arn| !fresh(arn)).cloned().collect()
        };
        let has_attributes = |arn: &str| self.attributes.fresh(arn, now, ATTRIBUTES_AGE).is_some();
        let has_listeners = |arn: &str| {
            let is_fresh = self.listeners.fresh(arn, now, LISTENERS_AGE).is_some();
            is_fresh && self.rules.fresh(arn, now, LISTENERS_AGE).is_some()
        };
        let has_targets =
            |arn: &str| self.targets.fresh(arn, now, HEALTH_AGE).is_some_and(|it| are_healthy(it));
        let (balancer_attributes, group_attributes, with_rules, targets) = tokio::join!(
            for_each(stale(&balancers, &has_attributes), |arn| load_balancer_attributes(aws, arn)),
            for_each(stale(&groups, &has_attributes), |arn| target_group_attributes(aws, arn)),
            for_each(stale(&balancers, &has_listeners), |arn| listeners_and_rules(aws, arn)),
            for_each(stale(&groups, &has_targets), |arn| all_targets(aws, arn)),
        );
        keep(balancer_attributes, &mut self.attributes, ViewPart::LoadBalancers, gaps, now);
        keep(group_attributes, &mut self.attributes, ViewPart::TargetGroups, gaps, now);
        let (listeners, rules) = with_rules.into_iter().map(apart).unzip::<_, _, Vec<_>, Vec<_>>();
        keep(listeners, &mut self.listeners, ViewPart::Listeners, gaps, now);
        keep(rules.into_iter().flatten().collect(), &mut self.rules, ViewPart::Rules, gaps, now);
        keep(targets, &mut self.targets, ViewPart::TargetHealth, gaps, now);
        for found in load_balancers {
            found.attributes = self.attributes.last(&found.arn).cloned().unwrap_or_default();
            found.listeners = self.listeners.last(&found.arn).cloned().unwrap_or_default();
            let rules = self.rules.last(&found.arn);
            for listener in &mut found.listeners {
                listener.rules =
                    rules.and_then(|rules| rules.get(&listener.arn)).cloned().unwrap_or_default();
            }
        }
        for found in target_groups {
            found.attributes = self.attributes.last(&found.arn).cloned().unwrap_or_default();
            found.targets = self.targets.last(&found.arn).cloned().unwrap_or_default();
        }
    }

    /// Fills in the attributes of the listeners of some load balancers. AWS returns them only one listener at a time, so they
    /// are read only where an Ingress asks for some.
    pub(crate) async fn read_listener_attributes(
        &mut self,
        aws: &Aws,
        load_balancers: Vec<&mut LoadBalancer>,
        gaps: &mut Gaps,
        now: Timestamp,
    ) {
        let arns = load_balancers.iter().flat_map(|found| &found.listeners).map(|listener| &listener.arn);
        let stale =
            arns.filter(|arn| self.listener_attributes.fresh(arn, now, ATTRIBUTES_AGE).is_none()).cloned();
        let stale: Vec<String> = stale.collect();
        for (arn, answer) in for_each(stale, |arn| listener_attributes(aws, arn)).await {
            match answer {
                Ok(attributes) => self.listener_attributes.keep(&arn, now, attributes),
                Err(error) => gaps.add_of(ViewPart::ListenerAttributes, load_balancer_of(&arn), error),
            }
        }
        for listener in load_balancers.into_iter().flat_map(|found| &mut found.listeners) {
            listener.attributes = self.listener_attributes.last(&listener.arn).cloned().unwrap_or_default();
        }
    }

    /// Marks the details of a resource as stale, so that they are read again.
    pub(crate) fn age(&mut self, arn: &str) {
        self.attributes.age(arn);
        self.listeners.age(arn);
        self.listener_attributes.age(arn);
        self.rules.age(arn);
        self.targets.age(arn);
    }

    /// The same for everything.
    pub(crate) fn age_all(&mut self) {
        self.attributes.age_all();
        self.listeners.age_all();
        self.listener_attributes.age_all();
        self.rules.age_all();
        self.targets.age_all();
    }

    /// Forgets the resources that no longer exist.
    pub(crate) fn retain(&mut self, exists: impl Fn(&str) -> bool) {
        self.attributes.retain(&exists);
        self.listeners.retain(&exists);
        self.listener_attributes.retain(|arn| load_balancer_of(arn).is_some_and(|of| exists(&of)));
        self.rules.retain(&exists);
        self.targets.retain(&exists);
    }
}

/// The ARN of a resource, and the answer for it.
type Answer<T> = (String, Result<T, AwsError>);

fn keep<T>(answers: Vec<Answer<T>>, shelf: &mut Shelf<T>, part: ViewPart, gaps: &mut Gaps, now: Timestamp) {
    for (arn, answer) in answers {
        match answer {
            Ok(value) => shelf.keep(&arn, now, value),
            Err(error) => gaps.add_of(part, [arn], error),
        }
    }
}

fn are_healthy(targets: &[Target]) -> bool {
    !targets.is_empty() && targets.iter().all(|target| target.health == TargetHealth::Healthy)
}

async fn load_balancer_attributes(aws: &Aws, arn: String) -> Answer<Vec<Tag>> {
    let request = || aws.elb.describe_load_balancer_attributes().load_balancer_arn(&arn).send();
    let answer = aws.read(&calls::DESCRIBE_LOAD_BALANCER_ATTRIBUTES, request).await;
    let attributes = answer.map(|answer| load_balancers::attributes_from_sdk(answer.attributes()));
    (arn, attributes)
}

async fn listener_attributes(aws: &Aws, arn: String) -> Answer<Vec<Tag>> {
    let request = || aws.elb.describe_listener_attributes().listener_arn(&arn).send();
    let answer = aws.read(&calls::DESCRIBE_LISTENER_ATTRIBUTES, request).await;
    let attributes = answer.map(|answer| listeners::attributes_from_sdk(answer.attributes()));
    (arn, attributes)
}

async fn target_group_attributes(aws: &Aws, arn: String) -> Answer<Vec<Tag>> {
    let request = || aws.elb.describe_target_group_attributes().target_group_arn(&arn).send();
    let answer = aws.read(&calls::DESCRIBE_TARGET_GROUP_ATTRIBUTES, request).await;
    let attributes = answer.map(|answer| target_groups::attributes_from_sdk(answer.attributes()));
    (arn, attributes)
}

/// DescribeTargetHealth returns all targets at once, without pages.
async fn all_targets(aws: &Aws, arn: String) -> Answer<Vec<Target>> {
    let request = || aws.elb.describe_target_health().target_group_arn(&arn).send();
    let answer = aws.read(&calls::DESCRIBE_TARGET_HEALTH, request).await;
    let targets = answer.and_then(|answer| {
        let call = &calls::DESCRIBE_TARGET_HEALTH;
        let found = answer.target_health_descriptions();
        let page = Page::of_named(call, "target's Id", found, target_groups::target_from_sdk, |found| {
            found.target().and_then(|target| target.id())
        });
        let mut targets: Vec<Target> = page.into_list().complete()?;
        targets.sort();
        Ok(targets)
    });
    (arn, targets)
}

/// The listeners of a load balancer, and their rules. If the listeners cannot be read, neither can the rules.
struct ListenersAndRules {
    load_balancer: String,
    listeners: Result<Vec<Listener>, AwsError>,
    rules: Option<Result<RulesOfListeners, AwsError>>,
}

fn apart(read: ListenersAndRules) -> (Answer<Vec<Listener>>, Option<Answer<RulesOfListeners>>) {
    let ListenersAndRules { load_balancer, listeners, rules } = read;
    let rules = rules.map(|rules| (load_balancer.clone(), rules));
    ((load_balancer, listeners), rules)
}

async fn listeners_and_rules(aws: &Aws, load_balancer: String) -> ListenersAndRules {
    let listeners = listeners_of(aws, &load_balancer).await;
    let rules = match &listeners {
        Ok(listeners) => Some(rules_of(aws, listeners).await),
        Err(_) => None,
    };
    ListenersAndRules { load_balancer, listeners, rules }
}

async fn rules_of(aws: &Aws, listeners: &[Listener]) -> Result<RulesOfListeners, AwsError> {
    let mut all = RulesOfListeners::new();
    for listener in listeners {
        all.insert(listener.arn.clone(), rules(aws, &listener.arn).await?);
    }
    Ok(all)
}

async fn listeners_of(aws: &Aws, load_balancer: &str) -> Result<Vec<Listener>, AwsError> {
    let call = &calls::DESCRIBE_LISTENERS;
    let list = pages(call, async |token| {
        let request = || {
            let page = aws.elb.describe_listeners().load_balancer_arn(load_balancer);
            page.set_marker(token.clone()).send()
        };
        let answer = aws.read(call, request).await?;
        let page = Page::of_named(call, "ListenerArn", answer.listeners(), listeners::from_sdk, |found| {
            found.listener_arn()
        });
        Ok(page.before(answer.next_marker))
    });
    let mut listeners: Vec<Listener> = list.await.complete()?;
    listeners.sort_by_key(|listener| listener.port);
    for listener in &mut listeners {
        if matches!(listener.protocol, Protocol::Https | Protocol::Tls) {
            (listener.default_certificate, listener.certificates) = certificates(aws, &listener.arn).await?;
        }
    }
    Ok(listeners)
}

/// The default certificate and the others. AWS lists the default certificate twice if it was also added to the list.
async fn certificates(aws: &Aws, listener: &str) -> Result<(Option<String>, Vec<String>), AwsError> {
    let call = &calls::DESCRIBE_LISTENER_CERTIFICATES;
    let list = pages(call, async |token| {
        let request = || {
            let page = aws.elb.describe_listener_certificates().listener_arn(listener);
            page.set_marker(token.clone()).send()
        };
        let answer = aws.read(call, request).await?;
        let read = |found: &Certificate| {
            Some((found.certificate_arn()?.to_owned(), found.is_default() == Some(true)))
        };
        let page = Page::of_named(call, "CertificateArn", answer.certificates(), read, |found| {
            found.certificate_arn()
        });
        Ok(page.before(answer.next_marker))
    });
    let all: Vec<(String, bool)> = list.await.complete()?;
    let (default, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|(_, is_default)| *is_default);
    let mut others: Vec<String> = others.into_iter().map(|(arn, _)| arn).collect();
    others.sort();
    others.dedup();
    Ok((default.into_iter().map(|(arn, _)| arn).next(), others))
}

async fn rules(aws: &Aws, listener: &str) -> Result<Vec<Rule>, AwsError> {
    let call = &calls::DESCRIBE_RULES;
    let list = pages(call, async |token| {
        let request = || aws.elb.describe_rules().listener_arn(listener).set_marker(token.clone()).send();
        let answer = aws.read(call, request).await?;
        let page = Page::of_named(call, "RuleArn", answer.rules(), listeners::rule_from_sdk, |found| {
            found.rule_arn()
        });
        Ok(page.before(answer.next_marker))
    });
    let mut rules: Vec<Rule> = list.await.complete()?;
    rules.sort_by_key(|rule| rule.priority);
    let arns: Vec<&str> = rules.iter().map(|rule| rule.arn.as_str()).collect();
    let mut tags = resource_tags::of_all(aws, &arns).await?;
    // A rule without an entry was deleted after it was listed.
    rules.retain_mut(|rule| match tags.remove(&rule.arn) {
        Some(of_rule) => {
            rule.tags = of_rule;
            true
        }
        None => false,
    });
    Ok(rules)
}
