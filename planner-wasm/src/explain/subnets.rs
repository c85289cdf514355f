//! Explanation of the subnets of a load balancer.

use std::collections::BTreeSet;

use albatross_contract::{Decision, DesiredLoadBalancer, Scheme, Subnet};

use super::candidate;
use crate::planning::Decided;

/// Describes all subnets of the VPC.
pub fn decision(scheme: Scheme, on: Option<&DesiredLoadBalancer>, decided: &Decided<'_, '_>) -> Decision {
    let choice = decided.subnets.of(scheme);
    let there = on.filter(|on| on.arn.is_some());
    let in_use: BTreeSet<&str> = there.into_iter().flat_map(|on| &on.subnets).map(String::as_str).collect();
    let mut candidates = Vec::new();
    let label = |id: &str, zone: &str| format!("{id} ({zone})");
    for subnet in &choice.chosen {
        let reason = choice.reasons.get(subnet.id.as_str()).cloned().unwrap_or_default();
        let (chosen, reason) = match (in_use.is_empty(), in_use.contains(subnet.id.as_str())) {
            (true, _) => (true, reason),
            (false, true) => (true, format!("in use; {reason}")),
            (false, false) => (false, not_needed(&subnet.zone, &in_use, decided)),
        };
        candidates.push(candidate(chosen, label(&subnet.id, &subnet.zone), reason));
    }
    for (subnet, reason) in &choice.lost {
        let used = in_use.contains(subnet.id.as_str());
        let reason = if used { "in use: stays until it no longer exists".to_owned() } else { reason.clone() };
        candidates.push(candidate(used, label(&subnet.id, &subnet.zone), reason));
    }
    super::decision("Subnets", candidates)
}

/// Why a load balancer that exists has not the subnet that a new one would have in a zone.
fn not_needed(zone: &str, in_use: &BTreeSet<&str>, decided: &Decided<'_, '_>) -> String {
    let subnets = &decided.observed.inventory.subnets;
    let is_there = |subnet: &&Subnet| subnet.zone == zone && in_use.contains(subnet.id.as_str());
    match subnets.iter().find(is_there) {
        Some(other) => format!("the load balancer has {} in this zone", other.id),
        None => "the load balancer needs no subnet in this zone".to_owned(),
    }
}
