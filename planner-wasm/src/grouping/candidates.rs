//! Candidates: which load balancers a member may stand on, and which of them is the best.

use std::{cmp::Reverse, collections::BTreeSet};

use albatross_contract::Scheme;

use super::{Key, Member, Slot, Slots};
use crate::observed::Observed;

/// Whether some load balancer that a member may stand on holds all its certificates already.
pub fn finds_all(member: &Member<'_>, slots: &Slots<'_>, observed: &Observed<'_>) -> bool {
    let arns = member.certificates.arns();
    let Some(scheme) = member.claim.scheme.value().filter(|_| !arns.is_empty()) else { return false };
    slots.iter().any(|slot| arns.is_subset(slot.held()) && misfit(slot, member, scheme, observed).is_none())
}

/// Tagged for this purpose first, then fewest new certificates, then the most certificates, then by id.
pub fn rank<'b>(
    slot: &'b Slot<'_>,
    member: &Member<'_>,
    arns: &BTreeSet<&str>,
) -> (bool, usize, Reverse<usize>, &'b str) {
    let alone = (member.claim.shared.value() == Some(false)).then_some(&member.claim.name);
    let other_purpose = slot.exclusive.as_ref() != alone || slot.group.as_deref() != key(member);
    let there = slot.held();
    (other_purpose, arns.iter().filter(|arn| !there.contains(*arn)).count(), Reverse(there.len()), &slot.id)
}

/// The key that a member must share.
pub fn key<'b>(member: &'b Member<'_>) -> Option<&'b str> {
    match &member.key {
        Key::Given(key) => Some(key),
        Key::Free | Key::Keep(_) => None,
    }
}

/// Why a member cannot stand on a load balancer, however much room there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misfit {
    /// Another scheme.
    Scheme,
    /// AWS could not make it.
    Broken,
    /// It serves another one alone.
    ServesAnotherAlone,
    /// The member wants one of its own.
    WantsItsOwn,
    /// Another group.
    Group,
}

/// Whether a member may stand on a load balancer. One that is marked as unneeded takes any terms but its scheme, which
/// AWS cannot change. One that serves nobody and has no mark may be half-made: it waits for those whom its tags name.
pub fn misfit(
    slot: &Slot<'_>,
    member: &Member<'_>,
    scheme: Scheme,
    observed: &Observed<'_>,
) -> Option<Misfit> {
    let alone = member.claim.shared.value() == Some(false);
    let its_own = slot.exclusive.as_ref() == Some(&member.claim.name);
    if slot.scheme != scheme {
        Some(Misfit::Scheme)
    } else if slot.owned.is_some_and(|owned| owned.is_given_up(observed.time)) {
        Some(Misfit::Broken)
    } else if slot.is_empty() && slot.owned.is_some_and(|owned| owned.unneeded_since().is_some()) {
        None
    } else if alone && !its_own {
        Some(Misfit::WantsItsOwn)
    } else if !alone && slot.exclusive.is_some() {
        Some(Misfit::ServesAnotherAlone)
    } else if slot.group.as_deref() != key(member) {
        Some(Misfit::Group)
    } else {
        None
    }
}
