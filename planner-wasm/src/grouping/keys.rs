//! The policy point `grouping`: the keys of members.
//!
//! | member | its key |
//! |---|---|
//! | there is no policy | `Free` |
//! | in route mode, and its annotations name its group | `Free` |
//! | the policy failed | `Frozen` |
//! | it stays whatever the policy says, because it is being deleted or cannot be read or served | `Stays` |
//! | all others | as the policy answers |
//!
//! In route mode the key becomes the name of the member's group ([`Keys::name_groups`]), and all later steps see only that. Members
//! whose annotations ask for different properties of the load balancer have different groups: whoever named a group in annotations
//! chose its neighbours, but with a policy nobody did, and a limit of clients must not close the door to a neighbour.

mod question;
mod units;

use std::collections::BTreeMap;

use albatross_contract::{
    GroupingAnswer, GroupingInput, PlanningError, PolicyPoint, Quotas, SettledMember, group_of_a_policy,
};

use super::Standing;
use crate::{
    certificates::Decision,
    observed::Observed,
    policies::Points,
    source::{Claim, Route, Wish, asked_of_load_balancer},
    terms::Terms,
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

/// All members, with what is known of them before they are placed.
pub struct Asked<'a, 'b> {
    /// Their claims.
    pub claims: &'b [&'b Claim<'a>],
    /// The certificates that they need, in the same order.
    pub decisions: &'b [Decision],
    /// The load balancers that serve them now, in the same order.
    pub standings: &'b [Standing<'a>],
    /// How many listener rules a route needs on each listener.
    pub rules_of: fn(&Route<'_>, &Quotas) -> usize,
}

/// The answer for all members.
pub enum Keys {
    /// There is no grouping policy.
    Free,
    /// The policy is frozen.
    Frozen,
    /// The policy answered.
    Answer(Answer),
}

/// What a policy answered.
pub struct Answer {
    groups: Vec<Group>,
    /// For each member.
    places: Vec<Place>,
    /// For each member, the name of its group in route mode.
    names: Vec<Option<String>>,
}

/// A group of a policy.
struct Group {
    key: String,
    reason: String,
}

/// Where a policy wants a member.
#[derive(Clone, PartialEq, Eq)]
enum Place {
    /// In the group with this index.
    Group(usize),
    Default,
    Rejected(String),
    /// Where it is: the answer does not count.
    Stays,
}

impl Keys {
    /// Asks the policy for the keys of all members.
    pub fn ask(
        asked: &Asked<'_, '_>,
        observed: &Observed<'_>,
        points: &Points<'_>,
    ) -> Result<Self, PlanningError> {
        if points.is_frozen(PolicyPoint::Grouping) {
            return Ok(Keys::Frozen);
        }
        if !points.is_overridden(PolicyPoint::Grouping) {
            return Ok(Keys::Free);
        }
        let input = question::ask(asked, observed, points);
        let answer = points.grouping(&input)?;
        Ok(Keys::Answer(Answer::new(answer, &input, asked.claims)))
    }

    /// Why the policy gave each key, in its words.
    pub fn reasons(&self) -> BTreeMap<&str, &str> {
        let Keys::Answer(answer) = self else { return BTreeMap::new() };
        answer.groups.iter().map(|group| (group.key.as_str(), group.reason.as_str())).collect()
    }

    /// The key of each member.
    pub fn of_members(&self, members: &[&Claim<'_>]) -> Vec<Key<'_>> {
        members.iter().enumerate().map(|(index, claim)| self.of_member(index, claim)).collect()
    }

    fn of_member(&self, index: usize, claim: &Claim<'_>) -> Key<'_> {
        match self {
            _ if claim.names_its_group() => Key::Free,
            Keys::Free => Key::Free,
            Keys::Frozen => Key::Frozen,
            Keys::Answer(answer) => answer.of(index),
        }
    }

    /// Names the groups of claims in route mode whose annotations name none. A member for which the policy decides nothing is in
    /// the group of the load balancer on which it is.
    pub fn name_groups<'a>(&'a self, claims: &mut [Claim<'a>], standings: &[Standing<'a>]) {
        if matches!(self, Keys::Free) {
            return;
        }
        let members = claims.iter_mut().filter(|claim| claim.is_ours());
        for ((index, claim), standing) in members.enumerate().zip(standings) {
            if claim.names_its_group() {
                continue;
            }
            let (key, object) = (self.of_member(index, claim), claim.object);
            let Some(routing) = &mut claim.routing else { continue };
            let there = standing.and_then(|owned| owned.load_balancer).map(Terms::of);
            let there = there.filter(Terms::names_members);
            routing.group = match (key, self) {
                (Key::Given(_), Keys::Answer(answer)) => answer.name_of(index),
                (Key::Free, _) => None,
                _ => there.and_then(|terms| terms.key),
            };
            let stays_shared = there.is_some_and(|terms| terms.alone.is_some_and(|other| other != object));
            claim.shared = Wish::Default(routing.group.is_some() || stays_shared);
        }
    }
}

impl Answer {
    fn new(answer: GroupingAnswer, input: &GroupingInput, claims: &[&Claim<'_>]) -> Self {
        let places = places(&answer, input);
        let groups = answer.groups.into_iter().map(|group| Group { key: group.key, reason: group.reason });
        let groups: Vec<Group> = groups.collect();
        let name = |(place, claim): (&Place, &&Claim<'_>)| match place {
            Place::Group(group) if claim.routing.is_some() => {
                let asked = asked_of_load_balancer(&claim.metadata.annotations);
                Some(group_of_a_policy(&groups[*group].key, asked.as_deref()))
            }
            Place::Group(_) | Place::Default | Place::Rejected(_) | Place::Stays => None,
        };
        let names = places.iter().zip(claims).map(name).collect();
        Answer { groups, places, names }
    }

    fn of(&self, index: usize) -> Key<'_> {
        match self.places.get(index) {
            Some(Place::Group(group)) => Key::Given(&self.groups[*group].key),
            Some(Place::Default) => Key::Free,
            Some(Place::Rejected(reason)) => Key::Rejected(reason),
            Some(Place::Stays) | None => Key::Stays,
        }
    }

    /// The name of the group of a member in route mode.
    fn name_of(&self, index: usize) -> Option<&str> {
        self.names.get(index)?.as_deref()
    }
}

/// The answer for each member.
fn places(answer: &GroupingAnswer, input: &GroupingInput) -> Vec<Place> {
    // The host program has checked that every member has an answer, but a native caller may not have.
    let unmentioned = || Place::Rejected("the answer of the policy does not mention it".to_owned());
    let mut places = vec![unmentioned(); input.members.len()];
    let mut put = |member: u32, place: Place| {
        if let Some(it) = places.get_mut(member as usize) {
            *it = place;
        }
    };
    for (number, group) in answer.groups.iter().enumerate() {
        group.members.iter().for_each(|member| put(*member, Place::Group(number)));
    }
    for rejection in &answer.rejected {
        put(rejection.member, Place::Rejected(rejection.reason.clone()));
    }
    answer.by_default.iter().for_each(|member| put(*member, Place::Default));
    for (place, member) in places.iter_mut().zip(&input.members) {
        if member.settled == Some(SettledMember::Stays) {
            *place = Place::Stays;
        }
    }
    places
}

#[cfg(test)]
mod tests;
