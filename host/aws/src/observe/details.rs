//! Details of our own load balancers and target groups, which AWS returns only one resource at a time.

use std::collections::BTreeMap;

use albatross_contract::{
    Listener, LoadBalancer, Protocol, Tag, Target, TargetGroup, TargetHealth, Timestamp, ViewPart,
};

use aws_sdk_elasticloadbalancingv2::types::Certificate;

use super::{
    for_each,
    gaps::Gaps,
    kept::Shelf,
    load_balancer_of,
    rules::{Listeners, ReadRules, Rules},
};
use crate::{
    calling::{Page, pages},
    calls,
    changed::Detail,
    clients::Aws,
    convert::{listeners, load_balancers, target_groups},
    error::AwsError,
};

/// Seconds after which these details are read again, to find what others changed. What we change is read again at once.
const ATTRIBUTES_AGE: u64 = 600;
const LISTENERS_AGE: u64 = 300;
/// The same for targets that are all healthy, depending on the number of target groups, so that not more than some are read
/// in a minute. While a target is not healthy, or while no load balancer uses the target group, so that AWS does not check
/// its targets, health is read in every pass.
const SHORTEST_HEALTH_AGE: u64 = 60;
const LONGEST_HEALTH_AGE: u64 = 300;
const HEALTH_READS_A_MINUTE: u64 = 40;

/// The cached details, by the ARN of the load balancer or target group.
#[derive(Debug, Default)]
pub(crate) struct Details {
    attributes: Shelf<Vec<Tag>>,
    /// Without rules.
    listeners: Shelf<Vec<Listener>>,
    /// By the ARN of the listener.
    listener_attributes: Shelf<Vec<Tag>>,
    rules: Rules,
    targets: Shelf<Vec<Target>>,
}

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
        let health_age = health_age(groups.len());
        let is_checked = |group: &&mut TargetGroup| {
            let targets = self.targets.fresh(&group.arn, now, health_age);
            !group.load_balancer_arns.is_empty() && targets.is_some_and(|targets| are_healthy(targets))
        };
        let unchecked = target_groups.iter().filter(|group| !is_checked(group));
        let unchecked: Vec<String> = unchecked.map(|group| group.arn.clone()).collect();
        let (balancer_attributes, group_attributes, (listeners, rules), targets) = tokio::join!(
            for_each(stale(&balancers, &has_attributes), |arn| load_balancer_attributes(aws, arn)),
            for_each(stale(&groups, &has_attributes), |arn| target_group_attributes(aws, arn)),
            self.listeners_and_rules(aws, &balancers, now),
            for_each(unchecked, |arn| all_targets(aws, arn)),
        );
        keep(balancer_attributes, &mut self.attributes, ViewPart::LoadBalancers, gaps, now);
        keep(group_attributes, &mut self.attributes, ViewPart::TargetGroups, gaps, now);
        keep(listeners, &mut self.listeners, ViewPart::Listeners, gaps, now);
        self.rules.take(aws, rules, gaps, now);
        keep(targets, &mut self.targets, ViewPart::TargetHealth, gaps, now);
        for found in load_balancers {
            found.attributes = self.attributes.last(&found.arn).cloned().unwrap_or_default();
            found.listeners = self.listeners.last(&found.arn).cloned().unwrap_or_default();
            for listener in &mut found.listeners {
                listener.rules = self.rules.of(&found.arn, &listener.arn);
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

    /// Reads listeners and rules that are not cached. If the listeners of a load balancer cannot be read, its rules are not
    /// read either.
    async fn listeners_and_rules(
        &self,
        aws: &Aws,
        balancers: &[String],
        now: Timestamp,
    ) -> (Vec<Answer<Vec<Listener>>>, ReadRules) {
        let is_stale = |arn: &&String| self.listeners.fresh(arn, now, LISTENERS_AGE).is_none();
        let read = for_each(balancers.iter().filter(is_stale).cloned(), |arn| listeners_of(aws, arn)).await;
        let answers: BTreeMap<&str, &Result<_, _>> =
            read.iter().map(|(arn, answer)| (arn.as_str(), answer)).collect();
        let known = |load_balancer: &String| {
            let listeners = match answers.get(load_balancer.as_str()) {
                Some(answer) => answer.as_ref().ok(),
                None => self.listeners.last(load_balancer),
            };
            let arns = listeners?.iter().map(|listener| listener.arn.clone()).collect();
            Some(Listeners { load_balancer: load_balancer.clone(), arns })
        };
        let rules = self.rules.read(aws, balancers.iter().filter_map(known).collect(), now).await;
        (read, rules)
    }

    /// Marks a detail of a resource as stale, so that it is read again.
    pub(crate) fn age(&mut self, arn: &str, detail: Detail) {
        match detail {
            Detail::Tags | Detail::WebAcl => {}
            Detail::Attributes => self.attributes.age(arn),
            Detail::Listeners => self.listeners.age(arn),
            Detail::Rules => self.rules.age(arn),
            Detail::Targets => self.targets.age(arn),
            Detail::ListenerAttributes => self.listener_attributes.age(arn),
        }
    }

    /// Marks the tags of a rule as stale.
    pub(crate) fn age_rule_tags(&mut self, rule: &str) {
        self.rules.age_tags(rule);
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

/// How long the health of targets that are all healthy is cached, with this number of target groups.
fn health_age(target_groups: usize) -> u64 {
    let target_groups = u64::try_from(target_groups).unwrap_or(u64::MAX);
    (target_groups.div_ceil(HEALTH_READS_A_MINUTE).saturating_mul(60))
        .clamp(SHORTEST_HEALTH_AGE, LONGEST_HEALTH_AGE)
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

async fn listeners_of(aws: &Aws, load_balancer: String) -> Answer<Vec<Listener>> {
    let listeners = all_listeners(aws, &load_balancer).await;
    (load_balancer, listeners)
}

async fn all_listeners(aws: &Aws, load_balancer: &str) -> Result<Vec<Listener>, AwsError> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_health_of_many_target_groups_is_read_less_often() {
        let ages = [0, 1, 40, 41, 200, 4_000].map(health_age);
        assert_eq!(ages, [60, 60, 60, 120, 300, 300]);
    }
}
