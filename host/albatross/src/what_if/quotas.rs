//! How much of each quota of AWS is used, before and after a change.

use std::{cmp::Ordering, collections::BTreeMap};

use albatross_contract::{
    DesiredLoadBalancer, InstanceState, LoadBalancerKind, Operation, Plan, ResourceReference, Snapshot,
    Subnet,
};
use serde::Serialize;

use super::amounts::{of_target_group, rules, targets};
use crate::comparison::{load_balancers_of_kind, stays};

/// How much of a quota the resource that has the most of it uses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Quota {
    /// The resource: a load balancer, a target group, an Auto Scaling Group, a subnet, or the region.
    pub resource: String,
    /// How much of it is used.
    pub used: usize,
    /// How much AWS allows.
    pub limit: usize,
}

impl Quota {
    /// How much is used, in thousandths of the limit.
    pub fn share(&self) -> usize {
        self.used.saturating_mul(1_000).checked_div(self.limit).unwrap_or(1_000)
    }
}

/// A quota before and after a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct QuotaChange {
    /// What it limits.
    pub quota: &'static str,
    /// Before the change. Absent: nothing used it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Quota>,
    /// After the change.
    pub after: Quota,
}

impl QuotaChange {
    /// Whether nothing is left after the change.
    pub fn is_hit(&self) -> bool {
        self.after.used >= self.after.limit
    }

    /// How much is used after the change, in thousandths of the limit.
    fn share(&self) -> usize {
        self.after.share()
    }

    /// The part of the change after which nothing is left, in millionths, if use grows evenly.
    fn moment(&self) -> usize {
        let before = self.before.as_ref().map_or(0, |quota| quota.used);
        let left = self.after.limit.saturating_sub(before);
        let grown = self.after.used.saturating_sub(before);
        left.saturating_mul(1_000_000).checked_div(grown).unwrap_or_default()
    }
}

/// The quotas that something uses after a change, before and after it.
pub fn quota_changes(before: (&Snapshot, &Plan), after: (&Snapshot, &Plan)) -> Vec<QuotaChange> {
    let mut old: BTreeMap<&'static str, Vec<Quota>> = quotas(before.0, before.1).into_iter().collect();
    let change = |(quota, all): (&'static str, Vec<Quota>)| {
        let after = fullest(all).filter(|after| after.used > 0)?;
        let before = old.remove(quota).unwrap_or_default();
        // The same resource, or else the one that used most.
        let same = before.iter().find(|it| it.resource == after.resource).cloned();
        Some(QuotaChange { quota, before: same.or_else(|| fullest(before)), after })
    };
    quotas(after.0, after.1).into_iter().filter_map(change).collect()
}

/// The quotas that something uses once a plan is executed, each for the resource that uses the largest share.
pub fn used_quotas(snapshot: &Snapshot, plan: &Plan) -> Vec<(&'static str, Quota)> {
    let all = quotas(snapshot, plan).into_iter();
    all.filter_map(|(name, all)| Some((name, fullest(all).filter(|it| it.used > 0)?))).collect()
}

/// The name of a quota for programs, such as `certificates-on-a-load-balancer`.
pub fn identifier(quota: &str) -> String {
    quota.to_lowercase().replace(' ', "-")
}

/// The thousandths of a quota from which on the planner may find no room: it keeps a part of some quotas free.
const FULL: usize = 800;

/// The quota of which nothing is left first as the change grows. If Ingresses find no room and something is left of each quota, the
/// nearest one is hit, if it is nearly full. `None`: no quota is hit.
pub fn first_hit(changes: &[QuotaChange], some_find_no_room: bool) -> Option<&QuotaChange> {
    let hit = changes.iter().filter(|change| change.is_hit()).min_by_key(|change| change.moment());
    hit.or_else(|| nearest(changes).filter(|it| some_find_no_room && it.share() >= FULL))
}

/// The quota of which the largest share is used after the change.
pub fn nearest(changes: &[QuotaChange]) -> Option<&QuotaChange> {
    changes.iter().max_by(|one, other| match one.share().cmp(&other.share()) {
        // Of two that are equally near the first one.
        Ordering::Equal => Ordering::Greater,
        different => different,
    })
}

