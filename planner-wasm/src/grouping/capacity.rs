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

/// Whether the certificates of a newcomer, or those that a member comes to ask for, fit.
pub fn has_room(slot: &Slot<'_>, arns: &BTreeSet<&str>, observed: &Observed<'_>) -> bool {
    slot.certificates_with(arns) + HEADROOM <= limit(observed)
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
