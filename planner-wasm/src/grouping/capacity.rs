//! Capacity: how many certificates a load balancer holds.

use std::collections::BTreeSet;

use super::{Member, Slot};
use crate::{certificates::Want, observed::Observed};

/// One slot is kept free, so that a new certificate can be added before an old one goes.
const HEADROOM: usize = 1;

/// How many certificates a load balancer may hold. AWS does not count the default one; we do, which costs one place
/// and spares every reader the exception.
pub fn limit(observed: &Observed<'_>) -> usize {
    observed.inventory.quotas.certificates_per_load_balancer as usize
}

/// How many of them are left for the listener on 443. AWS counts the certificates of all listeners, defaults aside, and
/// somebody else may have added one.
pub fn limit_on(slot: &Slot<'_>, observed: &Observed<'_>) -> usize {
    let listeners =
        slot.owned.and_then(|owned| owned.load_balancer).into_iter().flat_map(|found| &found.listeners);
    let elsewhere: usize =
        listeners.filter(|listener| listener.port != 443).map(|listener| listener.certificates.len()).sum();
    limit(observed).saturating_sub(elsewhere)
}

/// Whether the certificates of a newcomer fit.
pub fn has_room(slot: &Slot<'_>, arns: &BTreeSet<&str>, observed: &Observed<'_>) -> bool {
    slot.places_with(arns) + HEADROOM <= limit_on(slot, observed)
}

/// Whether what a member comes to ask for fits beside what the others need. What nobody needs any more moves no member
/// away: where that takes the last places, the member's certificate is held back until it goes.
pub fn fits_beside_others(slot: &Slot<'_>, arns: &BTreeSet<&str>, observed: &Observed<'_>) -> bool {
    slot.certificates_with(arns) + HEADROOM <= limit_on(slot, observed)
}

/// Whether a load balancer of its own could hold them.
pub fn fits_alone(arns: &BTreeSet<&str>, observed: &Observed<'_>) -> bool {
    arns.len() + HEADROOM <= limit(observed)
}

/// Whether a member asks by its own change for more than is there: a host that no certificate on the load balancer
/// covers. A renewed certificate is no such change; who has a place never moves for it.
pub fn asks_for_more(slot: &Slot<'_>, member: &Member<'_>) -> bool {
    let pinned = member.certificates.pinned.is_some_and(|pinned| !slot.has(&pinned.arn));
    match &member.certificates.want {
        Want::Known(hosts) => pinned || hosts.keys().any(|host| !slot.covers(host)),
        Want::Unknown => false,
    }
}
