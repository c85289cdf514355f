//! Slots: load balancers as they will be, while members are put on them.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{Certificate, Scheme};

use super::{Member, leftovers::Leftovers};
use crate::{
    certificates::{Want, covers},
    observed::{Observed, Owned, PROVISIONING_TIMEOUT},
    source::{Claim, Name},
};

/// A load balancer as it will be.
pub struct Slot<'a> {
    /// Our id.
    pub id: String,
    /// What AWS has of it.
    pub owned: Option<&'a Owned<'a>>,
    /// Its scheme.
    pub scheme: Scheme,
    /// Who has it alone.
    pub exclusive: Option<Name>,
    /// The key of a grouping policy.
    pub group: Option<String>,
    /// Whether tags keep what they say of exclusive and group, since moves that follow from it are withheld.
    pub tags_frozen: bool,
    /// Who is on it: indices of members.
    pub members: Vec<usize>,
    /// How many besides members it still serves: who leaves it but is still published on it, who is released.
    pub leaving: usize,
    /// Certificates that they need, by ARN.
    pub needed: BTreeMap<&'a str, Need>,
    /// ARNs of certificates that stay on it in this plan, whoever needs them.
    stays: BTreeSet<&'a str>,
    /// Certificates that it has in AWS.
    present: Present<'a>,
    /// ARNs of certificates that are on it or will be. What a half-made one has does not count: the decisions that led
    /// to it were made without.
    held: BTreeSet<&'a str>,
    /// Whether it is not known which certificates its members need.
    pub unsure: bool,
    /// Our id of the load balancer that it is made to replace.
    pub replaces: Option<String>,
    /// When in this plan it was opened, counted from 0. Actions keep this order: should a crash stop them, those who
    /// open first find what was made first.
    pub opened: Option<usize>,
}

/// Why a load balancer needs a certificate. Both are empty for one that only somebody who leaves it needs.
#[derive(Clone, Debug, Default)]
pub struct Need {
    /// Hosts of members that it serves.
    pub hosts: BTreeSet<String>,
    /// Members that need it, for a host or by name, in the order in which they came.
    pub members: Vec<usize>,
}

/// How a load balancer serves one claim.
#[derive(Clone, Debug, Default)]
pub struct Served<'a> {
    /// The certificate of each host that has one.
    pub hosts: BTreeMap<String, &'a str>,
    /// All certificates that it needs, pinned ones too.
    pub arns: BTreeSet<&'a str>,
    /// Hosts that are served by a certificate only because it is there already.
    pub kept: Vec<(String, &'a str)>,
    /// Whether more certificates may be needed than can be said.
    pub unsure: bool,
}

impl<'a> Slot<'a> {
    /// A slot for a load balancer that is made now, or completed.
    pub fn open(id: String, owned: Option<&'a Owned<'a>>, scheme: Scheme, observed: &Observed<'a>) -> Self {
        Slot {
            id,
            owned,
            scheme,
            exclusive: None,
            group: None,
            tags_frozen: false,
            members: Vec::new(),
            leaving: 0,
            needed: BTreeMap::new(),
            stays: BTreeSet::new(),
            present: Present::on(owned, observed),
            held: BTreeSet::new(),
            unsure: false,
            replaces: None,
            opened: None,
        }
    }

    /// Whether it serves nobody.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty() && self.leaving == 0
    }

    /// How it serves, or would serve, a member.
    pub fn serve(&self, member: &Member<'a>) -> Served<'a> {
        let present = &self.present;
        let mut served = Served::default();
        let keep = |host: &String, served: &mut Served<'a>| {
            for certificate in &present.known {
                if covers(certificate, host) {
                    served.arns.insert(&certificate.arn);
                    if served.hosts.insert(host.clone(), &certificate.arn).is_none() {
                        served.kept.push((host.clone(), &certificate.arn));
                    }
                }
            }
            served.unsure |= present.any_unknown;
        };
        match &member.certificates.want {
            Want::Known(chosen) => {
                for host in &member.claim.hosts {
                    match chosen.get(host) {
                        Some(chosen) => {
                            served.arns.insert(&chosen.certificate.arn);
                            served.hosts.insert(host.clone(), &chosen.certificate.arn);
                        }
                        None => keep(host, &mut served),
                    }
                }
                served.arns.extend(member.certificates.pinned.map(|pinned| pinned.arn.as_str()));
            }
            Want::Unknown => {
                for host in &member.claim.hosts {
                    keep(host, &mut served);
                }
                served.unsure = true;
            }
        }
        served
    }

    /// Puts a member on it.
    pub fn add(&mut self, index: usize, member: &Member<'a>) {
        let served = self.serve(member);
        self.members.push(index);
        self.unsure |= served.unsure;
        for arn in &served.arns {
            self.held.insert(arn);
            self.needed.entry(arn).or_default().members.push(index);
        }
        for (host, arn) in served.hosts {
            self.needed.entry(arn).or_default().hosts.insert(host);
        }
    }

    /// How many certificates there would be if these came, among those that somebody needs.
    pub fn certificates_with(&self, arns: &BTreeSet<&str>) -> usize {
        self.needed.len() + arns.iter().filter(|arn| !self.needed.contains_key(*arn)).count()
    }

    /// How many places certificates would take if these came: among those that somebody needs or that stay anyway.
    pub fn places_with(&self, arns: &BTreeSet<&str>) -> usize {
        let stays = if self.unsure { &self.present.arns } else { &self.stays };
        let needless = stays.iter().filter(|arn| !self.needed.contains_key(*arn));
        let new = |arn: &&&str| !self.needed.contains_key(**arn) && !stays.contains(**arn);
        self.needed.len() + needless.count() + arns.iter().filter(new).count()
    }

    /// ARNs of certificates that are on it or will be.
    pub fn held(&self) -> &BTreeSet<&'a str> {
        &self.held
    }

    /// Whether a certificate is on it in AWS.
    pub fn has(&self, arn: &str) -> bool {
        self.present.arns.contains(arn)
    }

    /// Whether a certificate that is on it in AWS covers a host.
    pub fn covers(&self, host: &str) -> bool {
        self.present.known.iter().any(|certificate| covers(certificate, host))
    }
}

