//! Zones of Network Load Balancers: when a subnet is removed, AWS sends the targets in its zone nothing more, not even across
//! zones (Network Load Balancers user guide, "Update the Availability Zones").

use std::collections::BTreeSet;

use albatross_contract::{LoadBalancerKind, Operation, SetSubnets, TargetHealth};

use crate::{
    facts::{Facts, operations::forwards, zones::zone_of},
    violation::{Findings, Rule},
};

pub(crate) fn check(facts: &Facts<'_>, found: &mut Findings) {
    for (index, action) in facts.actions.iter() {
        let Operation::SetSubnets(change) = &action.operation else { continue };
        if let Err(message) = goes_on(facts, change) {
            found.action(index, action, Rule::NetworkZone, message);
        }
    }
}

/// Whether a Network Load Balancer that has a healthy target has one after its subnets are set.
fn goes_on(facts: &Facts<'_>, change: &SetSubnets) -> Result<(), String> {
    let found = facts.view.load_balancer(&change.load_balancer);
    let Some(found) = found.filter(|found| found.kind == LoadBalancerKind::Network) else { return Ok(()) };
    if found.subnets.iter().all(|subnet| change.subnets.contains(subnet)) {
        return Ok(());
    }
    let inventory = &facts.view.snapshot.inventory;
    let after = inventory.subnets.iter().filter(|subnet| change.subnets.contains(&subnet.id));
    let after: BTreeSet<&str> = after.map(|subnet| subnet.zone.as_str()).collect();
    let groups = found.listeners.iter().flat_map(|listener| forwards(&listener.default_actions));
    let groups = groups.filter_map(|(group, _)| facts.view.target_group(group));
    let healthy = groups.flat_map(|group| &group.targets).filter(|it| it.health == TargetHealth::Healthy);
    let zones: Vec<Option<&str>> = healthy.map(|target| zone_of(target, inventory)).collect();
    if zones.is_empty() || zones.into_iter().flatten().any(|zone| after.contains(zone)) {
        return Ok(());
    }
    Err(format!("{} would leave the zones of all its healthy targets", found.name))
}
