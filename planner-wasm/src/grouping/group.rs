//! A group: the members that share one load balancer, while members are added.

use std::collections::{BTreeMap, BTreeSet};

use super::{Member, room, staying::is_content};
use crate::{
    certificates::{CertificateId, Want},
    observed::{Observed, Owned},
    source::{Claim, HostId},
    terms::{Terms, most_certificates},
};

/// A load balancer after the plan, with its members.
pub struct Group<'a> {
    id: String,
    owned: Option<&'a Owned<'a>>,
    terms: Terms<'a>,
    /// Whether the terms in the tags stay, since the moves that would follow from other terms are withheld.
    terms_are_frozen: bool,
    /// What [`Group::unseen`] answers.
    unseen: Option<String>,
    /// Whether a member has said what it is asked for.
    is_settled: bool,
    members: Vec<usize>,
    /// How many other Ingresses it still serves: those that leave it but are still published on it, and released ones.
    leaving: usize,
    /// Whether an Ingress that it serves, even one that leaves it, asks for HTTP only.
    needs_http: bool,
    needed: BTreeMap<CertificateId, Need>,
    /// Certificates that are on it in AWS, in their order. Empty for a new load balancer that took over a half-made one
    /// later: the decisions before did not consider these certificates.
    present: &'a [CertificateId],
    /// Certificates that stay on it in this plan even if nobody needs them, in their order.
    stays: Vec<CertificateId>,
    /// Certificates that are on it or will be. Those of a half-made load balancer do not count: the decisions that led to it
    /// did not consider them.
    held: BTreeSet<CertificateId>,
    /// Whether it is not known which certificates its members need.
    is_unsure: bool,
    /// How many certificates it may hold.
    limit: usize,
    /// How many certificates its members may need, if the settings say so.
    most_needed: Option<usize>,
    replaces: Option<&'a str>,
    opened: Option<usize>,
}

/// Why a load balancer needs a certificate. Both are empty if only an Ingress that leaves it needs the certificate.
#[derive(Clone, Debug, Default)]
pub struct Need {
    /// Hosts of members that the certificate serves.
    pub hosts: BTreeSet<HostId>,
    /// Members that need the certificate, for a host or by name, in the order in which they were added.
    pub members: Vec<usize>,
}

/// How a load balancer serves one claim.
#[derive(Clone, Debug, Default)]
pub struct Served {
    /// The certificate of each served host, in the order of the hosts.
    pub hosts: Vec<(HostId, CertificateId)>,
    /// All certificates that the claim needs, including the pinned one, in their order.
    pub certificates: Vec<CertificateId>,
    /// Hosts that a certificate serves only because it is on the load balancer already.
    pub kept: Vec<(HostId, CertificateId)>,
    /// Whether other certificates may be needed, which are not known.
    pub is_unsure: bool,
}

impl<'a> Group<'a> {
    /// A group on a load balancer that is created or completed now.
    pub fn open(id: String, owned: Option<&'a Owned<'a>>, terms: Terms<'a>, observed: &Observed<'a>) -> Self {
        Group {
            id,
            owned,
            terms,
            terms_are_frozen: false,
            unseen: None,
            is_settled: false,
            members: Vec::new(),
            leaving: 0,
            needs_http: false,
            needed: BTreeMap::new(),
            present: owned.map(|owned| owned.certificates.as_slice()).unwrap_or_default(),
            stays: Vec::new(),
            held: BTreeSet::new(),
            is_unsure: false,
            limit: room::limit_on(terms.kind, owned, observed),
            most_needed: most_certificates(terms.mode, observed.settings),
            replaces: None,
            opened: None,
        }
    }

    /// A group on an existing load balancer. The certificates in `stays` stay even if nobody needs them.
    pub fn existing(
        owned: &'a Owned<'a>,
        stays: Vec<CertificateId>,
        observed: &Observed<'a>,
    ) -> Option<Self> {
        let terms = owned.terms()?;
        let mut group = Group::open(owned.id.to_owned(), Some(owned), terms, observed);
        group.stays = stays;
        group.held = owned.certificates.iter().copied().collect();
        Some(group)
    }

