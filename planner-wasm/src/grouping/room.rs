//! Room: how many certificates a load balancer can have, and what a new load balancer needs.

use std::collections::BTreeMap;

use albatross_contract::{LoadBalancerKind, Mode};

use super::{Group, Member};
use crate::{
    certificates::{CertificateId, Want},
    kind::Kind,
    observed::{Concern, Observed, Owned},
    ports,
    terms::{Terms, most_certificates},
    unasked::HeldBack,
};

/// One place is kept free, so that a new certificate can be added before an old certificate is removed.
pub const HEADROOM: usize = 1;

/// How many certificates a load balancer may have. AWS does not count the default certificate; we do, which costs one
/// place but avoids an exception everywhere.
fn limit(kind: Kind, observed: &Observed<'_>) -> usize {
    kind.most_certificates(&observed.inventory.quotas) as usize
}

/// How many certificates our HTTPS listener may have. AWS counts the certificates of all listeners, without default
/// certificates. Where several HTTPS listeners have the same certificates, each has its share; otherwise somebody else may
/// have added a listener.
pub fn limit_on(kind: Kind, owned: Option<&Owned<'_>>, observed: &Observed<'_>) -> usize {
    let limit = limit(kind, observed);
    let found = owned.and_then(|owned| owned.load_balancer);
    let listeners = || found.into_iter().flat_map(|found| &found.listeners);
    if found.is_some_and(|found| Terms::of(found).has_certificates_on_every_port()) {
        let https = listeners().filter(|listener| listener.default_certificate.is_some()).count();
        return limit / https.max(1);
    }
    let others = listeners().filter(|listener| listener.port != ports::HTTPS);
    let elsewhere: usize = others.map(|listener| listener.certificates.len()).sum();
    limit.saturating_sub(elsewhere)
}

/// Certificates on the listener of a load balancer that stay in this plan even if nobody needs them any more: their places
/// are taken for new members. The default certificate stays too.
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

/// What leaves no room for the certificates of a new member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    /// The AWS quota: this many of the second number of certificates are taken.
    Quota(usize, usize),
    /// The settings: Ingresses need this many certificates, of the second number.
    Settings(usize, usize),
}

/// Whether the certificates of a new member fit, and `more` others.
pub fn has_room(group: &Group<'_>, coming: &[CertificateId], more: usize) -> bool {
    full(group, coming, more).is_none()
}

/// Why the certificates of a new member do not fit, and `more` others. Without members, certificates that stay keep their
/// places: other names may still lead to the load balancer until the grace period is over.
pub fn full(group: &Group<'_>, coming: &[CertificateId], more: usize) -> Option<Full> {
    if group.places_with(coming) + more + HEADROOM > group.limit() {
        return Some(Full::Quota(group.places_with(&[]), group.limit()));
    }
    let all_count = group.is_empty() || group.is_unsure();
    let needed = |coming: &[CertificateId]| match all_count {
        true => group.places_with(coming),
        false => group.certificates_with(coming),
    };
    let most = group.most_needed().filter(|most| needed(coming) + more > *most)?;
    Some(Full::Settings(needed(&[]), most))
}

/// Whether the certificates of a member fit beside those that the other members need. Unneeded certificates never make a
/// member move: if they take the last places, the member's certificate is held back until they are removed.
pub fn fits_beside_others(group: &Group<'_>, coming: &[CertificateId]) -> bool {
    let certificates = group.certificates_with(coming);
    certificates + HEADROOM <= group.limit() && group.most_needed().is_none_or(|most| certificates <= most)
}

/// Whether a load balancer of its own could have all of them, in words. `None`: it could.
pub fn too_many_alone(coming: usize, terms: &Terms<'_>, observed: &Observed<'_>) -> Option<String> {
    let limit = limit(terms.kind, observed);
    if coming + HEADROOM > limit {
        return Some(format!(
            "it needs {coming} certificates, but a load balancer may have {limit}, of which one is kept free for renewals"
        ));
    }
    let most = most_certificates(terms.mode, observed.settings).filter(|most| coming > *most)?;
    Some(format!(
        "it needs {coming} certificates, but the setting certificates-per-load-balancer allows {most}"
    ))
}

/// Whether a member asks for more than its load balancer has: a pinned certificate that is not there, or a host that no
/// certificate there covers. A renewed certificate is not such a change; no member moves because of a renewal.
pub fn asks_for_more(group: &Group<'_>, member: &Member<'_>, observed: &Observed<'_>) -> bool {
    let pinned = member.certificates.pinned.iter().any(|pinned| !group.has(*pinned));
    match &member.certificates.want {
        Want::Known(hosts) => pinned || hosts.iter().any(|(host, _)| !group.covers(*host, observed)),
        Want::Unknown => false,
    }
}

/// What new load balancers need to forward requests.
pub type Demands<'a> = BTreeMap<Use, Demand<'a>>;

/// What a load balancer is used for, as far as it decides what it needs to forward requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Use {
    /// How it routes requests.
    pub mode: Mode,
    /// Application or Network Load Balancer.
    pub family: LoadBalancerKind,
    /// Whether it serves HTTP only.
    pub http_only: bool,
}

/// What every new load balancer with the same use needs to forward requests.
#[derive(Default)]
pub struct Demand<'a> {
    /// Why requests cannot be forwarded now.
    pub obstacle: Option<super::Obstacle>,
    /// Auto Scaling Groups to which its target group is attached.
    pub auto_scaling_groups: Vec<&'a str>,
    /// The suffix of the name of its only target group, after the name of the load balancer. `None`: it may have several
    /// target groups.
    pub target_group_suffix: Option<String>,
    /// Whether its security groups are created with it, unless the settings or its members name some.
    pub makes_security_groups: bool,
}

#[cfg(test)]
mod tests;