/// Certificates that are on a load balancer.
struct Present<'a> {
    arns: BTreeSet<&'a str>,
    known: Vec<&'a Certificate>,
    any_unknown: bool,
}

impl<'a> Present<'a> {
    fn on(owned: Option<&'a Owned<'a>>, observed: &Observed<'a>) -> Self {
        let arns = owned.map(Owned::certificates).unwrap_or_default();
        let mut present = Present { arns, known: Vec::new(), any_unknown: false };
        for arn in &present.arns {
            match observed.certificates.get(arn) {
                Some(certificate) => present.known.push(certificate),
                None => present.any_unknown = true,
            }
        }
        present
    }
}

/// All load balancers as they will be, by our id.
pub struct Slots<'a> {
    slots: BTreeMap<String, Slot<'a>>,
}

impl<'a> Slots<'a> {
    /// One slot for each load balancer that somebody stands on, that a status names, that is protected, or that has
    /// served somebody before. The others are half-made: nothing in AWS says for whom, so they are as good as not there
    /// until the same decision as before gives the same id again.
    ///
    /// A mark does not count. Where it did, a pass would see the one that the pass before marked and not the one
    /// that it chose, as long as no status tells of the choice: the two would be chosen in turn, for ever.
    pub fn new(
        observed: &'a Observed<'a>,
        standings: &[Option<&str>],
        claims: &[Claim],
        leftovers: &Leftovers<'a>,
    ) -> Self {
        let named: BTreeSet<&str> =
            claims.iter().flat_map(|claim| &claim.names).map(String::as_str).collect();
        let known = |owned: &Owned<'_>| {
            standings.contains(&Some(owned.id))
                || owned.is_protected()
                || leftovers.withholds_on(owned)
                || has_served(owned, observed.time)
                || owned.load_balancer.is_some_and(|found| named.contains(found.dns_name.as_str()))
        };
        let mut slots = Slots { slots: BTreeMap::new() };
        for owned in observed.owned.values().filter(|owned| known(owned)) {
            slots.insert_existing(owned, observed);
            if let Some(slot) = slots.get_mut(owned.id) {
                slot.stays = leftovers.on(owned);
            }
        }
        slots
    }

    /// Adds the half-made load balancers that nobody has taken.
    pub fn insert_rest(&mut self, observed: &'a Observed<'a>) {
        for owned in observed.owned.values() {
            if !self.slots.contains_key(owned.id) {
                self.insert_existing(owned, observed);
            }
        }
    }

    fn insert_existing(&mut self, owned: &'a Owned<'a>, observed: &Observed<'a>) {
        if let Some(load_balancer) = owned.load_balancer {
            let mut slot = Slot::open(owned.id.to_owned(), Some(owned), load_balancer.scheme, observed);
            slot.exclusive = owned.exclusive().and_then(parse_name);
            slot.group = owned.group().map(str::to_owned);
            slot.held = slot.present.arns.clone();
            self.slots.insert(slot.id.clone(), slot);
        }
    }

    /// Takes one out.
    pub fn remove(&mut self, id: &str) -> Option<Slot<'a>> {
        self.slots.remove(id)
    }

    /// All of them, in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &Slot<'a>> {
        self.slots.values()
    }

    /// One by id.
    pub fn get(&self, id: &str) -> Option<&Slot<'a>> {
        self.slots.get(id)
    }

    /// One by id, to change.
    pub fn get_mut(&mut self, id: &str) -> Option<&mut Slot<'a>> {
        self.slots.get_mut(id)
    }

    /// Adds one that is opened now.
    pub fn insert(&mut self, mut slot: Slot<'a>) {
        let before = self.slots.values().filter(|other| other.opened.is_some()).count();
        slot.opened = slot.opened.or(Some(before));
        self.slots.insert(slot.id.clone(), slot);
    }

    /// Keeps on a load balancer what it holds for somebody who is published on it but has no place on it.
    pub fn keep_serving(&mut self, id: &str, claim: &Claim) {
        let Some(slot) = self.slots.get_mut(id) else { return };
        slot.leaving += 1;
        slot.unsure |= slot.present.any_unknown;
        for certificate in &slot.present.known {
            let pinned = claim.pinned.as_deref() == Some(certificate.arn.as_str());
            if pinned || claim.hosts.iter().any(|host| covers(certificate, host)) {
                slot.needed.entry(&certificate.arn).or_default();
            }
        }
    }
}

/// Whether it has served somebody: by its age all who were placed on it had its name. Deleted by accident and made
/// again they have none, and are served as before where their certificates are.
fn has_served(owned: &Owned<'_>, time: u64) -> bool {
    let age = owned.load_balancer.map_or(0, |found| time.saturating_sub(found.created_at));
    owned.is_active() && owned.https().is_some() && age > PROVISIONING_TIMEOUT
}

fn parse_name(tag: &str) -> Option<Name> {
    let (namespace, name) = tag.split_once('/')?;
    Some(Name { namespace: namespace.to_owned(), name: name.to_owned() })
}
