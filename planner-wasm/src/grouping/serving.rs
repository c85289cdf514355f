//! Memory without statuses: which load balancer serves whom, by the certificates that it has.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use crate::{
    certificates::NameIndex,
    observed::{Observed, Owned},
    source::Claim,
};

/// The load balancers that several may share, by their certificates.
pub struct Serving<'a> {
    by_certificate: BTreeMap<&'a str, Vec<&'a Owned<'a>>>,
    certificates: NameIndex<'a>,
}

impl<'a> Serving<'a> {
    /// `None`: statuses say it. Who has one alone has it by its tag.
    pub fn new(observed: &'a Observed<'a>) -> Option<Self> {
        if observed.completeness.knows_statuses() {
            return None;
        }
        let mut by_certificate: BTreeMap<&str, Vec<&Owned<'_>>> = BTreeMap::new();
        for owned in observed.owned.values() {
            if owned.exclusive().is_none() && !owned.is_given_up(observed.time) {
                for arn in owned.certificates() {
                    by_certificate.entry(arn).or_default().push(owned);
                }
            }
        }
        let known = by_certificate.keys().filter_map(|arn| observed.certificates.get(arn).copied());
        let certificates = NameIndex::new(known);
        Some(Serving { by_certificate, certificates })
    }

    /// Our id of the one that serves most of a claim's hosts. Of several that serve as many it is the one with the smallest
    /// id: it must be the same one in every pass.
    pub fn load_balancer_of(&self, claim: &Claim) -> Option<&'a str> {
        if claim.shared.value() == Some(false) {
            return None;
        }
        let of_hosts = claim.hosts.iter().map(|host| {
            self.certificates.covering(host).map(|(certificate, _)| certificate.arn.as_str()).collect()
        });
        let of_name = claim.pinned.as_deref().map(|arn| BTreeSet::from([arn]));
        let mut served: BTreeMap<&str, usize> = BTreeMap::new();
        for arns in of_hosts.chain(of_name) {
            for id in self.with_any(&arns, claim) {
                *served.entry(id).or_default() += 1;
            }
        }
        served.into_iter().min_by_key(|(id, count)| (Reverse(*count), *id)).map(|(id, _)| id)
    }

    /// Those that have one of these certificates and the scheme that a claim asks for.
    fn with_any(&self, arns: &BTreeSet<&str>, claim: &Claim) -> BTreeSet<&'a str> {
        let scheme = claim.scheme.value();
        let fits = |owned: &&&'a Owned<'a>| {
            owned.load_balancer.is_some_and(|found| scheme.is_none_or(|scheme| scheme == found.scheme))
        };
        let found = arns.iter().filter_map(|arn| self.by_certificate.get(arn)).flatten();
        found.filter(fits).map(|owned| owned.id).collect()
    }
}
