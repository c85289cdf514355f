//! Hosts that are on more than one load balancer.

use std::collections::BTreeMap;

use albatross_contract::{Diagnostic, DiagnosticCode};

use crate::{
    diagnostics::{Details, Subject, warning},
    grouping::{GroupId, Grouping},
    observed::Observed,
    source::{Claim, HostId, ObjectName},
    words,
};

/// Hosts that are on more than one load balancer.
pub struct Duplicates {
    /// By host and load balancer: in words, which Ingresses have the host on other load balancers. The words are made once,
    /// since every Ingress may have such a host.
    others: BTreeMap<HostId, BTreeMap<GroupId, String>>,
}

impl Duplicates {
    /// Finds the hosts.
    pub fn new(grouping: &Grouping<'_>, observed: &Observed<'_>) -> Self {
        let mut first: Vec<Option<GroupId>> = vec![None; observed.hosts.len()];
        let mut twice: BTreeMap<HostId, BTreeMap<GroupId, Vec<ObjectName<'_>>>> = BTreeMap::new();
        let placed = || {
            let members = grouping.members.iter().zip(&grouping.placements);
            members.filter_map(|(member, placement)| Some((member.claim, placement.group()?)))
        };
        for (claim, group) in placed() {
            for host in claim.hosts_of_rules() {
                if *first[host.place()].get_or_insert(group) != group {
                    twice.entry(*host).or_default();
                }
            }
        }
        if !twice.is_empty() {
            for (claim, group) in placed() {
                for host in claim.hosts_of_rules() {
                    if let Some(groups) = twice.get_mut(host) {
                        groups.entry(group).or_default().push(claim.object);
                    }
                }
            }
        }
        let others = twice.into_iter().map(|(host, groups)| (host, in_words(&groups, grouping)));
        Duplicates { others: others.collect() }
    }

    /// Adds the diagnostics for a claim on a load balancer.
    pub fn tell(
        &self,
        claim: &Claim<'_>,
        on: GroupId,
        observed: &Observed<'_>,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        if self.others.is_empty() {
            return;
        }
        let found = claim.hosts_of_rules().filter_map(|host| Some((host, self.others.get(host)?.get(&on)?)));
        diagnostics.extend(found.map(|(host, others)| {
            let message = format!(
                "{} is also a host of {others} on another load balancer: DNS may point to either load balancer",
                observed.hosts.text(*host)
            );
            warning(DiagnosticCode::HostDuplicate, Subject::Object(claim.object), message)
                .field(claim.object.hosts_field())
                .remedy("let both share one load balancer of the same scheme, or remove the host from one of them")
        }));
    }
}

/// For each load balancer, in words, which Ingresses are on the others, in the order of our ids.
fn in_words(
    groups: &BTreeMap<GroupId, Vec<ObjectName<'_>>>,
    grouping: &Grouping<'_>,
) -> BTreeMap<GroupId, String> {
    let mut by_id: Vec<(&str, GroupId, &Vec<ObjectName<'_>>)> =
        groups.iter().map(|(group, objects)| (grouping.groups.get(*group).id(), *group, objects)).collect();
    by_id.sort();
    let but = |on: GroupId| {
        let others = by_id.iter().filter(|(_, group, _)| *group != on).flat_map(|(_, _, objects)| *objects);
        let names: Vec<String> = others.map(ToString::to_string).collect();
        words::list(names.iter().map(String::as_str))
    };
    groups.keys().map(|group| (*group, but(*group))).collect()
}

#[cfg(test)]
mod tests;