/// Each quota with the resources that use it.
fn quotas(snapshot: &Snapshot, plan: &Plan) -> Vec<(&'static str, Vec<Quota>)> {
    let limits = &snapshot.inventory.quotas;
    let region = |used: usize, limit: u32| vec![quota(&snapshot.inventory.region, used, limit)];
    let all: Vec<&DesiredLoadBalancer> = plan.load_balancers.iter().filter(|found| stays(found)).collect();
    let kind = |kind: LoadBalancerKind| all.iter().copied().filter(move |found| found.kind == kind);
    let application = || kind(LoadBalancerKind::Application);
    let network = || kind(LoadBalancerKind::Network);
    let used = |kind| load_balancers_of_kind(snapshot, plan, kind);
    let of = |found: &DesiredLoadBalancer, used: usize, limit: u32| quota(&found.name, used, limit);
    let groups = all.iter().flat_map(|found| &found.target_groups);
    vec![
        (
            "Application Load Balancers in the region",
            region(used(LoadBalancerKind::Application), limits.load_balancers),
        ),
        (
            "Network Load Balancers in the region",
            region(used(LoadBalancerKind::Network), limits.network_load_balancers),
        ),
        (
            "certificates on a load balancer",
            all.iter().map(|it| of(it, it.certificates.len(), it.certificate_limit)).collect(),
        ),
        (
            "rules on an Application Load Balancer",
            application().map(|it| of(it, rules(it), limits.rules_per_load_balancer)).collect(),
        ),
        (
            "listeners on an Application Load Balancer",
            application().map(|it| of(it, it.listeners.len(), limits.listeners_per_load_balancer)).collect(),
        ),
        (
            "target groups on an Application Load Balancer",
            application()
                .map(|it| of(it, it.target_groups.len(), limits.target_groups_per_load_balancer))
                .collect(),
        ),
        (
            "targets of an Application Load Balancer",
            application().map(|it| of(it, targets(it), limits.targets_per_load_balancer)).collect(),
        ),
        (
            "targets of a Network Load Balancer",
            network().map(|it| of(it, targets(it), limits.targets_per_network_load_balancer)).collect(),
        ),
        (
            "targets of a Network Load Balancer in a zone",
            network().filter_map(|it| fullest_zone(it, snapshot)).collect(),
        ),
        (
            "targets of a target group",
            groups.map(|it| quota(&it.name, of_target_group(it), limits.targets_per_target_group)).collect(),
        ),
        ("target groups in the region", region(target_groups(snapshot, plan), limits.target_groups)),
        ("target groups on an Auto Scaling Group", scaling_groups(snapshot, plan)),
        ("addresses in a subnet", addresses(snapshot)),
    ]
}

fn quota(resource: &str, used: usize, limit: u32) -> Quota {
    Quota { resource: resource.to_owned(), used, limit: usize::try_from(limit).unwrap_or(usize::MAX) }
}

/// The first of those that use the largest share.
fn fullest(all: Vec<Quota>) -> Option<Quota> {
    let share = |it: &Quota| it.used.saturating_mul(1_000_000).checked_div(it.limit).unwrap_or(usize::MAX);
    all.into_iter().reduce(|most, next| if share(&next) > share(&most) { next } else { most })
}

/// The targets of a Network Load Balancer in the zone with the most of them.
fn fullest_zone(load_balancer: &DesiredLoadBalancer, snapshot: &Snapshot) -> Option<Quota> {
    let inventory = &snapshot.inventory;
    let zones: BTreeMap<&str, &str> =
        inventory.instances.iter().map(|it| (it.id.as_str(), it.zone.as_str())).collect();
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    for group in &load_balancer.target_groups {
        let scaling = inventory.auto_scaling_groups.iter();
        let attached = scaling.filter(|it| group.auto_scaling_groups.contains(&it.name));
        let instances = attached.flat_map(|it| &it.instances).chain(&group.targets);
        for zone in instances.filter_map(|id| zones.get(id.as_str())) {
            *numbers.entry(zone).or_default() += 1;
        }
    }
    let (zone, number) = numbers.into_iter().max_by_key(|(_, number)| *number)?;
    let limit = inventory.quotas.targets_per_zone_per_network_load_balancer;
    Some(quota(&format!("{} in {zone}", load_balancer.name), number, limit))
}

