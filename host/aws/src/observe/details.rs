//! Details of our own load balancers and target groups, which AWS returns only one resource at a time.

use std::{collections::BTreeSet, future::Future};

use albatross_contract::{
    Listener, LoadBalancer, Protocol, Tag, Target, TargetGroup, TargetHealth, Timestamp, ViewPart,
};

use aws_sdk_elasticloadbalancingv2::types::Certificate;

use super::{
    each,
    gaps::Gaps,
    kept::Shelf,
    load_balancer_of,
    mentioned::Mentioned,
    round::Moment,
    rules::{Listeners, Rules},
    turns::{Turn, When, one_by_one},
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

/// The time by which caches are judged, and how long the health of targets is cached, in seconds.
#[derive(Clone, Copy)]
struct Ages {
    now: Moment,
    of_health: u64,
}

/// The cached details, by the ARN of the load balancer or target group.
#[derive(Debug, Default)]
pub(crate) struct Details {
    attributes: Shelf<Vec<Tag>>,
    /// Without rules.
    listeners: Shelf<Vec<Listener>>,
    /// By the ARN of the listener.
    listener_attributes: Shelf<Vec<Tag>>,
    rules: Rules,
    targets: Shelf<Health>,
}

/// The targets of a target group with their health.
#[derive(Debug)]
struct Health {
    targets: Vec<Target>,
    /// Whether a load balancer used the target group then. As long as none does, AWS checks no target, which says nothing once one
    /// does.
    was_used: bool,
}

impl Details {
    /// Fills in the details, as far as there is time. Where they cannot be read, the last known details are used, and that part
    /// of the load balancer or target group is recorded as a gap. Returns whether something is left to be read in one of the
    /// next observations.
    pub(crate) async fn read(
        &mut self,
        aws: &Aws,
        all: Turn<'_>,
        mentioned: &Mentioned,
        gaps: &mut Gaps,
        when: When,
    ) -> bool {
        let ages = Ages { now: when.now, of_health: health_age(all.target_groups.len()) };
        if when.until.is_none() {
            self.read_turn(aws, all, gaps, ages).await;
            return false;
        }
        let turns = one_by_one(all.load_balancers, all.target_groups).into_iter().map(|turn| {
            let ranks = turn.load_balancers.iter().filter_map(|found| mentioned.rank(found));
            (ranks.min().unwrap_or(usize::MAX), self.oldest(&turn), turn)
        });
        let mut turns: Vec<(usize, Timestamp, Turn<'_>)> = turns.collect();
        turns.sort_by_key(|(rank, oldest, _)| (*rank, *oldest));
        let (mut something_is_read, mut a_change_waits, mut something_is_left) = (false, false, false);
        for (rank, _, turn) in turns {
            let concerns_a_change = rank < usize::MAX;
            if self.is_fresh(&turn, ages) {
                self.fill_in(turn);
            } else if something_is_read && (when.is_over() || (a_change_waits && !concerns_a_change)) {
                something_is_left = true;
                self.postpone(&turn, gaps);
                self.fill_in(turn);
            } else {
                (something_is_read, a_change_waits) = (true, a_change_waits || concerns_a_change);
                self.read_turn(aws, turn, gaps, ages).await;
            }
        }
        something_is_left
    }

    /// Reads what is stale of these load balancers and target groups, and fills it in. Each detail is kept when it arrives,
    /// the rules of a load balancer when all have.
    async fn read_turn(&mut self, aws: &Aws, turn: Turn<'_>, gaps: &mut Gaps, ages: Ages) {
        let now = ages.now;
        let balancers: Vec<String> = turn.load_balancers.iter().map(|found| found.arn.clone()).collect();
        let groups = turn.target_groups.iter().map(|found| &found.arn);
        let is_without_attributes = |arn: &&String| !self.has_attributes(arn, ages);
        let balancers_without = balancers.iter().filter(is_without_attributes).cloned().collect();
        let groups_without = groups.filter(is_without_attributes).cloned().collect();
        let unchecked = turn.target_groups.iter().filter(|group| !self.is_checked(group, ages));
        let unchecked = unchecked.map(|group| group.arn.clone()).collect();
        let used = turn.target_groups.iter().filter(|group| is_used(group));
        let used: BTreeSet<String> = used.map(|group| group.arn.clone()).collect();
        let health = async |arn: String| {
            let was_used = used.contains(&arn);
            let (arn, targets) = all_targets(aws, arn).await;
            (arn, targets.map(|targets| Health { targets, was_used }))
        };
        let Details { attributes, listeners, rules, targets, .. } = self;
        let attributes = async {
            let of_balancers = |arn| load_balancer_attributes(aws, arn);
            let of_groups = |arn| target_group_attributes(aws, arn);
            let mut gaps =
                keep(attributes, ViewPart::LoadBalancers, balancers_without, of_balancers, now).await;
            gaps.add_all(keep(attributes, ViewPart::TargetGroups, groups_without, of_groups, now).await);
            gaps
        };
        let (of_attributes, of_listeners, of_targets) = tokio::join!(
            attributes,
            listeners_and_rules(aws, listeners, rules, &balancers, now),
            keep(targets, ViewPart::TargetHealth, unchecked, health, now),
        );
        for missing in [of_attributes, of_listeners, of_targets] {
            gaps.add_all(missing);
        }
        self.fill_in(turn);
    }

    /// Fills in the last known details.
    fn fill_in(&self, turn: Turn<'_>) {
        for found in turn.load_balancers {
            found.attributes = self.attributes.last(&found.arn).cloned().unwrap_or_default();
            found.listeners = self.listeners.last(&found.arn).cloned().unwrap_or_default();
            for listener in &mut found.listeners {
                listener.rules = self.rules.of(&found.arn, &listener.arn);
            }
        }
        for found in turn.target_groups {
            found.attributes = self.attributes.last(&found.arn).cloned().unwrap_or_default();
            found.targets =
                self.targets.last(&found.arn).map(|health| health.targets.clone()).unwrap_or_default();
        }
    }

    /// Records as gaps the details that nothing is known about, or that something may have changed since they were read. Others
    /// are only a little old.
    fn postpone(&self, turn: &Turn<'_>, gaps: &mut Gaps) {
        for (part, arn, read_at) in self.read_at(turn) {
            if read_at == 0 {
                gaps.postpone(part, arn);
            }
        }
    }

    /// When the oldest of these details was read. 0: never, or something may have changed it since.
    fn oldest(&self, turn: &Turn<'_>) -> Timestamp {
        self.read_at(turn).map(|(_, _, at)| at).min().unwrap_or_default()
    }

    /// When each of these details was read.
    fn read_at<'t>(&self, turn: &'t Turn<'_>) -> impl Iterator<Item = (ViewPart, &'t str, Timestamp)> {
        let balancers = turn.load_balancers.iter().map(|found| found.arn.as_str());
        let of_balancers = balancers.flat_map(|arn| {
            [
                (ViewPart::LoadBalancers, arn, self.attributes.read_at(arn)),
                (ViewPart::Listeners, arn, self.listeners.read_at(arn)),
                (ViewPart::Rules, arn, self.rules.read_at(arn)),
            ]
        });
        let groups = turn.target_groups.iter().map(|found| found.arn.as_str());
        let of_groups = groups.flat_map(|arn| {
            [
                (ViewPart::TargetGroups, arn, self.attributes.read_at(arn)),
                (ViewPart::TargetHealth, arn, self.targets.read_at(arn)),
            ]
        });
        of_balancers.chain(of_groups)
    }

    /// Whether nothing of these details is to be read now.
    fn is_fresh(&self, turn: &Turn<'_>, ages: Ages) -> bool {
        let of_balancer = |arn: &String| {
            let listeners = self.listeners.fresh(arn, ages.now, LISTENERS_AGE);
            let listeners = listeners.map(|listeners| Listeners::of(arn, listeners));
            self.has_attributes(arn, ages) && listeners.is_some_and(|it| self.rules.are_fresh(&it, ages.now))
        };
        turn.load_balancers.iter().all(|found| of_balancer(&found.arn))
            && turn
                .target_groups
                .iter()
                .all(|found| self.has_attributes(&found.arn, ages) && self.is_checked(found, ages))
    }

    fn has_attributes(&self, arn: &str, ages: Ages) -> bool {
        self.attributes.fresh(arn, ages.now, ATTRIBUTES_AGE).is_some()
    }

    /// Whether the health of the targets is to be read again only later.
    fn is_checked(&self, group: &TargetGroup, ages: Ages) -> bool {
        let is_good = |health: &Health| match ages.now.is_quick {
            true => health.was_used == is_used(group),
            false => is_used(group) && are_healthy(&health.targets),
        };
        self.targets.fresh(&group.arn, ages.now, ages.of_health).is_some_and(is_good)
    }

    /// Fills in the attributes of the listeners of some load balancers. AWS returns them only one listener at a time, so they
    /// are read only where an Ingress asks for some.
    pub(crate) async fn read_listener_attributes(
        &mut self,
        aws: &Aws,
        load_balancers: Vec<&mut LoadBalancer>,
        gaps: &mut Gaps,
        now: Moment,
    ) {
        let arns = load_balancers.iter().flat_map(|found| &found.listeners).map(|listener| &listener.arn);
        let stale =
            arns.filter(|arn| self.listener_attributes.fresh(arn, now, ATTRIBUTES_AGE).is_none()).cloned();
        let stale: Vec<String> = stale.collect();
        let shelf = &mut self.listener_attributes;
        let take = |(arn, answer): Answer<Vec<Tag>>| match answer {
            Ok(attributes) => shelf.keep(&arn, now, attributes),
            Err(error) => gaps.add_of(ViewPart::ListenerAttributes, load_balancer_of(&arn), error),
        };
        each(stale, |arn| listener_attributes(aws, arn), take).await;
        for listener in load_balancers.into_iter().flat_map(|found| &mut found.listeners) {
            listener.attributes = self.listener_attributes.last(&listener.arn).cloned().unwrap_or_default();
        }
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

/// Asks for a detail of some resources, and keeps each answer when it arrives. Returns what is missing.
async fn keep<T, F>(
    shelf: &mut Shelf<T>,
    part: ViewPart,
    arns: Vec<String>,
    ask: impl Fn(String) -> F,
    now: Moment,
) -> Gaps
where
    F: Future<Output = Answer<T>>,
{
    let mut gaps = Gaps::default();
    let take = |(arn, answer): Answer<T>| match answer {
        Ok(value) => shelf.keep(&arn, now, value),
        Err(error) => gaps.add_of(part, [arn], error),
    };
    each(arns, ask, take).await;
    gaps
}

/// Reads listeners and rules that are not cached. If the listeners of a load balancer cannot be read, its rules are not read
/// either.
async fn listeners_and_rules(
    aws: &Aws,
    listeners: &mut Shelf<Vec<Listener>>,
    rules: &mut Rules,
    balancers: &[String],
    now: Moment,
) -> Gaps {
    let is_stale = |arn: &&String| listeners.fresh(arn, now, LISTENERS_AGE).is_none();
    let stale = balancers.iter().filter(is_stale).cloned().collect();
    let mut gaps = keep(listeners, ViewPart::Listeners, stale, |arn| listeners_of(aws, arn), now).await;
    let is_known = |arn: &&String| !gaps.has_of(ViewPart::Listeners, arn);
    let known = balancers
        .iter()
        .filter(is_known)
        .filter_map(|load_balancer| Some(Listeners::of(load_balancer, listeners.last(load_balancer)?)));
    let read = rules.read(aws, known.collect(), now).await;
    rules.take(aws, read, &mut gaps, now);
    gaps
}

/// How long the health of targets that are all healthy is cached, with this number of target groups.
fn health_age(target_groups: usize) -> u64 {
    let target_groups = u64::try_from(target_groups).unwrap_or(u64::MAX);
    (target_groups.div_ceil(HEALTH_READS_A_MINUTE).saturating_mul(60))
        .clamp(SHORTEST_HEALTH_AGE, LONGEST_HEALTH_AGE)
}

fn is_used(group: &TargetGroup) -> bool {
    !group.load_balancer_arns.is_empty()
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

    #[test]
    fn a_quick_observation_takes_old_health_but_not_that_of_a_target_group_that_was_not_used_then() {
        let is_checked = |health: TargetHealth, (was_used, is_used): (bool, bool), is_quick: bool| {
            let targets = vec![Target { health, ..Target::default() }];
            let now = Moment { at: 1_795_253_400, is_quick };
            let mut details = Details::default();
            details.targets.keep("group", now, Health { targets, was_used });
            let load_balancer_arns = is_used.then(|| "load-balancer".to_owned()).into_iter().collect();
            let group = TargetGroup { arn: "group".to_owned(), load_balancer_arns, ..TargetGroup::default() };
            details.is_checked(&group, Ages { now, of_health: 60 })
        };
        for (health, used, quick, full) in [
            (TargetHealth::Healthy, (true, true), true, true),
            (TargetHealth::Initial, (true, true), true, false),
            (TargetHealth::Unused, (true, true), true, false), // Its zone is not enabled.
            (TargetHealth::Unused, (false, true), false, false),
            (TargetHealth::Unused, (false, false), true, false),
        ] {
            assert_eq!(is_checked(health, used, true), quick, "{health:?}, was and is used: {used:?}, quick");
            assert_eq!(is_checked(health, used, false), full, "{health:?}, was and is used: {used:?}");
        }
    }
}
