//! The load balancers of the inventory: ours and others, found by ARN and by DNS name.

use std::{borrow::Cow, collections::HashMap};

use albatross_contract::{LoadBalancer, TAG_ID};

use super::{dns_names::plain_dns_name, ownership::Ownership, tags::tag};

/// The place of a load balancer in the inventory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LoadBalancerIndex(usize);

/// The load balancers of the inventory.
pub(crate) struct LoadBalancers<'a> {
    list: &'a [LoadBalancer],
    ours: Vec<bool>,
    by_arn: HashMap<&'a str, LoadBalancerIndex>,
    by_dns_name: HashMap<Cow<'a, str>, LoadBalancerIndex>,
}

impl<'a> LoadBalancers<'a> {
    pub(crate) fn new(list: &'a [LoadBalancer], ownership: &Ownership<'_>) -> Self {
        let indexed = || (0..).map(LoadBalancerIndex).zip(list);
        LoadBalancers {
            list,
            ours: list.iter().map(|found| ownership.owns(&found.tags)).collect(),
            by_arn: indexed().map(|(index, found)| (found.arn.as_str(), index)).collect(),
            by_dns_name: indexed().map(|(index, found)| (plain_dns_name(&found.dns_name), index)).collect(),
        }
    }

    /// How many there are.
    pub(crate) const fn len(&self) -> usize {
        self.list.len()
    }

    /// The one at a place.
    pub(crate) fn get(&self, index: LoadBalancerIndex) -> &'a LoadBalancer {
        &self.list[index.0]
    }

    /// The one with an ARN.
    pub(crate) fn by_arn(&self, arn: &str) -> Option<&'a LoadBalancer> {
        self.index_of(arn).map(|index| self.get(index))
    }

    /// The place of the one with an ARN.
    pub(crate) fn index_of(&self, arn: &str) -> Option<LoadBalancerIndex> {
        self.by_arn.get(arn).copied()
    }

    /// The place of the one with a DNS name that has been made comparable.
    pub(crate) fn by_dns_name(&self, hostname: &str) -> Option<LoadBalancerIndex> {
        self.by_dns_name.get(hostname).copied()
    }

    /// Whether one is ours.
    pub(crate) fn is_ours(&self, index: LoadBalancerIndex) -> bool {
        self.ours[index.0]
    }

    /// Ours, in the order of the snapshot.
    pub(crate) fn ours(&self) -> impl Iterator<Item = &'a LoadBalancer> {
        self.list.iter().zip(&self.ours).filter(|(_, is_ours)| **is_ours).map(|(found, _)| found)
    }
}

impl LoadBalancerIndex {
    /// For lists that have one entry for each load balancer.
    pub(crate) const fn place(self) -> usize {
        self.0
    }
}

/// Our id of a load balancer, as its tag says; empty if it has none.
pub(crate) fn our_id(load_balancer: &LoadBalancer) -> &str {
    tag(&load_balancer.tags, TAG_ID).unwrap_or_default()
}

/// ARNs of the certificates on a load balancer, default or not.
pub(crate) fn certificates_on(load_balancer: &LoadBalancer) -> impl Iterator<Item = &str> {
    load_balancer
        .listeners
        .iter()
        .flat_map(|listener| listener.default_certificate.iter().chain(&listener.certificates))
        .map(String::as_str)
}

/// The attribute that protects a load balancer from deletion.
pub(crate) const DELETION_PROTECTION: &str = "deletion_protection.enabled";

/// Whether a load balancer is protected from deletion. We never set that.
pub(crate) fn is_protected(load_balancer: &LoadBalancer) -> bool {
    tag(&load_balancer.attributes, DELETION_PROTECTION) == Some("true")
}