    /// Our id of the load balancer.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its resources in AWS.
    pub fn owned(&self) -> Option<&'a Owned<'a>> {
        self.owned
    }

    /// The terms of its members.
    pub fn terms(&self) -> &Terms<'a> {
        &self.terms
    }

    /// In words, why it may serve an object that is not known. `None`: all its members are known.
    pub fn unseen(&self) -> Option<&str> {
        self.unseen.as_deref()
    }

    /// Whether it may have members that are not known and has no known member: then it is not known which of the wishes that it
    /// meets its members have.
    pub fn is_open(&self) -> bool {
        self.unseen.is_some() && !self.is_settled && !self.terms_are_frozen
    }

    /// Whether a new member has nothing to change on it, and its known members, if it has any, ask for the same.
    pub fn suits_as_it_is(&self, terms: &Terms<'_>, observed: &Observed<'_>) -> bool {
        let found = self.owned.and_then(|owned| owned.load_balancer);
        self.is_open() && found.is_some_and(|found| is_content(terms, &self.terms, found, observed))
    }

    /// Indices of its members.
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

    /// How many certificates its HTTPS listener may have.
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// How many certificates its members may need, if the settings say so. Present members may need more.
    pub fn most_needed(&self) -> Option<usize> {
        self.most_needed
    }

    /// Our id of the load balancer that it replaces.
    pub fn replaces(&self) -> Option<&'a str> {
        self.replaces
    }

    /// When in this plan it was opened, counted from 0. Actions keep this order: after a crash, the first Ingresses find the
    /// load balancers that were created first.
    pub fn opened(&self) -> Option<usize> {
        self.opened
    }

    /// Whether it serves no Ingress.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty() && self.leaving == 0
    }

    /// Whether an Ingress that it serves, even one that leaves it, asks for HTTP only: there may be no certificate for its hosts.
    pub fn needs_http(&self) -> bool {
        self.needs_http
    }

    /// Whether it is marked as unneeded and serves no Ingress: then it takes over the terms of a new member, as far as AWS
    /// can change them. A load balancer without a mark that serves no Ingress may be half-made: it waits for the Ingresses
    /// that its tags name. A load balancer that may serve an object that is not known keeps its terms.
    pub fn is_vacant(&self) -> bool {
        self.is_empty()
            && !self.terms_are_frozen
            && self.unseen.is_none()
            && self.owned.is_some_and(|owned| owned.unneeded_since().is_some())
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

    /// Whether it has a certificate in AWS that the inventory does not contain.
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
        let claim = member.claim;
        // What stays as it is may have had other hosts, whose certificates stay too.
        let mut served = Served { is_unsure: claim.stays_as_it_is(), ..Served::default() };
        // Its move to a load balancer of its new mode, or to one that serves HTTP only, is withheld, so it is served as before.
        let is_in_other_mode = claim.mode() != self.terms.mode;
        let stays_for_now = is_in_other_mode || claim.is_http_only();
        if self.terms.http_only || (!stays_for_now && !claim.needs_certificates()) {
            return served;
        }
        let until_it_moves = member.certificates.until_it_moves.as_ref().filter(|_| !is_in_other_mode);
        match (&member.certificates.want, until_it_moves) {
            (_, Some(until_it_moves)) => {
                self.serve_chosen(claim, &until_it_moves.hosts, &mut served, observed);
            }
            _ if stays_for_now => {
                for host in &claim.hosts {
                    self.keep(*host, &mut served, observed);
                }
            }
            (Want::Known(chosen), None) => {
                self.serve_chosen(claim, chosen, &mut served, observed);
                served.certificates.extend(&member.certificates.pinned);
            }
            (Want::Unknown, None) => {
                for host in &claim.hosts {
                    self.keep(*host, &mut served, observed);
                }
                served.is_unsure = true;
            }
        }
        served.certificates.sort_unstable();
        served.certificates.dedup();
        served
    }

    /// Serves each host with the certificate that was chosen for it, else with those that are on the load balancer.
    fn serve_chosen(
        &self,
        claim: &Claim<'_>,
        chosen: &[(HostId, CertificateId)],
        served: &mut Served,
        observed: &Observed<'_>,
    ) {
        let mut chosen = chosen.iter().peekable();
        for host in &claim.hosts {
            match chosen.next_if(|(other, _)| other == host) {
                Some(chosen) => {
                    served.hosts.push(*chosen);
                    served.certificates.push(chosen.1);
                }
                None => self.keep(*host, served, observed),
            }
        }
    }

    /// Serves a host, for which no certificate may be chosen, with the certificates that are on the load balancer.
    fn keep(&self, host: HostId, served: &mut Served, observed: &Observed<'_>) {
        let covering = self.covering(host, observed);
        if let (Some(first), Some(last)) = (covering.first(), covering.last()) {
            served.hosts.push((host, *last));
            served.kept.push((host, *first));
        }
        served.certificates.extend(covering);
        served.is_unsure |= self.has_unknown(observed);
    }

    /// Adds a member.
    pub(super) fn add(&mut self, index: usize, member: &Member<'_>, observed: &Observed<'_>) {
        let served = self.serve(member, observed);
        self.members.push(index);
        self.needs_http |= member.claim.is_http_only();
        self.is_unsure |= served.is_unsure;
        for certificate in &served.certificates {
            self.held.insert(*certificate);
            self.needed.entry(*certificate).or_default().members.push(index);
        }
        for (host, certificate) in served.hosts {
            self.needed.entry(certificate).or_default().hosts.insert(host);
        }
    }

    /// Keeps serving an Ingress that is published on it but is not a member.
    pub(super) fn keep_serving(&mut self, claim: &Claim<'_>, observed: &Observed<'_>) {
        self.leaving += 1;
        self.needs_http |= claim.is_http_only();
        self.is_unsure |= claim.stays_as_it_is() || self.has_unknown(observed);
        let pinned = claim.pinned.iter().filter_map(|arn| observed.certificates.find_known(arn));
        let pinned = pinned.filter(|certificate| self.has(*certificate));
        let covering = claim.hosts.iter().flat_map(|host| self.covering(*host, observed));
        for certificate in covering.chain(pinned).collect::<Vec<_>>() {
            self.needed.entry(certificate).or_default();
        }
    }

    /// Lets a member stay that was about to leave.
    pub(super) fn let_stay(&mut self, index: usize, member: &Member<'_>, observed: &Observed<'_>) {
        self.leaving = self.leaving.saturating_sub(1);
        self.add(index, member, observed);
    }

    /// Changes its terms, unless they are frozen. If an object that is not known may be on it, the members must have nothing to
    /// change.
    pub(super) fn agree_on(&mut self, change: impl FnOnce(&mut Terms<'a>)) {
        if !self.terms_are_frozen {
            change(&mut self.terms);
            self.is_settled = true;
        }
    }

    /// Freezes its terms, so that its tags stay.
    pub(super) fn freeze_terms(&mut self) {
        self.terms_are_frozen = true;
    }

    /// Notes whether it may serve an object that is not known.
    pub(super) fn note_unseen(&mut self, why: Option<String>) {
        self.unseen = why;
    }

    /// Notes that it was opened in this plan, and which load balancer it replaces.
    pub(super) fn mark_opened(&mut self, order: usize, replaces: Option<&'a str>) {
        self.opened = Some(order);
        self.replaces = replaces;
    }

    /// Lets it complete a half-made load balancer with another id.
    pub(super) fn take_over(&mut self, owned: &'a Owned<'a>, observed: &Observed<'a>) {
        self.id = owned.id.to_owned();
        self.limit = room::limit_on(self.terms.kind, Some(owned), observed);
        self.owned = Some(owned);
    }

    /// How many needed certificates there would be with these added.
    pub(super) fn certificates_with(&self, coming: &[CertificateId]) -> usize {
        self.needed.len() + coming.iter().filter(|certificate| !self.needed.contains_key(certificate)).count()
    }

    /// How many places certificates would take with these added: those that are needed or stay anyway.
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
