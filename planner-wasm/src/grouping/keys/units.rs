//! Units: the members in route mode that share hosts, directly or through others, and for which a group counts.
//!
//! The records of a host lead to one load balancer, so a policy should not part a unit. A host counts as it is written, and only
//! within one scheme: an internal and an internet-facing load balancer may serve the same host.

use std::collections::BTreeMap;

use crate::{observed::Observed, source::Claim};

/// The units of all members.
pub struct Units {
    /// For each member that shares a host, the first host of its unit.
    hosts: Vec<Option<String>>,
}

impl Units {
    /// Finds the units. `counts`: whether a group counts for a member.
    pub fn of(members: &[&Claim<'_>], counts: impl Fn(usize) -> bool, observed: &Observed<'_>) -> Units {
        let mut sets = Sets::new(members.len());
        let mut first_with = BTreeMap::new();
        let counting = members.iter().enumerate().filter(|(index, _)| counts(*index));
        for (index, claim) in counting.filter(|(_, claim)| claim.routing.is_some()) {
            for host in claim.hosts_of_rules() {
                let host = (observed.hosts.text(*host), claim.scheme.value());
                let first = *first_with.entry(host).or_insert(index);
                sets.join(first, index);
            }
        }
        let roots = sets.roots();
        let mut sizes = vec![0_usize; members.len()];
        roots.iter().for_each(|root| sizes[*root] += 1);
        let mut host_of: BTreeMap<usize, &str> = BTreeMap::new();
        for ((host, _), index) in first_with {
            host_of.entry(roots[index]).or_insert(host);
        }
        let host =
            |root: &usize| host_of.get(root).filter(|_| sizes[*root] > 1).map(|host| (*host).to_owned());
        Units { hosts: roots.iter().map(host).collect() }
    }

    /// The first host of the unit of a member. `None`: the member shares no host.
    pub fn host(&self, member: usize) -> Option<&str> {
        self.hosts[member].as_deref()
    }
}

/// Disjoint sets of members.
struct Sets {
    /// The parent of each member, which is never larger; a root is its own parent.
    parents: Vec<usize>,
}

impl Sets {
    fn new(count: usize) -> Sets {
        Sets { parents: (0..count).collect() }
    }

    /// Halves the way to the root, so that a long chain is walked only once.
    fn root(&mut self, mut member: usize) -> usize {
        while self.parents[member] != member {
            self.parents[member] = self.parents[self.parents[member]];
            member = self.parents[member];
        }
        member
    }

    fn join(&mut self, left: usize, right: usize) {
        let (left, right) = (self.root(left), self.root(right));
        self.parents[left.max(right)] = left.min(right);
    }

    /// The root of each member.
    fn roots(mut self) -> Vec<usize> {
        (0..self.parents.len()).map(|member| self.root(member)).collect()
    }
}
