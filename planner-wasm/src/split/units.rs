//! Units: the Ingresses of a group that share hosts, directly or through others.
//!
//! A wildcard host is shared with the hosts that it matches, and a rule for every host with all hosts. Otherwise a split would
//! change which of them answers a request.
//!
//! A unit stays on one part. Ingresses whose rules a load balancer already has together belong together. A host that would
//! connect units on different parts does not: the Ingress does not serve it.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::{EVERY_HOST, ObjectName};

/// A member that asks for hosts.
pub struct Asker<'a> {
    /// Its index.
    pub index: usize,
    /// Its hosts, in the order of its manifest.
    pub hosts: Vec<String>,
    /// The part whose load balancer serves it. `None`: it is new in the group.
    pub part: Option<u32>,
    /// The hosts for which that load balancer has rules of it.
    pub served: BTreeSet<String>,
    /// Its age.
    pub age: (u64, ObjectName<'a>),
}

/// The units of a group.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Joined {
    /// The members of each unit, as indices, and its part. `None`: all of them are new.
    pub units: Vec<(Vec<usize>, Option<u32>)>,
    /// For each member with hosts that belong to another part: the hosts and the part.
    pub elsewhere: BTreeMap<usize, BTreeMap<String, u32>>,
    /// For each member with a wildcard host or rules for every host: the hosts on another part that these match, too.
    pub hidden: BTreeMap<usize, BTreeMap<String, u32>>,
}

/// Finds the units.
pub fn join(askers: &[Asker<'_>]) -> Joined {
    let mut joining = Joining::new(askers);
    let mut in_order: Vec<usize> = (0..askers.len()).collect();
    in_order.sort_by_key(|place| (askers[*place].part.is_none(), askers[*place].age));
    // First what is connected already. If statuses are about to change, some members are on the next part already.
    for place in &in_order {
        for host in askers[*place].hosts.iter().filter(|host| askers[*place].served.contains(*host)) {
            joining.merge(*place, joining.node(host));
        }
    }
    let mut joined = Joined::default();
    for place in &in_order {
        let asker = &askers[*place];
        for host in &asker.hosts {
            if let Err(part) = joining.link(*place, joining.node(host)) {
                joined.elsewhere.entry(asker.index).or_default().insert(host.clone(), part);
            }
        }
    }
    joining.link_matching_hosts(askers, &mut joined);
    joined.units = joining.units(askers);
    joined
}

/// Sets of members and hosts. A set has a part if one of its members has.
struct Joining {
    /// The parent of each member and host; a root is its own parent.
    parents: Vec<usize>,
    /// The part of each root.
    parts: Vec<Option<u32>>,
    /// The node of each host.
    hosts: BTreeMap<String, usize>,
}

impl Joining {
    fn new(askers: &[Asker<'_>]) -> Self {
        let all: BTreeSet<&String> = askers.iter().flat_map(|asker| &asker.hosts).collect();
        let hosts: BTreeMap<String, usize> =
            all.into_iter().zip(askers.len()..).map(|(host, node)| (host.clone(), node)).collect();
        let mut parts: Vec<Option<u32>> = askers.iter().map(|asker| asker.part).collect();
        parts.resize(askers.len() + hosts.len(), None);
        Joining { parents: (0..parts.len()).collect(), parts, hosts }
    }

    /// The node of a host. Every host of a member has one.
    fn node(&self, host: &str) -> usize {
        self.hosts.get(host).copied().unwrap_or_default()
    }

    fn root(&self, mut node: usize) -> usize {
        while self.parents[node] != node {
            node = self.parents[node];
        }
        node
    }

    /// Joins two sets. If they have different parts, they are about to move to the larger one.
    fn merge(&mut self, left: usize, right: usize) {
        let (left, right) = (self.root(left), self.root(right));
        let part = self.parts[left].max(self.parts[right]);
        self.parents[right] = left;
        self.parts[left] = part;
    }

    /// Joins two sets, unless they have different parts: then it returns the part of the second one.
    fn link(&mut self, left: usize, right: usize) -> Result<(), u32> {
        match (self.parts[self.root(left)], self.parts[self.root(right)]) {
            (Some(one), Some(other)) if one != other => Err(other),
            _ => {
                self.merge(left, right);
                Ok(())
            }
        }
    }

    /// Joins wildcard hosts with the hosts that they match. Hosts that have a part come first.
    fn link_matching_hosts(&mut self, askers: &[Asker<'_>], joined: &mut Joined) {
        let mut hosts: Vec<(Option<u32>, String, usize)> = Vec::new();
        for (host, node) in &self.hosts {
            hosts.push((self.parts[self.root(*node)], host.clone(), *node));
        }
        hosts.sort_by_key(|(part, host, _)| (part.is_none(), *part, host.clone()));
        for (_, host, node) in hosts {
            let above = host.split_once('.').map(|(_, parent)| format!("*.{parent}"));
            for wide in above.into_iter().chain([EVERY_HOST.to_owned()]).filter(|wide| *wide != host) {
                let Some(of_wide) = self.hosts.get(&wide).copied() else { continue };
                if self.link(of_wide, node).is_ok() {
                    continue;
                }
                let Some(part) = self.parts[self.root(node)] else { continue };
                for asker in askers.iter().filter(|asker| asker.hosts.contains(&wide)) {
                    joined.hidden.entry(asker.index).or_default().insert(host.clone(), part);
                }
            }
        }
    }

    /// The members of each set, and its part.
    fn units(&self, askers: &[Asker<'_>]) -> Vec<(Vec<usize>, Option<u32>)> {
        let mut units: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (place, asker) in askers.iter().enumerate() {
            units.entry(self.root(place)).or_default().push(asker.index);
        }
        units.into_iter().map(|(root, members)| (members, self.parts[root])).collect()
    }
}
