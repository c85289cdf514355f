//! The hosts of all claims, numbered in order.

use std::borrow::Cow;

use crate::index::Names;

/// A host: its number in the order of all hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HostId(usize);

impl HostId {
    /// Its index in lists with an entry for each host.
    pub fn place(self) -> usize {
        self.0
    }
}

/// All hosts, lower case.
pub struct Hosts<'a> {
    names: Names<Cow<'a, str>>,
}

/// Lists of hosts, in lower case, one after the other.
#[derive(Default)]
pub struct HostLists<'a> {
    hosts: Vec<Cow<'a, str>>,
    /// Where each list ends.
    ends: Vec<usize>,
}

impl<'a> HostLists<'a> {
    /// Adds a list.
    pub fn add(&mut self, hosts: impl IntoIterator<Item = &'a str>) {
        self.hosts.extend(hosts.into_iter().map(lower_case));
        self.ends.push(self.hosts.len());
    }
}

impl<'a> Hosts<'a> {
    /// Numbers the hosts of some lists. Also returns the numbers of each list's hosts, in order, each once.
    pub fn number(lists: HostLists<'a>) -> (Self, Vec<Vec<HostId>>) {
        let (names, numbers) = Names::numbered(lists.hosts);
        let starts = [0].into_iter().chain(lists.ends.iter().copied());
        let of_lists = starts.zip(&lists.ends).map(|(start, end)| {
            let mut of_list: Vec<HostId> = numbers[start..*end].iter().copied().map(HostId).collect();
            of_list.sort_unstable();
            of_list.dedup();
            of_list
        });
        let of_lists = of_lists.collect();
        (Hosts { names }, of_lists)
    }

    /// A host as text.
    pub fn text(&self, host: HostId) -> &str {
        self.names.get(host.0)
    }

    /// The number of a host, in lower case. `None`: no object has it.
    pub fn find(&self, host: &str) -> Option<HostId> {
        self.names.find(host).map(HostId)
    }

    /// How many hosts there are.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// All hosts, in order.
    pub fn all(&self) -> impl Iterator<Item = (HostId, &str)> {
        (0..self.names.len()).map(|number| (HostId(number), self.names.get(number).as_ref()))
    }
}

/// A host in lower case: hosts are compared whatever their case.
pub fn lower_case(host: &str) -> Cow<'_, str> {
    if host.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(host.to_ascii_lowercase())
    } else {
        Cow::Borrowed(host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_numbered_in_their_order_whatever_their_case() {
        let mut lists = HostLists::default();
        for hosts in [&["b.org", "A.org", "a.org"][..], &[], &["B.ORG"]] {
            lists.add(hosts.iter().copied());
        }
        let (hosts, numbers) = Hosts::number(lists);
        let told: Vec<Vec<&str>> =
            numbers.iter().map(|of_one| of_one.iter().map(|host| hosts.text(*host)).collect()).collect();
        assert_eq!(told, [vec!["a.org", "b.org"], vec![], vec!["b.org"]]);
    }
}
