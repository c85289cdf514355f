//! Memory: which load balancer serves a member now. There is no database; statuses and tags say it.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use crate::{
    certificates::CertificateId,
    observed::{Observed, Owned},
    source::Claim,
};

/// The load balancer that serves a claim now. `None`: the claim is new.
pub type Standing<'a> = Option<&'a Owned<'a>>;

/// The load balancers of all members, in the same order: the load balancer that the member's status names, else the load
/// balancer whose tag names the member. (Placement considers the load balancer with its group key.)
///
/// For manifests without statuses it is the load balancer that serves most of the member's hosts.
pub fn standings<'a>(members: &[&Claim<'_>], observed: &'a Observed<'a>) -> Vec<Standing<'a>> {
    let tagged = by_tag(observed);
    let serving = Serving::new(observed);
    let of = |claim: &&Claim<'_>| {
        observed
            .published(claim)
            .or_else(|| tagged.get(&(claim.object.namespace, claim.object.name)).copied())
            .or_else(|| serving.as_ref().and_then(|serving| serving.load_balancer_of(claim)))
    };
    members.iter().map(of).collect()
}

/// Exclusive load balancers by the namespace and name of their Ingress; of several, the one with the smallest id.
fn by_tag<'a>(observed: &'a Observed<'a>) -> BTreeMap<(&'a str, &'a str), &'a Owned<'a>> {
    let alone = observed.owned.iter().rev();
    alone.filter_map(|owned| Some((owned.alone()?.split_once('/')?, owned))).collect()
}

/// Memory without statuses: infers the load balancer of each Ingress from the attached certificates. Only shared load
/// balancers are considered; exclusive ones are found by their tags.
struct Serving<'a> {
    observed: &'a Observed<'a>,
    by_certificate: BTreeMap<CertificateId, Vec<&'a Owned<'a>>>,
}

impl<'a> Serving<'a> {
    /// `None`: statuses are known.
    fn new(observed: &'a Observed<'a>) -> Option<Self> {
        if observed.completeness.knows_statuses() {
            return None;
        }
        let mut by_certificate: BTreeMap<CertificateId, Vec<&Owned<'_>>> = BTreeMap::new();
        for owned in &observed.owned {
            if owned.alone().is_none() && !owned.is_given_up(observed.time) {
                for certificate in &owned.certificates {
                    by_certificate.entry(*certificate).or_default().push(owned);
                }
            }
        }
        Some(Serving { observed, by_certificate })
    }

    /// The load balancer that serves most of a claim's hosts; of several, the one with the smallest id, so that it is the same
    /// in every pass.
    fn load_balancer_of(&self, claim: &Claim<'_>) -> Option<&'a Owned<'a>> {
        if claim.wants_its_own() {
            return None;
        }
        let catalog = &self.observed.certificates;
        let pinned =
            claim.pinned.iter().filter_map(|arn| catalog.find(arn)).map(|certificate| vec![certificate]);
        let of_hosts = claim.hosts.iter().map(|host| {
            self.observed.coverage.of(*host).map(|covering| covering.certificate).collect::<Vec<_>>()
        });
        let mut served: BTreeMap<usize, usize> = BTreeMap::new();
        for certificates in of_hosts.chain(pinned) {
            for place in self.with_any(&certificates, claim) {
                *served.entry(place).or_default() += 1;
            }
        }
        let most = served.into_iter().min_by_key(|(place, count)| (Reverse(*count), *place));
        most.and_then(|(place, _)| self.observed.owned.get(place))
    }

    /// The load balancers that have one of these certificates and the scheme that a claim asks for.
    fn with_any(&self, certificates: &[CertificateId], claim: &Claim<'_>) -> BTreeSet<usize> {
        let scheme = claim.scheme.value();
        let fits = |owned: &&&'a Owned<'a>| {
            owned.load_balancer.is_some_and(|found| scheme.is_none_or(|scheme| scheme == found.scheme))
        };
        let found = certificates.iter().filter_map(|certificate| self.by_certificate.get(certificate));
        found.flatten().filter(fits).map(|owned| owned.place()).collect()
    }
}

#[cfg(test)]
mod tests;
