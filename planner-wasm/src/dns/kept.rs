//! Records of ours that are in nobody's wishes: which of them stay, and which go.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use albatross_contract::{Budget, LoadBalancerFate, Withheld};

use super::{Asker, Fates, Ownership, Zone, ZoneRecords};
use crate::{
    budgets::{Request, unneeded_limit},
    observed::Observed,
    words,
};

/// The records of a host that go.
pub struct Removal<'a> {
    /// The host.
    pub host: Cow<'a, str>,
    /// Whether the budget counts it: nobody moved the host or deletes its load balancer now.
    pub counts: bool,
}

/// Finds the records that go.
pub struct Removals<'a, 'b, 'c> {
    by_host: BTreeMap<&'a str, Vec<&'c Asker<'a, 'b>>>,
    /// The names of load balancers with an object that stays as it is: it may have had any of their hosts.
    kept: BTreeSet<&'a str>,
    fates: &'c Fates<'a>,
}

impl<'a, 'b, 'c> Removals<'a, 'b, 'c> {
    /// Indexes the claims by their hosts.
    pub fn new(askers: &'c [Asker<'a, 'b>], fates: &'c Fates<'a>, observed: &'c Observed<'a>) -> Self {
        let mut by_host: BTreeMap<&str, Vec<&Asker<'_, '_>>> = BTreeMap::new();
        for asker in askers {
            for host in asker.claim.hosts_of_rules() {
                by_host.entry(observed.hosts.text(*host)).or_default().push(asker);
            }
        }
        let staying = askers.iter().filter(|asker| asker.claim.stays_as_it_is());
        let kept = staying.filter_map(|asker| Some(asker.load_balancer?.dns_name.as_str())).collect();
        Removals { by_host, kept, fates }
    }

    /// The records that go, for each hosted zone.
    pub fn of(&self, zones: &[Zone<'a>], ownership: &Ownership<'_>) -> Vec<Vec<Removal<'a>>> {
        let in_zone = |zone: &Zone<'a>| {
            let held = ownership.held_hosts(zone.there.zone);
            let unasked = held.filter(|host| !zone.wanted.contains_key(host.as_ref()));
            unasked.filter_map(|host| self.removal(host, &zone.there, zones, ownership)).collect()
        };
        zones.iter().map(in_zone).collect()
    }

    fn removal(
        &self,
        host: Cow<'a, str>,
        zone: &ZoneRecords<'a>,
        zones: &[Zone<'a>],
        ownership: &Ownership<'_>,
    ) -> Option<Removal<'a>> {
        let target = zone.target(&host);
        if target.is_some_and(|target| self.kept.contains(target)) {
            return None;
        }
        let Some(askers) = self.by_host.get(host.as_ref()) else {
            return match target.and_then(|name| self.fates.of(name)) {
                // Its records go with it, so that the grace period is one for everything.
                Some(LoadBalancerFate::Unneeded) => None,
                Some(LoadBalancerFate::Delete) => Some(Removal { host, counts: false }),
                Some(LoadBalancerFate::Create | LoadBalancerFate::Keep | LoadBalancerFate::Release)
                | None => Some(Removal { host, counts: true }),
            };
        };
        // Where other people have a record for the host, it gets no record of ours.
        let free = zones.iter().filter(|zone| ownership.taken(&zone.there, &host).is_none());
        let mut elsewhere = free.filter_map(|zone| Some((zone, zone.wanted.get(host.as_ref())?)));
        let goes = match elsewhere.next() {
            // The host has moved to another hosted zone. There its record comes first.
            Some((other, wish)) => other.there.target(&host) == Some(wish.load_balancer.dns_name.as_str()),
            // As long as an Ingress has no hostname, its record may still serve clients.
            None => askers.iter().all(|asker| {
                asker.load_balancer.is_some_and(|found| target != Some(found.dns_name.as_str()))
            }),
        };
        goes.then_some(Removal { host, counts: false })
    }
}

/// Withholds the removal of records that no Ingress asks for, if there are too many. `total`: how many hosts have records of
/// ours.
pub fn withhold(unneeded: &[Vec<Removal<'_>>], total: usize, observed: &Observed<'_>) -> Option<Withheld> {
    let counted = unneeded.iter().flatten().filter(|removal| removal.counts);
    Request {
        budget: Budget::UnneededRecords,
        flag: "--allow-unneeded",
        message: |hosts: &[String]| {
            format!(
                "the records of {} of {} with records of ours would be deleted, since their Ingresses are gone",
                hosts.len(),
                words::count(total, "host", "hosts")
            )
        },
        ids: counted.map(|removal| removal.host.to_string()).collect(),
        allowed: &observed.settings.allowances.unneeded,
        total,
        limit: unneeded_limit(total),
    }
    .judge()
}
