//! Verdicts on each load balancer at a member's turn to be placed. They are recorded only for the member that an explanation
//! asks about, so that a plan costs nothing more.

use std::collections::BTreeMap;

use super::{
    GroupId, Groups, Member, Placement,
    candidates::{Fit, Misfit, fit_for, misfit, terms_of},
    room::{self, Full},
    staying::{Move, Staying},
};
use crate::{source::ObjectName, terms::Terms};

/// The verdicts on all load balancers when it was a member's turn.
pub struct Verdicts<'a> {
    state: Staying<'a>,
    by_group: BTreeMap<GroupId, Verdict<'a>>,
}

/// The verdict on one load balancer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict<'a> {
    /// The member stays there.
    Stays(Stay),
    /// The member leaves it, for this reason.
    Leaves(&'static str),
    /// An annotation of the member is invalid.
    Unreadable,
    /// The load balancer cannot serve the member. It had these terms at that time.
    Misfit(Misfit, Terms<'a>),
    /// The load balancer had no room for the certificates of the member.
    Full(Full),
    /// The load balancer can serve the member.
    Fits(Fit),
    /// The load balancer can serve the member and all others that leave their load balancer with it.
    TakesAll,
    /// The load balancer did not exist: it is created for the member, because no other load balancer fits.
    OpenedForIt,
    /// The load balancer did not exist: it is created later, for this object.
    OpenedLater(ObjectName<'a>),
    /// AWS has a part of the load balancer, and no tag names an Ingress for it.
    HalfMade,
}

/// Why a member stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stay {
    /// It still fits.
    Fits,
    /// Part of the member cannot be planned.
    Held,
    /// Its move is withheld.
    MoveWithheld,
    /// It should move, but no other load balancer can serve it.
    NoOtherPlace,
}

impl<'a> Verdicts<'a> {
    /// Looks at all load balancers just before a member is placed.
    pub(super) fn at_turn(member: &Member<'a>, state: Staying<'a>, groups: &Groups<'a>) -> Self {
        let terms = terms_of(member);
        let needed = member.certificates.certificates.as_slice();
        let (stays_on, leaves) = match state {
            Staying::Stays(owned) | Staying::StaysWithheld(owned) => (groups.on(owned), None),
            Staying::Moves(it) => (None, groups.on(it.from).map(|group| (group, it.reason))),
            Staying::Newcomer | Staying::Waits => (None, None),
        };
        let goes_to = match state {
            Staying::Moves(Move { to: Some(to), .. }) => groups.on(to),
            _ => None,
        };
        let stay = match state {
            Staying::StaysWithheld(_) => Stay::MoveWithheld,
            _ if member.is_held() => Stay::Held,
            _ => Stay::Fits,
        };
        let verdict = |id: GroupId| {
            if stays_on == Some(id) {
                return Verdict::Stays(stay);
            }
            if let Some((_, reason)) = leaves.filter(|(left, _)| *left == id) {
                return Verdict::Leaves(reason);
            }
            if goes_to == Some(id) {
                return Verdict::TakesAll;
            }
            let Some(terms) = &terms else { return Verdict::Unreadable };
            let group = groups.get(id);
            match (misfit(group, terms, groups.observed()), room::full(group, needed, 0)) {
                (Some(misfit), _) => Verdict::Misfit(misfit, *group.terms()),
                (None, Some(full)) => Verdict::Full(full),
                (None, None) => Verdict::Fits(fit_for(group, terms, needed)),
            }
        };
        let by_group = groups.numbered().map(|(id, _)| (id, verdict(id))).collect();
        Verdicts { state, by_group }
    }

    /// Adds the load balancers that did not exist at that time, when all members are placed.
    pub(super) fn complete(
        &mut self,
        placement: &Placement<'a>,
        groups: &Groups<'a>,
        members: &[Member<'a>],
    ) {
        for (id, group) in groups.numbered() {
            // Who opened it is its first member.
            let opened_for = || group.members().first().map(|first| members[*first].claim.object);
            let is_given_up = group.owned().is_some_and(|owned| owned.is_given_up(groups.observed().time));
            self.by_group.entry(id).or_insert_with(|| match group.opened().and_then(|_| opened_for()) {
                Some(_) if placement.group() == Some(id) => Verdict::OpenedForIt,
                Some(other) => Verdict::OpenedLater(other),
                None if is_given_up => Verdict::Misfit(Misfit::Broken, *group.terms()),
                None => Verdict::HalfMade,
            });
        }
        if let Some(verdict) = placement.group().and_then(|id| self.by_group.get_mut(&id)) {
            match verdict {
                Verdict::Leaves(_) => *verdict = Verdict::Stays(Stay::NoOtherPlace),
                // It waits until it is known what the others ask for.
                Verdict::Stays(stay @ Stay::Fits) if placement.stand().is_some_and(|stand| stand.held) => {
                    *stay = Stay::Held;
                }
                _ => {}
            }
        }
    }

    /// What was found of a load balancer.
    pub fn of(&self, group: GroupId) -> Option<Verdict<'a>> {
        self.by_group.get(&group).copied()
    }

    /// Whether all members of its load balancer leave together.
    pub fn leaves_with_others(&self) -> bool {
        matches!(self.state, Staying::Moves(Move { to: Some(_), .. }))
    }

    /// Whether the member had a place that it keeps, so that it did not look for another one.
    pub fn stays(&self) -> bool {
        matches!(self.state, Staying::Stays(_) | Staying::StaysWithheld(_))
    }
}