/// Target groups in the region once the plan is executed, including those of others.
fn target_groups(snapshot: &Snapshot, plan: &Plan) -> usize {
    let number = |is_one: fn(&Operation) -> bool| {
        plan.actions.iter().filter(|action| is_one(&action.operation)).count()
    };
    let created = number(|it| matches!(it, Operation::CreateTargetGroup(_)));
    let deleted = number(|it| matches!(it, Operation::DeleteTargetGroup(_)));
    (snapshot.inventory.target_groups.len() + created).saturating_sub(deleted)
}

/// How many target groups are attached to each Auto Scaling Group, including those of others.
fn scaling_groups(snapshot: &Snapshot, plan: &Plan) -> Vec<Quota> {
    let inventory = &snapshot.inventory;
    let mut numbers: BTreeMap<&str, (usize, usize)> = inventory
        .auto_scaling_groups
        .iter()
        .map(|it| (it.name.as_str(), (it.target_groups.len(), 0)))
        .collect();
    for action in &plan.actions {
        match &action.operation {
            Operation::AttachTargetGroup(change) => {
                numbers.entry(&change.auto_scaling_group).or_default().0 += 1;
            }
            Operation::DetachTargetGroup(change) => {
                numbers.entry(&change.auto_scaling_group).or_default().1 += 1;
            }
            Operation::DeleteTargetGroup(ResourceReference::Existing(arn)) => {
                let groups = inventory.auto_scaling_groups.iter();
                for group in groups.filter(|it| it.target_groups.contains(arn)) {
                    numbers.entry(&group.name).or_default().1 += 1;
                }
            }
            _ => {}
        }
    }
    let limit = inventory.quotas.target_groups_per_auto_scaling_group;
    let quotas =
        numbers.into_iter().map(|(name, (more, less))| quota(name, more.saturating_sub(less), limit));
    quotas.collect()
}

/// How many IPv4 addresses of each subnet are taken, and how many nodes found none.
fn addresses(snapshot: &Snapshot) -> Vec<Quota> {
    let mut without: BTreeMap<&str, usize> = BTreeMap::new();
    let running = snapshot.inventory.instances.iter().filter(|it| it.state == InstanceState::Running);
    for subnet in running.filter(|it| it.private_ip.is_none()).filter_map(|it| it.subnet_id.as_deref()) {
        *without.entry(subnet).or_default() += 1;
    }
    let quota = |subnet: &Subnet| {
        let taken = taken_addresses(subnet)?;
        let more = without.get(subnet.id.as_str()).copied().unwrap_or_default();
        Some(Quota { used: taken.used + more, ..taken })
    };
    snapshot.inventory.subnets.iter().filter_map(quota).collect()
}

/// How many IPv4 addresses of a subnet are taken. AWS reserves five.
fn taken_addresses(subnet: &Subnet) -> Option<Quota> {
    let (_, bits) = subnet.cidr_block.as_deref()?.split_once('/')?;
    let size = 1_u32.checked_shl(32_u32.checked_sub(bits.parse().ok()?)?)?.checked_sub(5)?;
    let used = size.checked_sub(subnet.free_addresses)?;
    Some(quota(&subnet.id, usize::try_from(used).ok()?, size))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(quota: &'static str, before: usize, after: usize, limit: usize) -> QuotaChange {
        let of = |used| Quota { resource: "lb".to_owned(), used, limit };
        QuotaChange { quota, before: Some(of(before)), after: of(after) }
    }

    #[test]
    fn the_quota_that_is_used_up_by_the_smallest_part_of_the_change_is_hit_first() {
        let changes = [
            change("far", 10, 90, 100),
            change("late", 0, 100, 95),
            change("early", 90, 190, 100),
            change("later", 10, 110, 100),
        ];
        assert_eq!(first_hit(&changes, false).map(|it| it.quota), Some("early"));
        assert_eq!(first_hit(&changes[..1], false), None);
        assert_eq!(first_hit(&changes[..1], true).map(|it| it.quota), Some("far"));
        assert_eq!(nearest(&changes[..1]).map(|it| it.quota), Some("far"));
    }

    #[test]
    fn a_quota_that_was_used_up_before_is_hit_first() {
        let changes = [change("grown", 0, 50, 50), change("full", 25, 25, 25)];
        assert_eq!(first_hit(&changes, false).map(|it| it.quota), Some("full"));
    }
}
