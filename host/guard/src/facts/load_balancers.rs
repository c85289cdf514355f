//! The load balancers of the inventory, ours and others, indexed by ARN and by DNS name.

use std::{borrow::Cow, cell::OnceCell};

use albatross_contract::{
    LoadBalancer, PROTECTED_FOR_SETTINGS, Protocol, TAG_DELETION_PROTECTION, TAG_HTTP_ONLY, TAG_ID, TAG_MODE,
};

use super::{dns_names::plain_dns_name, index::Map, ownership::Ownership, tags::tag};

/// The index of a load balancer in the inventory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LoadBalancerIndex(usize);

/// The load balancers of the inventory.
pub(crate) struct LoadBalancers<'a> {
    list: &'a [LoadBalancer],
    ours: Vec<bool>,
    by_arn: OnceCell<Map<&'a str, LoadBalancerIndex>>,
    /// By normalized DNS name.
    by_dns_name: Map<Cow<'a, str>, LoadBalancerIndex>,
}

impl<'a> LoadBalancers<'a> {
    pub(crate) fn new(list: &'a [LoadBalancer], ownership: &Ownership<'_>) -> Self {
        LoadBalancers {
            list,
            ours: list.iter().map(|found| ownership.owns(&found.tags)).collect(),
            by_arn: OnceCell::new(),
            by_dns_name: indexed(list)
                .map(|(index, found)| (plain_dns_name(&found.dns_name), index))
                .collect(),
        }
    }

    /// How many load balancers there are.
    pub(crate) const fn len(&self) -> usize {
        self.list.len()
    }

    /// The load balancer with an index.
    pub(crate) fn get(&self, index: LoadBalancerIndex) -> &'a LoadBalancer {
        &self.list[index.0]
    }

    /// The load balancer with an ARN.
    pub(crate) fn by_arn(&self, arn: &str) -> Option<&'a LoadBalancer> {
        self.index_of(arn).map(|index| self.get(index))
    }

    /// The index of the load balancer with an ARN.
    pub(crate) fn index_of(&self, arn: &str) -> Option<LoadBalancerIndex> {
        let by_arn = || indexed(self.list).map(|(index, found)| (found.arn.as_str(), index)).collect();
        self.by_arn.get_or_init(by_arn).get(arn).copied()
    }

    /// The index of the load balancer with a DNS name, which need not be normalized, but usually is.
    pub(crate) fn by_dns_name(&self, hostname: &str) -> Option<LoadBalancerIndex> {
        let found = self.by_dns_name.get(hostname);
        found.or_else(|| self.by_dns_name.get(&plain_dns_name(hostname))).copied()
    }

    /// Whether a load balancer is ours.
    pub(crate) fn is_ours(&self, index: LoadBalancerIndex) -> bool {
        self.ours[index.0]
    }

    /// Our load balancers, in the order of the snapshot.
    pub(crate) fn ours(&self) -> impl Iterator<Item = &'a LoadBalancer> {
        self.list.iter().zip(&self.ours).filter(|(_, is_ours)| **is_ours).map(|(found, _)| found)
    }
}

/// Whether a load balancer serves route mode, according to its tag.
pub(crate) fn is_in_route_mode(load_balancer: &LoadBalancer) -> bool {
    tag(&load_balancer.tags, TAG_MODE) == Some("route")
}

/// Whether a load balancer in proxy mode serves HTTP only, according to its tag.
pub(crate) fn serves_http_only(load_balancer: &LoadBalancer) -> bool {
    tag(&load_balancer.tags, TAG_HTTP_ONLY) == Some("true") && !is_in_route_mode(load_balancer)
}

/// Whether listeners with this protocol have certificates.
pub(crate) fn has_certificates(protocol: Protocol) -> bool {
    matches!(protocol, Protocol::Https | Protocol::Tls)
}

/// Whether a load balancer has a listener with certificates.
pub(crate) fn listens_with_certificates(load_balancer: &LoadBalancer) -> bool {
    load_balancer.listeners.iter().any(|listener| has_certificates(listener.protocol))
}

fn indexed(list: &[LoadBalancer]) -> impl Iterator<Item = (LoadBalancerIndex, &LoadBalancer)> {
    (0..).map(LoadBalancerIndex).zip(list)
}

impl LoadBalancerIndex {
    /// The index in lists with an entry for each load balancer.
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

/// The attribute for deletion protection.
pub(crate) const DELETION_PROTECTION: &str = "deletion_protection.enabled";

/// Whether a load balancer has deletion protection that keeps it: that of somebody else, or that for which an Ingress asked.
pub(crate) fn is_protected(load_balancer: &LoadBalancer) -> bool {
    has_deletion_protection(load_balancer)
        && tag(&load_balancer.tags, TAG_DELETION_PROTECTION) != Some(PROTECTED_FOR_SETTINGS)
}

/// Whether a load balancer has deletion protection that somebody else turned on.
pub(crate) fn is_protected_by_others(load_balancer: &LoadBalancer) -> bool {
    has_deletion_protection(load_balancer) && !has_own_protection(load_balancer)
}

/// Whether a load balancer has deletion protection, whoever turned it on.
pub(crate) fn has_deletion_protection(load_balancer: &LoadBalancer) -> bool {
    tag(&load_balancer.attributes, DELETION_PROTECTION) == Some("true")
}

/// Whether a tag of ours says that we turned on the deletion protection of a load balancer.
pub(crate) fn has_own_protection(load_balancer: &LoadBalancer) -> bool {
    tag(&load_balancer.tags, TAG_DELETION_PROTECTION).is_some()
}
