//! A group: the members that share one load balancer, while they are put on it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Member, room};
use crate::{
    certificates::{CertificateId, Want},
    observed::{Observed, Owned},
    source::{Claim, HostId},
    terms::Terms,
};

/// A load balancer as it will be, with who is on it.
pub struct Group<'a> {
    id: String,
    owned: Option<&'a Owned<'a>>,
    terms: Terms<'a>,
    /// Whether tags keep what they say of the terms, since moves that follow from other ones are withheld.
    terms_are_frozen: bool,
    members: Vec<usize>,
    /// How many besides members it still serves: who leaves it but is still published on it, who is released.
    leaving: usize,
    needed: BTreeMap<CertificateId, Need>,
    /// Certificates that are on it in AWS, in their order. Empty for one that was opened from nothing and took over a
    /// half-made one later: what led to it was decided without.
    present: &'a [CertificateId],
    /// Certificates that stay on it in this plan, whoever needs them, in their order.
    stays: Vec<CertificateId>,
    /// Certificates that are on it or will be. What a half-made one has does not count: the decisions that led to it were
    /// made without.
    held: BTreeSet<CertificateId>,
    /// Whether it is not known which certificates its members need.
    is_unsure: bool,
    /// How many certificates it may hold.
    limit: usize,
    replaces: Option<&'a str>,
    opened: Option<usize>,
}

/// Why a load balancer needs a certificate. Both are empty for one that only somebody who leaves it needs.
#[derive(Clone, Debug, Default)]
pub struct Need {
    /// Hosts of members that it serves.
    pub hosts: BTreeSet<HostId>,
    /// Members that need it, for a host or by name, in the order in which they came.
    pub members: Vec<usize>,
}

/// How a load balancer serves one claim.
#[derive(Clone, Debug, Default)]
pub struct Served {
    /// The certificate of each host that has one, in the order of the hosts.
    pub hosts: Vec<(HostId, CertificateId)>,
    /// All certificates that it needs, pinned ones too, in their order.
    pub certificates: Vec<CertificateId>,
    /// Hosts that are served by a certificate only because it is there already.
    pub kept: Vec<(HostId, CertificateId)>,
    /// Whether more certificates may be needed than can be said.
    pub is_unsure: bool,
}

impl<'a> Group<'a> {
    /// A group on a load balancer that is made now, or completed.
    pub fn open(id: String, owned: Option<&'a Owned<'a>>, terms: Terms<'a>, observed: &Observed<'a>) -> Self {
        Group {
            id,
            owned,
            terms,
            terms_are_frozen: false,
            members: Vec::new(),
            leaving: 0,
            needed: BTreeMap::new(),
            present: owned.map(|owned| owned.certificates.as_slice()).unwrap_or_default(),
            stays: Vec::new(),
            held: BTreeSet::new(),
            is_unsure: false,
            limit: room::limit_on(owned, observed),
            replaces: None,
            opened: None,
        }
    }

    /// A group on a load balancer that exists. Some of its certificates stay, whoever needs them.
    pub fn existing(
        owned: &'a Owned<'a>,
        stays: Vec<CertificateId>,
        observed: &Observed<'a>,
    ) -> Option<Self> {
        let terms = Terms::of(owned.load_balancer?);
        let mut group = Group::open(owned.id.to_owned(), Some(owned), terms, observed);
        group.stays = stays;
        group.held = owned.certificates.iter().copied().collect();
        Some(group)
    }

    /// Our id of the load balancer.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What AWS has of it.
    pub fn owned(&self) -> Option<&'a Owned<'a>> {
        self.owned
    }

