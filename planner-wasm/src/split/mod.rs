//! Splitting: a group in route mode that needs more rules, target groups, targets or certificates than one load balancer may
//! have is distributed over several, if the settings allow it.
//!
//! The load balancers of a group are counted from 1: its parts. A unit, the Ingresses that share hosts, is never divided. It
//! stays on its part as long as it fits there; only a unit that no longer fits moves, and only units that are new or that
//! move are placed. So an Ingress changes its load balancer only if its own unit has grown.
//!
//! A part is recorded in the tag of its load balancer, and the part of an Ingress in its status. Where the status is not
//! written yet, the rules that a load balancer has say where a unit was going, so that a crash changes no decision.

mod distribution;
mod messages;
mod parts;
mod small;
#[cfg(test)]
mod tests;
mod units;

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{Protocol, Scheme, key_of_a_policy};

use crate::{
    backends::Services,
    certificates::Decision,
    grouping::{Share, Standing},
    observed::Observed,
    source::{Claim, EVERY_HOST, Routing},
    terms::{FIRST_PART, Terms},
    wanted::{Elsewhere, Limits, Needs},
};
use distribution::{Capacity, Chosen, Load, Unit, distribute};
use parts::Parts;
use small::Bounds;
use units::{Asker, Joined, join};

/// Decides for all members, in their order.
pub fn decide<'a>(
    claims: &[&'a Claim<'a>],
    decisions: &[Decision],
    standings: &[Standing<'a>],
    services: &'a Services<'a>,
    observed: &Observed<'a>,
) -> Vec<Share> {
    let mut shares = vec![Share::default(); claims.len()];
    let mut groups: BTreeMap<(&str, Scheme), Vec<usize>> = BTreeMap::new();
    for (index, claim) in claims.iter().enumerate() {
        let group = claim.routing.as_ref().and_then(|routing| routing.group);
        if let (Some(group), Some(scheme)) = (group, claim.scheme.value()) {
            groups.entry((group, scheme)).or_default().push(index);
        }
    }
    if groups.is_empty() {
        return shares;
    }
    let terms: Vec<Option<Terms<'a>>> =
        observed.owned.iter().map(|owned| owned.load_balancer.map(Terms::of)).collect();
    let bounds = Bounds::new(services, observed);
    for ((name, scheme), indices) in groups {
        let all = Sources { claims, decisions, standings, terms: &terms, services, observed };
        let group = Group { name, scheme, indices, all };
        let mut parts = group.indices.iter().filter_map(|index| group.part(*index)).peekable();
        let first = parts.peek().copied().unwrap_or(FIRST_PART);
        if parts.all(|part| part == first) && bounds.surely_fit(&group) {
            group.indices.iter().for_each(|index| shares[*index].part = first);
        } else {
            group.split(&mut shares);
        }
    }
    shares
}

/// Everything that is known about all members.
#[derive(Clone, Copy)]
struct Sources<'a, 'b> {
    claims: &'b [&'a Claim<'a>],
    decisions: &'b [Decision],
    standings: &'b [Standing<'a>],
    /// The terms of our load balancers, by their place.
    terms: &'b [Option<Terms<'a>>],
    services: &'a Services<'a>,
    observed: &'b Observed<'a>,
}

/// A group with its members.
struct Group<'a, 'b> {
    name: &'a str,
    scheme: Scheme,
    /// The members, as indices of the lists.
    indices: Vec<usize>,
    all: Sources<'a, 'b>,
}

impl<'a, 'b> Group<'a, 'b> {
    fn claim(&self, index: usize) -> &'a Claim<'a> {
        self.all.claims[index]
    }

    /// The part whose load balancer serves a member now. `None`: no load balancer of the group serves it.
    fn part(&self, index: usize) -> Option<u32> {
        let terms = self.all.terms[self.all.standings[index]?.place()]?;
        terms.belongs_to(self.name, self.scheme).then_some(terms.part)
    }

    /// Whether a member does not move, whatever becomes of others.
    fn is_fixed(&self, index: usize) -> bool {
        self.claim(index).is_going || self.claim(index).is_unreadable_in_route_mode()
    }

