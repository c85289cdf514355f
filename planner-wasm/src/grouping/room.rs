//! Room: how many certificates a load balancer holds, and what a new one needs of the rest of the account.

use std::collections::BTreeMap;

use albatross_contract::Mode;

use super::{Group, Member};
use crate::{
    certificates::{CertificateId, Want},
    observed::{Concern, Observed, Owned},
    ports,
    unasked::HeldBack,
};

/// One place is kept free, so that a new certificate can be added before an old one goes.
const HEADROOM: usize = 1;

/// How many certificates a load balancer may hold. AWS does not count the default one; we do, which costs one place
/// and spares every reader the exception.
pub fn limit(observed: &Observed<'_>) -> usize {
    observed.inventory.quotas.certificates_per_load_balancer as usize
}

/// How many of them are left for the listener that holds ours. AWS counts the certificates of all listeners, defaults
/// aside, and somebody else may have added one.
pub fn limit_on(owned: Option<&Owned<'_>>, observed: &Observed<'_>) -> usize {
    let listeners =
        owned.and_then(|owned| owned.load_balancer).into_iter().flat_map(|found| &found.listeners);
    let others = listeners.filter(|listener| listener.port != ports::HTTPS);
    let elsewhere: usize = others.map(|listener| listener.certificates.len()).sum();
    limit(observed).saturating_sub(elsewhere)
}

/// Certificates on the listener of a load balancer that stay in this plan even where nobody needs them any more: a
/// newcomer finds their places taken. Its default certificate stays too.
pub fn stays_on(owned: &Owned<'_>, held_back: &HeldBack<'_>, observed: &Observed<'_>) -> Vec<CertificateId> {
    let Some(https) = owned.https() else { return Vec::new() };
    let can_go = observed.completeness.allows_for(Concern::RemoveCertificate, Some(owned));
    let catalog = &observed.certificates;
    let listed = https.certificates.iter().filter_map(|arn| catalog.find(arn));
    let stays = listed.filter(|certificate| !can_go || held_back.has(owned, *certificate));
    let default = https.default_certificate.as_ref().and_then(|arn| catalog.find(arn));
    let mut stays: Vec<CertificateId> = stays.chain(default).collect();
    stays.sort_unstable();
    stays.dedup();
    stays
}

/// Whether the certificates of a newcomer fit, and so many more.
pub fn has_room(group: &Group<'_>, coming: &[CertificateId], more: usize) -> bool {
    group.places_with(coming) + more + HEADROOM <= group.limit()
}

/// Whether what a member comes to ask for fits beside what the others need. What nobody needs any more moves no member
/// away: where that takes the last places, the member's certificate is held back until it goes.
pub fn fits_beside_others(group: &Group<'_>, coming: &[CertificateId]) -> bool {
    group.certificates_with(coming) + HEADROOM <= group.limit()
}

/// Whether a load balancer of its own could hold them.
pub fn fits_alone(coming: &[CertificateId], observed: &Observed<'_>) -> bool {
    coming.len() + HEADROOM <= limit(observed)
}

/// Whether a member asks by its own change for more than is there: a host that no certificate on the load balancer
/// covers. A renewed certificate is no such change; who has a place never moves for it.
pub fn asks_for_more(group: &Group<'_>, member: &Member<'_>, observed: &Observed<'_>) -> bool {
    let pinned = member.certificates.pinned.is_some_and(|pinned| !group.has(pinned));
    match &member.certificates.want {
        Want::Known(hosts) => pinned || hosts.iter().any(|(host, _)| !group.covers(*host, observed)),
        Want::Unknown => false,
    }
}

/// What new load balancers need of what they forward to, for each mode.
pub type Demands<'a> = BTreeMap<Mode, Demand<'a>>;

/// What every new load balancer of a mode needs of what it forwards to.
#[derive(Default)]
pub struct Demand<'a> {
    /// Why nothing can be forwarded to now.
    pub obstacle: Option<super::Obstacle>,
    /// Auto Scaling Groups that its target group is attached to.
    pub auto_scaling_groups: Vec<&'a str>,
    /// What follows the name of a load balancer in the name of its only target group. `None`: it may have several.
    pub target_group_suffix: Option<String>,
}

#[cfg(test)]
mod tests;