    /// What its members agree on.
    pub fn terms(&self) -> &Terms<'a> {
        &self.terms
    }

    /// Who is on it: indices of members.
    pub fn members(&self) -> &[usize] {
        &self.members
    }

    /// Certificates that it needs.
    pub fn needed(&self) -> &BTreeMap<CertificateId, Need> {
        &self.needed
    }

    /// Whether it is not known which certificates its members need.
    pub fn is_unsure(&self) -> bool {
        self.is_unsure
    }

    /// How many certificates it may hold on the listener that has them.
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// Our id of the load balancer that it is made to replace.
    pub fn replaces(&self) -> Option<&'a str> {
        self.replaces
    }

    /// When in this plan it was opened, counted from 0. Actions keep this order: should a crash stop them, those who
    /// open first find what was made first.
    pub fn opened(&self) -> Option<usize> {
        self.opened
    }

    /// Whether it serves nobody.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty() && self.leaving == 0
    }

    /// Whether it is marked as unneeded and serves nobody: it takes the terms of who comes, as far as AWS can change
    /// them. One without a mark that serves nobody may be half-made: it waits for those whom its tags name.
    pub fn is_vacant(&self) -> bool {
        self.is_empty() && self.owned.is_some_and(|owned| owned.unneeded_since().is_some())
    }

    /// Certificates that are on it or will be.
    pub fn held(&self) -> &BTreeSet<CertificateId> {
        &self.held
    }

    /// Certificates that are on it in AWS, in their order.
    pub fn present(&self) -> &'a [CertificateId] {
        self.present
    }

    /// Whether a certificate is on it in AWS.
    pub fn has(&self, certificate: CertificateId) -> bool {
        self.present.binary_search(&certificate).is_ok()
    }

    /// Whether a certificate is on it in AWS that the inventory does not hold.
    fn has_unknown(&self, observed: &Observed<'_>) -> bool {
        self.present.iter().any(|certificate| observed.certificates.known(*certificate).is_none())
    }

    /// Certificates that are on it in AWS and cover a host, in their order.
    pub fn covering(&self, host: HostId, observed: &Observed<'_>) -> Vec<CertificateId> {
        let covering = observed.coverage.of(host).map(|covering| covering.certificate);
        let mut found: Vec<CertificateId> = covering.filter(|certificate| self.has(*certificate)).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Whether a certificate that is on it in AWS covers a host.
    pub fn covers(&self, host: HostId, observed: &Observed<'_>) -> bool {
        observed.coverage.of(host).any(|covering| self.has(covering.certificate))
    }

    /// How it serves, or would serve, a member.
    pub fn serve(&self, member: &Member<'_>, observed: &Observed<'_>) -> Served {
        let mut served = Served::default();
        if !member.claim.needs_certificates() {
            return served;
        }
        match &member.certificates.want {
            Want::Known(chosen) => {
                let mut chosen = chosen.iter().peekable();
                for host in &member.claim.hosts {
                    match chosen.next_if(|(other, _)| other == host) {
                        Some(chosen) => served.hosts.push(*chosen),
                        None => self.keep(*host, &mut served, observed),
                    }
                }
                served.certificates.extend(&member.certificates.certificates);
            }
            Want::Unknown => {
                for host in &member.claim.hosts {
                    self.keep(*host, &mut served, observed);
                }
                served.is_unsure = true;
            }
        }
        // What was decided for the member is in order; only what is kept is not.
        if !served.kept.is_empty() {
            served.certificates.sort_unstable();
            served.certificates.dedup();
        }
        served
    }

    /// Serves a host for which nothing may be chosen with what is there.
    fn keep(&self, host: HostId, served: &mut Served, observed: &Observed<'_>) {
        let covering = self.covering(host, observed);
        if let (Some(first), Some(last)) = (covering.first(), covering.last()) {
            served.hosts.push((host, *last));
            served.kept.push((host, *first));
        }
        served.certificates.extend(covering);
        served.is_unsure |= self.has_unknown(observed);
    }

    /// Puts a member on it.
    pub(super) fn add(&mut self, index: usize, member: &Member<'_>, observed: &Observed<'_>) {
        let served = self.serve(member, observed);
        self.members.push(index);
        self.is_unsure |= served.is_unsure;
        for certificate in &served.certificates {
            self.held.insert(*certificate);
            self.needed.entry(*certificate).or_default().members.push(index);
        }
        for (host, certificate) in served.hosts {
            self.needed.entry(certificate).or_default().hosts.insert(host);
        }
    }

    /// Keeps what it holds for somebody who is published on it but has no place on it.
    pub(super) fn keep_serving(&mut self, claim: &Claim<'_>, observed: &Observed<'_>) {
        self.leaving += 1;
        self.is_unsure |= self.has_unknown(observed);
        let pinned = claim.pinned.and_then(|arn| observed.certificates.find_known(arn));
        let pinned = pinned.filter(|certificate| self.has(*certificate));
        let covering = claim.hosts.iter().flat_map(|host| self.covering(*host, observed));
        for certificate in covering.chain(pinned).collect::<Vec<_>>() {
            self.needed.entry(certificate).or_default();
        }
    }

    /// Lets somebody stay who was about to leave: what it needs is kept already.
    pub(super) fn let_stay(&mut self, index: usize) {
        self.members.push(index);
        self.leaving = self.leaving.saturating_sub(1);
    }

    /// Gives it other terms, unless they are frozen.
    pub(super) fn agree_on(&mut self, change: impl FnOnce(&mut Terms<'a>)) {
        if !self.terms_are_frozen {
            change(&mut self.terms);
        }
    }

    /// Lets tags keep what they say of the terms.
    pub(super) fn freeze_terms(&mut self) {
        self.terms_are_frozen = true;
    }

    /// Says that it was opened in this plan, and to replace which load balancer.
    pub(super) fn mark_opened(&mut self, order: usize, replaces: Option<&'a str>) {
        self.opened = Some(order);
        self.replaces = replaces;
    }

    /// Lets it complete what is there under another id.
    pub(super) fn take_over(&mut self, owned: &'a Owned<'a>) {
        self.id = owned.id.to_owned();
        self.owned = Some(owned);
    }

    /// How many certificates there would be if these came, among those that somebody needs.
    pub(super) fn certificates_with(&self, coming: &[CertificateId]) -> usize {
        self.needed.len() + coming.iter().filter(|certificate| !self.needed.contains_key(certificate)).count()
    }

    /// How many places certificates would take if these came: among those that somebody needs or that stay anyway.
    pub fn places_with(&self, coming: &[CertificateId]) -> usize {
        let stays = if self.is_unsure { self.present } else { self.stays.as_slice() };
        let needless = stays.iter().filter(|certificate| !self.needed.contains_key(certificate));
        let is_new = |certificate: &&CertificateId| {
            !self.needed.contains_key(certificate) && stays.binary_search(certificate).is_err()
        };
        self.needed.len() + needless.count() + coming.iter().filter(is_new).count()
    }
}

#[cfg(test)]
mod tests;
