//! Units: the members in route mode that share hosts, directly or through others, and whose annotations name no group.
//!
//! The records of a host lead to one load balancer, so a policy cannot part them. A host counts as it is written: without a
//! policy, Ingresses with a wildcard host and with a host that it matches are on different load balancers too.

use std::collections::BTreeMap;

use super::Place;
use crate::{observed::Observed, source::Claim};

/// The units of all members.
pub struct Units {
    /// The unit of each member that shares a host.
    of_members: Vec<Option<usize>>,
    units: Vec<Unit>,
}

struct Unit {
    /// The first of its hosts.
    host: String,
    /// The oldest first.
    members: Vec<usize>,
}

impl Units {
    /// Finds the units.
    pub fn of(members: &[&Claim<'_>], observed: &Observed<'_>) -> Units {
        let mut sets = Sets::new(members.len());
        let mut first_with: BTreeMap<&str, usize> = BTreeMap::new();
        let counts = |claim: &Claim<'_>| claim.routing.is_some() && !claim.names_its_group();
        for (index, claim) in members.iter().enumerate().filter(|(_, claim)| counts(claim)) {
            for host in claim.hosts_of_rules() {
                let first = *first_with.entry(observed.hosts.text(*host)).or_insert(index);
                sets.join(first, index);
            }
        }
        let mut hosts_of: BTreeMap<usize, &str> = BTreeMap::new();
        for (host, index) in first_with {
            hosts_of.entry(sets.root(index)).or_insert(host);
        }
        let mut by_root: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for index in 0..members.len() {
            by_root.entry(sets.root(index)).or_default().push(index);
        }
        let mut units = Units { of_members: vec![None; members.len()], units: Vec::new() };
        for (root, mut together) in by_root.into_iter().filter(|(_, together)| together.len() > 1) {
            together.iter().for_each(|index| units.of_members[*index] = Some(units.units.len()));
            together.sort_by_key(|index| members[*index].age());
            let host = hosts_of.get(&root).copied().unwrap_or_default().to_owned();
            units.units.push(Unit { host, members: together });
        }
        units
    }

    /// The first host of the unit of a member. `None`: the member shares no host.
    pub fn host(&self, member: usize) -> Option<&str> {
        self.of_members[member].map(|unit| self.units[unit].host.as_str())
    }

    /// Gives all members of a unit the place of one of them: of the oldest one that stands in the group that it was given, else of
    /// the oldest one. A rejection counts only for the member itself.
    pub fn share(&self, places: &mut [Place], stands: impl Fn(usize, &Place) -> bool) {
        for unit in &self.units {
            let counts = |index: &&usize| matches!(places[**index], Place::Group(_) | Place::Default);
            let counting = || unit.members.iter().filter(counts);
            let Some(first) =
                counting().find(|index| stands(**index, &places[**index])).or(counting().next())
            else {
                continue;
            };
            let place = places[*first].clone();
            for index in counting().copied().collect::<Vec<_>>() {
                places[index] = place.clone();
            }
        }
    }
}

/// Disjoint sets of members.
struct Sets {
    /// The parent of each member; a root is its own parent.
    parents: Vec<usize>,
}

impl Sets {
    fn new(count: usize) -> Sets {
        Sets { parents: (0..count).collect() }
    }

    fn root(&self, mut member: usize) -> usize {
        while self.parents[member] != member {
            member = self.parents[member];
        }
        member
    }

    /// The smaller root is the root of both.
    fn join(&mut self, left: usize, right: usize) {
        let (left, right) = (self.root(left), self.root(right));
        self.parents[left.max(right)] = left.min(right);
    }
}