    /// Distributes the members over parts.
    fn split(&self, shares: &mut [Share]) {
        let parts = Parts::new(self.name, self.scheme, self.all.observed);
        let members: Vec<usize> = self
            .indices
            .iter()
            .copied()
            .filter(|index| self.part(*index).is_some() || !self.is_fixed(*index))
            .collect();
        let joined = self.join(&members, &parts);
        let units = self.units(&members, &joined, &parts);
        let capacity = self.capacity();
        let others = parts.others();
        let wanted = distribute(&units, &others, &capacity, true);
        // The key of a policy is only a wish, and nobody else chose the group.
        let allowed = self.all.observed.settings.allow_group_split || key_of_a_policy(self.name).is_some();
        let chosen = if allowed { wanted.clone() } else { distribute(&units, &others, &capacity, false) };
        for (place, unit) in units.iter().enumerate() {
            // Where it would be, and why it has no room where it is.
            let told =
                self.tell(unit, &Chosen { part: wanted[place].part, ..chosen[place].clone() }, allowed);
            for index in &unit.members {
                shares[*index].part = chosen[place].part;
                shares[*index].told.extend(told.get(index).cloned());
            }
        }
        for (index, elsewhere) in &joined.elsewhere {
            let own = shares[*index].part;
            shares[*index].told.push(self.tell_host_split(*index, own, elsewhere));
            shares[*index].elsewhere = elsewhere.keys().cloned().collect();
        }
        for (index, others) in &joined.hidden {
            let own = shares[*index].part;
            shares[*index].told.push(self.tell_hidden(*index, own, others));
        }
    }

    fn join(&self, members: &[usize], parts: &Parts<'a>) -> Joined {
        let asker = |index: &usize| {
            let claim = self.claim(*index);
            let part = self.part(*index);
            let hosts = claim.routing.as_deref().map(hosts_of).unwrap_or_default();
            let served = part.map(|part| parts.hosts(part, claim.object)).unwrap_or_default();
            Asker { index: *index, hosts, part, served, age: claim.age() }
        };
        join(&members.iter().map(asker).collect::<Vec<_>>())
    }

    fn units(&self, members: &[usize], joined: &Joined, parts: &Parts<'a>) -> Vec<Unit<'a>> {
        let elsewhere = joined.elsewhere.iter().map(|(index, hosts)| {
            (self.claim(*index).object, hosts.keys().cloned().collect::<BTreeSet<String>>())
        });
        let elsewhere: Elsewhere<'a> = elsewhere.collect();
        let claims: Vec<&'a Claim<'a>> = members.iter().map(|index| self.claim(*index)).collect();
        let quotas = &self.all.observed.inventory.quotas;
        let needs = Needs::new(&claims, &elsewhere, self.all.services, quotas);
        let mut units: Vec<Unit<'a>> = Vec::new();
        for (members, part) in &joined.units {
            let objects: BTreeSet<_> = members.iter().map(|index| self.claim(*index).object).collect();
            let mut load = Load { need: needs.of(&objects), ..Load::default() };
            let rules = parts.rules(&objects);
            // Existing rules stay as they are, although some of them could be merged.
            let existing = part.and_then(|part| rules.get(&part)).copied().unwrap_or_default();
            load.need.rules = load.need.rules.max(existing);
            for index in members {
                let claim = self.claim(*index);
                if claim.needs_certificates() {
                    load.certificates.extend(&self.all.decisions[*index].certificates);
                }
            }
            units.push(Unit {
                members: members.clone(),
                part: *part,
                is_pinned: part.is_some() && members.iter().any(|index| self.is_fixed(*index)),
                rules,
                age: members.iter().map(|index| self.claim(*index).age()).min(),
                load,
            });
        }
        units
    }

    /// What a load balancer of the group can have.
    fn capacity(&self) -> Capacity<'a> {
        let quotas = &self.all.observed.inventory.quotas;
        let routings = self.indices.iter().filter_map(|index| self.claim(*index).routing.as_ref());
        let https =
            routings.flat_map(|routing| &routing.listeners).filter(|it| it.protocol == Protocol::Https);
        // AWS counts the certificates of all listeners, and each HTTPS listener has all of them.
        let ports: BTreeSet<u16> = https.map(|it| it.port).collect();
        Capacity {
            services: self.all.services,
            limits: Limits::of(quotas),
            certificates: quotas.certificates_per_load_balancer as usize / ports.len().max(1),
        }
    }
}

/// The hosts of an object, in the order of its manifest, each once.
fn hosts_of(routing: &Routing<'_>) -> Vec<String> {
    let mut hosts: Vec<String> = Vec::new();
    for route in &routing.routes {
        let of_route = route.hosts.iter().map(|host| host.shared().into_owned());
        let every = route.hosts.is_empty().then(|| EVERY_HOST.to_owned());
        for host in of_route.chain(every) {
            if !hosts.contains(&host) {
                hosts.push(host);
            }
        }
    }
    hosts
}
