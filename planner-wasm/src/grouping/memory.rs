//! Memory: which load balancer serves a member now. There is no database; statuses and tags say it.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use albatross_contract::{LoadBalancer, TAG_INGRESS};

use crate::{
    certificates::CertificateId,
    identity::tag_value,
    observed::{Observed, Owned},
    source::{Claim, ObjectName},
    terms::Terms,
};

/// The load balancer that serves a claim now. `None`: the claim is new.
pub type Standing<'a> = Option<&'a Owned<'a>>;

/// The load balancers of all members, in the same order: the load balancer that the member's status names, else the load
/// balancer whose tag names the member. (Placement considers the load balancer with its group key.)
///
/// For manifests without statuses it is the load balancer that serves most of the member's hosts; in route mode the load
/// balancer with a rule of the member.
pub fn standings<'a>(members: &[&Claim<'_>], observed: &'a Observed<'a>) -> Vec<Standing<'a>> {
    let tagged = by_tag(observed);
    let serving = Serving::new(observed);
    let of = |claim: &&Claim<'_>| {
        observed
            .published(claim)
            .or_else(|| tagged.get(&claim.object).copied())
            .or_else(|| serving.as_ref().and_then(|serving| serving.load_balancer_of(claim)))
    };
    members.iter().map(of).collect()
}

/// Exclusive load balancers by the object that they serve; of several, the one with the smallest id.
fn by_tag<'a>(observed: &'a Observed<'a>) -> BTreeMap<ObjectName<'a>, &'a Owned<'a>> {
    let alone = observed.owned.iter().rev();
    alone.filter_map(|owned| Some((ObjectName::of_tag(owned.alone()?)?, owned))).collect()
}

/// Memory without statuses: infers the load balancer of each Ingress from the attached certificates, and in route mode from
/// the rules. Only shared load balancers are considered; exclusive ones are found by their tags.
struct Serving<'a> {
    observed: &'a Observed<'a>,
    /// Load balancers in proxy mode.
    by_certificate: BTreeMap<CertificateId, Vec<&'a Owned<'a>>>,
    /// Load balancers in route mode, in the order of their ids.
    by_rule: BTreeMap<ObjectName<'a>, Vec<&'a Owned<'a>>>,
}

impl<'a> Serving<'a> {
    /// `None`: statuses are known.
    fn new(observed: &'a Observed<'a>) -> Option<Self> {
        if observed.completeness.knows_statuses() {
            return None;
        }
        let mut serving = Serving { observed, by_certificate: BTreeMap::new(), by_rule: BTreeMap::new() };
        let shared =
            observed.owned.iter().filter(|it| it.alone().is_none() && !it.is_given_up(observed.time));
        for (owned, found) in shared.filter_map(|owned| Some((owned, owned.load_balancer?))) {
            if Terms::of(found).names_members() {
                serving.add_rules(owned, found);
            } else {
                serving.add_certificates(owned);
            }
        }
        Some(serving)
    }

    fn add_certificates(&mut self, owned: &'a Owned<'a>) {
        for certificate in &owned.certificates {
            self.by_certificate.entry(*certificate).or_default().push(owned);
        }
    }

    fn add_rules(&mut self, owned: &'a Owned<'a>, found: &'a LoadBalancer) {
        let rules = found.listeners.iter().flat_map(|listener| &listener.rules);
        let objects = rules.filter_map(|rule| ObjectName::of_tag(tag_value(&rule.tags, TAG_INGRESS)?));
        for object in objects.collect::<BTreeSet<_>>() {
            self.by_rule.entry(object).or_default().push(owned);
        }
    }

    /// The load balancer that serves most of a claim's hosts; of several, the one with the smallest id, so that it is the same
    /// in every pass.
    fn load_balancer_of(&self, claim: &Claim<'_>) -> Option<&'a Owned<'a>> {
        if claim.routing.is_some() {
            let mut with_rules = self.by_rule.get(&claim.object)?.iter().copied();
            return with_rules.find(|owned| has_scheme(owned, claim));
        }
        if claim.wants_its_own() {
            return None;
        }
        if claim.is_http_only() {
            return None; // Nothing tells which of the load balancers that serve HTTP only serves it.
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
        let found = certificates.iter().filter_map(|certificate| self.by_certificate.get(certificate));
        found.flatten().filter(|owned| has_scheme(owned, claim)).map(|owned| owned.place()).collect()
    }
}

/// Whether a load balancer has the scheme that a claim asks for.
fn has_scheme(owned: &Owned<'_>, claim: &Claim<'_>) -> bool {
    let scheme = claim.scheme.value();
    owned.load_balancer.is_some_and(|found| scheme.is_none_or(|scheme| scheme == found.scheme))
}

#[cfg(test)]
mod tests;
