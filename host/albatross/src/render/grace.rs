//! Load balancers in their grace period: no Ingress needs them, and they are not deleted yet.

use albatross_contract::{
    DesiredLoadBalancer, IncompletePart, LoadBalancerFate, Plan, Snapshot, TAG_UNNEEDED, Timestamp,
};

use super::{
    columns::{Row, Sign},
    time::{length, moment},
};

/// A row for each: since when it is unneeded, and when it is deleted. A load balancer that an action of this plan
/// marks as unneeded is left out: it has a section with its changes.
pub fn graces(snapshot: &Snapshot, plan: &Plan) -> Vec<Row> {
    let unneeded = plan.load_balancers.iter().filter(|found| found.fate == LoadBalancerFate::Unneeded);
    let row = |found: &DesiredLoadBalancer| {
        let since = unneeded_since(found, snapshot)?;
        Some(Row::signed(0, Sign::Note, found.name.as_str(), sentence(since, snapshot)))
    };
    unneeded.filter_map(row).collect()
}

/// The time in the tag that marks the load balancer as unneeded in AWS.
fn unneeded_since(load_balancer: &DesiredLoadBalancer, snapshot: &Snapshot) -> Option<Timestamp> {
    let arn = load_balancer.arn.as_ref()?;
    let found = snapshot.inventory.load_balancers.iter().find(|found| found.arn == *arn)?;
    found.tags.iter().find(|tag| tag.key == TAG_UNNEEDED)?.value.parse().ok()
}

fn sentence(since: Timestamp, snapshot: &Snapshot) -> String {
    // Manifests do not contain everything.
    let is_left_out = |gap: &IncompletePart| !gap.is_fault();
    let is_kept = snapshot.cluster.incomplete.iter().any(is_left_out) && !snapshot.settings.allowances.prune;
    let left = match since.checked_add(snapshot.settings.load_balancer_grace()) {
        _ if is_kept => "is deleted only with --prune".to_owned(),
        None => "stays, since the grace period has no end".to_owned(),
        // Only an incomplete view keeps it after its grace period.
        Some(end) if end <= snapshot.time => "is deleted once everything can be read".to_owned(),
        Some(end) => format!("is deleted in {}", length(end - snapshot.time)),
    };
    format!("unneeded since {}, {left}", moment(since))
}
