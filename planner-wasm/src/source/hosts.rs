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

impl<'a> Hosts<'a> {
    /// Numbers the hosts of objects. Also returns the numbers of each object's hosts, in order, each once.
    pub fn number(of_objects: Vec<Vec<&'a str>>) -> (Self, Vec<Vec<HostId>>) {
        let lower_case: Vec<Vec<Cow<'a, str>>> =
            of_objects.into_iter().map(|hosts| hosts.into_iter().map(lower_case).collect()).collect();
        let names = Names::new(lower_case.iter().flatten().cloned().collect());
        let number = |hosts: Vec<Cow<'a, str>>| {
            let mut numbers: Vec<HostId> =
                hosts.iter().filter_map(|host| names.find(host).map(HostId)).collect();
            numbers.sort_unstable();
            numbers.dedup();
            numbers
        };
        let numbers = lower_case.into_iter().map(number).collect();
        (Hosts { names }, numbers)
    }

    /// A host as text.
    pub fn text(&self, host: HostId) -> &str {
        self.names.get(host.0)
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
        let (hosts, numbers) = Hosts::number(vec![vec!["b.org", "A.org", "a.org"], vec![], vec!["B.ORG"]]);
        let told: Vec<Vec<&str>> =
            numbers.iter().map(|of_one| of_one.iter().map(|host| hosts.text(*host)).collect()).collect();
        assert_eq!(told, [vec!["a.org", "b.org"], vec![], vec!["b.org"]]);
    }
}
