//! The turns in which load balancers are read.
//!
//! AWS returns the details of one load balancer at a time. In a large account, reading all of them takes minutes at the rate budget:
//! 100 load balancers with 900 target groups take 2,300 calls, and a quarter of AWS's published rate is 2.5 calls a second. A
//! controller must not wait for all of them before it acts. So each of its observations ends after some seconds:
//!
//! - the load balancers of the objects that changed last are read first, and then the change is made without waiting for others;
//!   otherwise those are read first whose details are the oldest;
//! - for what is left, the last known details count. If they were never read, or something may have changed them since (this
//!   replica has just begun to lead, or it changed the load balancer itself), that part of the load balancer is a gap, and
//!   everything that depends on it waits for the next observation.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use albatross_contract::{LoadBalancer, TargetGroup};

use super::{mentioned::Mentioned, round::Moment};

/// How long an observation of a controller reads tags, and then details. If a quick observation will not do, changes of the cluster
/// wait that long at most, apart from the calls in progress.
const FOR_TAGS: Duration = Duration::from_secs(2);
const FOR_DETAILS: Duration = Duration::from_secs(4);

/// Until when an observation reads. Something is read in any case, so that every observation gets further.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit {
    /// Until when it reads tags.
    pub(crate) tags: Instant,
    /// Until when it reads details.
    pub(crate) details: Instant,
}

impl Limit {
    /// The limit of an observation that begins now.
    pub(crate) fn from(now: Instant) -> Limit {
        Limit { tags: now + FOR_TAGS, details: now + FOR_DETAILS }
    }
}

/// When something is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct When {
    /// The time by which caches are filled and judged.
    pub(crate) now: Moment,
    /// Until when it is read. Absent: until everything is.
    pub(crate) until: Option<Instant>,
}

impl When {
    /// Whether the rest must wait for the next observation.
    pub(crate) fn is_over(&self) -> bool {
        self.until.is_some_and(|until| Instant::now() >= until)
    }
}

/// Load balancers and target groups that are read together.
#[derive(Debug, Default)]
pub(crate) struct Turn<'a> {
    pub(crate) load_balancers: Vec<&'a mut LoadBalancer>,
    pub(crate) target_groups: Vec<&'a mut TargetGroup>,
}

/// A turn for each load balancer with its target groups, and for each target group that none of these load balancers uses.
pub(crate) fn one_by_one<'a>(
    load_balancers: Vec<&'a mut LoadBalancer>,
    target_groups: Vec<&'a mut TargetGroup>,
) -> Vec<Turn<'a>> {
    let arns: BTreeSet<String> = load_balancers.iter().map(|found| found.arn.clone()).collect();
    let mut turns: BTreeMap<String, Turn<'a>> = BTreeMap::new();
    for found in load_balancers {
        turns.entry(found.arn.clone()).or_default().load_balancers.push(found);
    }
    for found in target_groups {
        let user = found.load_balancer_arns.iter().find(|arn| arns.contains(*arn));
        let key = user.unwrap_or(&found.arn).clone();
        turns.entry(key).or_default().target_groups.push(found);
    }
    turns.into_values().collect()
}

/// The ARNs of all load balancers and target groups. Those of the objects that changed last come first, and each target group
/// comes after the load balancer that uses it.
pub(crate) fn in_order<'a>(
    load_balancers: &'a [LoadBalancer],
    target_groups: &'a [TargetGroup],
    mentioned: &Mentioned,
) -> Vec<&'a str> {
    let ranks: BTreeMap<&str, usize> = load_balancers
        .iter()
        .map(|found| (found.arn.as_str(), mentioned.rank(found).unwrap_or(usize::MAX)))
        .collect();
    let of_user = |arn: &'a String| Some((*ranks.get(arn.as_str())?, arn.as_str()));
    let mut order: Vec<((usize, &str), Option<&str>)> =
        ranks.iter().map(|(arn, rank)| ((*rank, *arn), None)).collect();
    order.extend(target_groups.iter().map(|found| {
        let users = found.load_balancer_arns.iter().filter_map(of_user);
        (users.min().unwrap_or((usize::MAX, "")), Some(found.arn.as_str()))
    }));
    order.sort_unstable();
    order
        .into_iter()
        .map(|((_, load_balancer), target_group)| target_group.unwrap_or(load_balancer))
        .collect()
}

#[cfg(test)]
mod tests {
    use albatross_contract::{Cluster, IngressAddress, ObjectName, Settings, SourceObject};
    use albatross_stories::ingress;

    use super::*;

    fn load_balancer(name: &str) -> LoadBalancer {
        let dns_name = format!("{name}.elb.amazonaws.com");
        LoadBalancer { arn: name.to_owned(), dns_name, ..LoadBalancer::default() }
    }

    fn target_group(arn: &str, users: &[&str]) -> TargetGroup {
        let load_balancer_arns = users.iter().map(|arn| (*arn).to_owned()).collect();
        TargetGroup { arn: arn.to_owned(), load_balancer_arns, ..TargetGroup::default() }
    }

    #[test]
    fn what_changed_last_is_read_first_and_target_groups_come_after_their_load_balancer() {
        let published = |name: &str, on: &str| {
            let mut ingress = ingress(name, &[]);
            let hostname = Some(format!("{on}.elb.amazonaws.com"));
            ingress.status = vec![IngressAddress { hostname, ip: None }];
            ingress
        };
        let ingresses = vec![published("shop", "c"), published("wiki", "b"), published("blog", "a")];
        let cluster = Cluster { ingresses, ..Cluster::default() };
        let changed = [0, 1].map(|index| ObjectName::of(SourceObject::Ingress(&cluster.ingresses[index])));
        let mentioned = Mentioned::by(&cluster, &Settings::default()).attending_to(&cluster, &changed);
        let load_balancers = ["a", "b", "c"].map(load_balancer);
        let target_groups = [
            target_group("of-a", &["a"]),
            target_group("of-c", &["c"]),
            target_group("unused", &[]),
            target_group("of-both", &["a", "c"]),
        ];
        let order = in_order(&load_balancers, &target_groups, &mentioned);
        assert_eq!(order, ["c", "of-both", "of-c", "b", "unused", "a", "of-a"]);
    }

    #[test]
    fn a_load_balancer_is_read_with_its_target_groups() {
        let mut load_balancers = ["a", "b"].map(load_balancer);
        let mut target_groups = [
            target_group("of-b", &["b"]),
            target_group("unused", &[]),
            target_group("also-of-b", &["x", "b"]),
        ];
        let turns = one_by_one(load_balancers.iter_mut().collect(), target_groups.iter_mut().collect());
        let arns: Vec<Vec<&str>> = turns
            .iter()
            .map(|turn| {
                let balancers = turn.load_balancers.iter().map(|found| found.arn.as_str());
                balancers.chain(turn.target_groups.iter().map(|found| found.arn.as_str())).collect()
            })
            .collect();
        assert_eq!(arns, [vec!["a"], vec!["b", "of-b", "also-of-b"], vec!["unused"]]);
    }
}
