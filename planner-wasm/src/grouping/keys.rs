//! The policy point `grouping`: the keys of members.

use std::collections::BTreeMap;

use albatross_contract::{
    GroupingAnswer, GroupingInput, GroupingLoadBalancer, GroupingMember, PlanningError, PolicyPoint,
    SettledMember, Tag,
};

use super::Standing;
use crate::{
    budgets::number,
    certificates::Decision,
    observed::Observed,
    policies::Points,
    source::{Claim, Class},
};

/// The answer of a grouping policy for a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key<'a> {
    /// There is no grouping policy, or it leaves the member to the planner.
    Free,
    /// The member should share a load balancer with all members that have this key.
    Given(&'a str),
    /// The policy is frozen: the member stays on its load balancer, and gets no other.
    Frozen,
    /// The policy rejected the member, for this reason: as with `Frozen`, it stays on its load balancer and gets no other.
    Rejected(&'a str),
    /// The answer does not count, since the member stays whatever the policy says ([`SettledMember::Stays`]).
    Stays,
}

impl<'a> Key<'a> {
    /// The key that the load balancer of the member should have. `None`: nothing is said of it, so the member follows the others
    /// on its load balancer.
    pub fn asked(self) -> Option<Option<&'a str>> {
        match self {
            Key::Free => Some(None),
            Key::Given(key) => Some(Some(key)),
            Key::Frozen | Key::Rejected(_) | Key::Stays => None,
        }
    }

    /// Whether the member stays on its load balancer, and gets no other.
    pub fn keeps(self) -> bool {
        matches!(self, Key::Frozen | Key::Rejected(_))
    }
}

/// The answer for all members.
pub enum Keys {
    /// There is no grouping policy.
    Free,
    /// The policy is frozen.
    Frozen,
    /// The policy answered; of each member, why a group changes nothing for it.
    Answer(GroupingAnswer, Vec<Option<SettledMember>>),
}

impl Keys {
    /// Asks the policy for the keys of all members.
    pub fn ask(
        members: &[&Claim<'_>],
        decisions: &[Decision],
        standings: &[Standing<'_>],
        observed: &Observed<'_>,
        points: &Points<'_>,
    ) -> Result<Self, PlanningError> {
        if points.is_frozen(PolicyPoint::Grouping) {
            return Ok(Keys::Frozen);
        }
        if !points.is_overridden(PolicyPoint::Grouping) {
            return Ok(Keys::Free);
        }
        let existing = observed.owned.iter().filter(|owned| owned.load_balancer.is_some());
        let mut index: Vec<Option<u32>> = vec![None; observed.owned.len()];
        for (number, owned) in (0..).zip(existing.clone()) {
            index[owned.place()] = Some(number);
        }
        let load_balancers = existing.filter_map(|owned| {
            Some(GroupingLoadBalancer {
                id: owned.id.to_owned(),
                scheme: owned.load_balancer?.scheme,
                group: owned.key().map(str::to_owned),
                certificates: number(owned.certificates.len()),
            })
        });
        let members = members.iter().zip(decisions).zip(standings);
        let members = members.map(|((claim, decision), standing)| GroupingMember {
            load_balancer: standing.and_then(|owned| index[owned.place()]),
            settled: settled(claim, decision, standing.is_none()),
            ..member(claim, decision, observed)
        });
        let input = GroupingInput {
            settings: points.settings(PolicyPoint::Grouping),
            members: members.collect(),
            load_balancers: load_balancers.collect(),
        };
        let answer = points.grouping(&input)?;
        Ok(Keys::Answer(answer, input.members.iter().map(|member| member.settled).collect()))
    }

    /// Why the policy gave each key, in its words.
    pub fn reasons(&self) -> BTreeMap<&str, &str> {
        let Keys::Answer(answer, _) = self else { return BTreeMap::new() };
        answer.groups.iter().map(|group| (group.key.as_str(), group.reason.as_str())).collect()
    }

    /// The key of each member. In route mode annotations name the groups, whatever becomes of the policy.
    pub fn of_members(&self, members: &[&Claim<'_>]) -> Vec<Key<'_>> {
        let mut keys = match self {
            Keys::Free => vec![Key::Free; members.len()],
            Keys::Frozen => vec![Key::Frozen; members.len()],
            Keys::Answer(answer, settled) => answered(answer, settled),
        };
        for (key, _) in keys.iter_mut().zip(members).filter(|(_, claim)| claim.routing.is_some()) {
            *key = Key::Free;
        }
        keys
    }
}

/// The answer for each member.
fn answered<'a>(answer: &'a GroupingAnswer, settled: &[Option<SettledMember>]) -> Vec<Key<'a>> {
    // The host program has checked that every member has an answer, but a native caller may not have.
    let mut keys = vec![Key::Rejected("the answer of the policy does not mention it"); settled.len()];
    for group in &answer.groups {
        for member in &group.members {
            if let Some(key) = keys.get_mut(*member as usize) {
                *key = Key::Given(&group.key);
            }
        }
    }
    for rejection in &answer.rejected {
        if let Some(key) = keys.get_mut(rejection.member as usize) {
            *key = Key::Rejected(&rejection.reason);
        }
    }
    for member in &answer.by_default {
        if let Some(key) = keys.get_mut(*member as usize) {
            *key = Key::Free;
        }
    }
    for (key, settled) in keys.iter_mut().zip(settled) {
        if *settled == Some(SettledMember::Stays) {
            *key = Key::Stays;
        }
    }
    keys
}

/// A member as a policy sees it, without its load balancer.
fn member(claim: &Claim<'_>, decision: &Decision, observed: &Observed<'_>) -> GroupingMember {
    let catalog = &observed.certificates;
    GroupingMember {
        object: claim.object.owned(),
        class: claim.class_name.map(str::to_owned),
        annotations: sorted(&claim.metadata.annotations),
        labels: sorted(&claim.metadata.labels),
        hosts: claim.hosts.iter().map(|host| observed.hosts.text(*host).to_owned()).collect(),
        scheme: claim.scheme.value().unwrap_or(observed.settings.default_scheme),
        mode: match claim.class {
            Class::Ours(mode) => mode,
            Class::Missing | Class::NotOurs | Class::SwitchedOff | Class::ClusterLocal => {
                observed.settings.default_mode
            }
        },
        certificates: decision.certificates.iter().map(|id| catalog.arn(*id).to_owned()).collect(),
        created_at: claim.created_at,
        load_balancer: None,
        settled: None,
    }
}

/// Why a key changes nothing for a member.
fn settled(claim: &Claim<'_>, decision: &Decision, is_new: bool) -> Option<SettledMember> {
    let is_readable = claim.scheme.value().is_some()
        && claim.kind.value().is_some()
        && claim.http_only.value().is_some()
        && claim.shared.value().is_some()
        && claim.wishes.value().is_some();
    let lacks_certificates = claim.needs_certificates() && decision.certificates.is_empty();
    let gets_none = is_new && (!claim.diagnostics.is_empty() || decision.is_unknown() || lacks_certificates);
    if claim.routing.is_some() {
        Some(SettledMember::RouteMode)
    } else if claim.is_going || !is_readable || gets_none {
        Some(SettledMember::Stays)
    } else {
        claim.wants_its_own().then_some(SettledMember::Alone)
    }
}

fn sorted(tags: &[Tag]) -> Vec<Tag> {
    let mut tags = tags.to_vec();
    tags.sort();
    tags
}

#[cfg(test)]
mod tests;
