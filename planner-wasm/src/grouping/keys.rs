//! The policy point `grouping`: keys.

use albatross_contract::{
    GroupingAnswer, GroupingInput, GroupingLoadBalancer, GroupingMember, PlanningError, PolicyPoint, Tag,
};

use super::Standing;
use crate::{
    budgets::number,
    certificates::Decision,
    observed::Observed,
    policies::Points,
    source::{Claim, Class},
};

/// What a grouping policy says of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key<'a> {
    /// No policy is asked: no key.
    Free,
    /// It should share with all who have this key.
    Given(&'a str),
    /// The policy is not asked: where the member is it stays, and it gets no new place.
    Frozen,
    /// The policy rejected it, for this reason: as with `Frozen`, it keeps its place and gets no new one.
    Rejected(&'a str),
}

impl Key<'_> {
    /// Whether the member keeps the place that it has, and gets no other.
    pub fn keeps(self) -> bool {
        matches!(self, Key::Frozen | Key::Rejected(_))
    }
}

/// What was answered for all members.
pub enum Keys {
    /// No policy is asked.
    Free,
    /// The policy is frozen.
    Frozen,
    /// It answered.
    Answer(GroupingAnswer),
}

impl Keys {
    /// Asks for the keys of all members.
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
            ..member(claim, decision, observed)
        });
        let answer = points.grouping(&GroupingInput {
            settings: points.settings(PolicyPoint::Grouping),
            members: members.collect(),
            load_balancers: load_balancers.collect(),
        })?;
        Ok(Keys::Answer(answer))
    }

    /// The key of each of so many members.
    pub fn of_members(&self, count: usize) -> Vec<Key<'_>> {
        let answer = match self {
            Keys::Free => return vec![Key::Free; count],
            Keys::Frozen => return vec![Key::Frozen; count],
            Keys::Answer(answer) => answer,
        };
        // The host has checked that every member has an answer; a native caller may not have.
        let mut keys = vec![Key::Rejected("the answer of the policy does not mention it"); count];
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
        keys
    }
}

/// A member as a policy sees it, without the load balancer that it is on.
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
            Class::Unsupported | Class::Missing | Class::NotOurs => observed.settings.default_mode,
        },
        certificates: decision.certificates.iter().map(|id| catalog.arn(*id).to_owned()).collect(),
        created_at: claim.created_at,
        load_balancer: None,
    }
}

fn sorted(tags: &[Tag]) -> Vec<Tag> {
    let mut tags = tags.to_vec();
    tags.sort();
    tags
}

#[cfg(test)]
mod tests;
