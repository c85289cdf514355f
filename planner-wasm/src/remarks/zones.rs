//! Nodes in zones where a load balancer has no subnet. A load balancer sends no requests there, and the targets are `unused`
//! (user guides for Application and Network Load Balancers, "Availability Zones").

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{Diagnostic, DiagnosticCode, Scheme};

use super::serving;
use crate::{
    backends::Nodes,
    diagnostics::{Details, Subject, warning},
    network::{Choices, subnets},
    observed::{Concern, Observed},
    wanted::Wanted,
    words,
};

/// The diagnostics: one for all load balancers that lack the same zones.
pub fn without_a_subnet(
    wanted: &Wanted<'_>,
    nodes: &Nodes<'_>,
    choices: &Choices<'_>,
    observed: &Observed<'_>,
) -> Vec<Diagnostic> {
    let subnets = observed.inventory.subnets.iter();
    let zone: BTreeMap<&str, &str> =
        subnets.map(|subnet| (subnet.id.as_str(), subnet.zone.as_str())).collect();
    let mut lacking: BTreeMap<(Scheme, Vec<&str>), BTreeSet<&str>> = BTreeMap::new();
    for load_balancer in serving(wanted, observed, Concern::CallZoneUnserved) {
        let zones = load_balancer.subnets.iter().map(|subnet| zone.get(subnet).copied());
        // The zone of a subnet that is not in the inventory is unknown.
        let Some(zones) = zones.collect::<Option<BTreeSet<&str>>>() else { continue };
        let without: Vec<&str> = nodes.zones.difference(&zones).copied().collect();
        if !zones.is_empty() && !without.is_empty() {
            lacking.entry((load_balancer.scheme, without)).or_default().insert(&load_balancer.name);
        }
    }
    let tell = |((scheme, zones), names): ((Scheme, Vec<&str>), BTreeSet<&str>)| {
        let count = nodes.running.iter().filter(|node| zones.contains(&node.zone.as_str())).count();
        let has = if names.len() == 1 { "has" } else { "have" };
        let reasons = zones.iter().filter_map(|zone| reason(zone, scheme, choices));
        let zones = words::list_of(zones.iter().copied(), usize::MAX);
        let message = format!(
            "{} {has} no subnet in {zones}: {count} of {} nodes {} no requests{}",
            words::list(names),
            nodes.count,
            if count == 1 { "is in that zone and gets" } else { "are in these zones and get" },
            reasons.collect::<String>()
        );
        let remedy = if observed.settings.subnets.is_empty() {
            format!("create a subnet in {zones}, or tag one there with {}", subnets::role(scheme))
        } else {
            format!("add a subnet of {zones} to subnets in the settings")
        };
        warning(DiagnosticCode::NodesUnreachable, Subject::Settings, message).field("subnets").remedy(remedy)
    };
    lacking.into_iter().map(tell).collect()
}

/// Why a load balancer of a scheme cannot have a subnet in a zone. `None`: it could have one.
fn reason(zone: &str, scheme: Scheme, choices: &Choices<'_>) -> Option<String> {
    let choice = choices.of(scheme);
    if choice.chosen.iter().any(|subnet| subnet.zone == zone) {
        return None;
    }
    let here = choice.lost.iter().filter(|(subnet, _)| subnet.zone == zone);
    let reasons: Vec<String> = here.map(|(subnet, reason)| format!("{} ({reason})", subnet.id)).collect();
    Some(match reasons.as_slice() {
        [] => format!("; the VPC has no subnet in {zone}"),
        some => {
            format!("; in {zone} no load balancer can use {}", words::list(some.iter().map(String::as_str)))
        }
    })
}

#[cfg(test)]
mod tests;
