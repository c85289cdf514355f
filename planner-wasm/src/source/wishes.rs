//! What an object asks of its load balancer as a whole.
//!
//! In route mode the members of a group may contradict each other. In proxy mode the members of a load balancer ask for the
//! same ([`crate::terms`]): there the wishes are numbered, since they are compared often.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use albatross_contract::{IpAddressType, LoadBalancer};

use super::ListenerPort;
use crate::{identity::tag_value, ports, terms::is_http_only};

/// Keys with their values, from an annotation such as `key=value,other=value`.
pub type StringMap = BTreeMap<String, String>;

/// Properties of the load balancer that annotations ask for. Absent properties have their defaults.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct LoadBalancerWishes<'a> {
    /// The ids of the subnets that it names. Empty: subnets are discovered.
    pub subnets: Vec<&'a str>,
    /// The ids of the security groups that it names. Empty: a security group is discovered.
    pub security_groups: Vec<&'a str>,
    /// The address type.
    pub ip_address_type: Option<IpAddressType>,
    /// The TLS policy of the HTTPS listeners that the object asks for.
    pub ssl_policy: Option<&'a str>,
    /// Attributes of the load balancer.
    pub attributes: StringMap,
    /// Attributes of listeners.
    pub listener_attributes: BTreeMap<ListenerPort, StringMap>,
    /// Tags of the load balancer and its target groups.
    pub tags: StringMap,
    /// The ARN of the web ACL; empty: there should be none. `None`: the web ACL stays as it is.
    pub web_acl: Option<&'a str>,
}

impl LoadBalancerWishes<'_> {
    /// Whether any property is asked for.
    pub fn ask_for_something(&self) -> bool {
        self.count() > 0
    }

    /// How many properties are asked for.
    fn count(&self) -> usize {
        usize::from(!self.security_groups.is_empty())
            + usize::from(self.ip_address_type.is_some())
            + usize::from(self.ssl_policy.is_some())
            + usize::from(self.web_acl.is_some())
            + self.attributes.len()
    }

    /// In words, the first property that is asked for and that a load balancer does not have. A half-made load balancer without a
    /// listener for certificates has any TLS policy: its listener is still to be created.
    pub fn unmet_by(&self, found: &LoadBalancer) -> Option<&'static str> {
        let is_asked = |id: &String| self.security_groups.contains(&id.as_str());
        let has_groups = self.security_groups.len() == found.security_groups.len()
            && found.security_groups.iter().all(is_asked);
        let https = found.listeners.iter().find(|listener| ports::has_certificates(listener.protocol));
        let has_policy = |policy: &str| match https {
            Some(listener) => listener.ssl_policy.as_deref() == Some(policy),
            None => !is_http_only(found),
        };
        let has_attribute =
            |(key, value): (&String, &String)| tag_value(&found.attributes, key) == Some(value.as_str());
        let properties = [
            ("security groups", self.security_groups.is_empty() || has_groups),
            ("a web ACL", self.web_acl.is_none_or(|asked| found.web_acl.as_deref() == Some(asked))),
            ("a TLS policy", self.ssl_policy.is_none_or(has_policy)),
            ("an address type", self.ip_address_type.is_none_or(|asked| found.ip_address_type == asked)),
            ("attributes", self.attributes.iter().all(has_attribute)),
        ];
        properties.into_iter().find(|(_, has)| !has).map(|(property, _)| property)
    }
}

/// The number of what objects in proxy mode ask of their load balancer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WishesId(usize);

/// All that objects in proxy mode ask of their load balancers, each once and in order.
#[derive(Default)]
pub struct AllWishes<'a>(Vec<LoadBalancerWishes<'a>>);

impl<'a> AllWishes<'a> {
    /// Numbers wishes that ask for something.
    pub fn number(all: impl Iterator<Item = LoadBalancerWishes<'a>>) -> Self {
        AllWishes(all.collect::<BTreeSet<_>>().into_iter().collect())
    }

    /// The number of some wishes. `None`: they ask for nothing.
    pub fn find(&self, wishes: &LoadBalancerWishes<'_>) -> Option<WishesId> {
        self.0.binary_search_by(|other| other.cmp(wishes)).ok().map(WishesId)
    }

    /// The wishes with a number.
    pub fn get(&self, id: WishesId) -> &LoadBalancerWishes<'a> {
        &self.0[id.0]
    }

    /// The wishes that a load balancer in proxy mode meets: of several, those that ask for the most. `None`: it meets none.
    pub fn met_by(&self, found: &LoadBalancer) -> Option<WishesId> {
        let met = self.0.iter().enumerate().filter(|(_, wishes)| wishes.unmet_by(found).is_none());
        met.max_by_key(|(number, wishes)| (wishes.count(), Reverse(*number)))
            .map(|(number, _)| WishesId(number))
    }

    /// In words, the first property in which two wishes differ.
    pub fn difference(&self, left: Option<WishesId>, right: Option<WishesId>) -> &'static str {
        let none = LoadBalancerWishes::default();
        let [left, right] = [left, right].map(|id| id.map_or(&none, |id| self.get(id)));
        if left.security_groups != right.security_groups {
            "other security groups"
        } else if left.web_acl != right.web_acl {
            "another web ACL"
        } else if left.ssl_policy != right.ssl_policy {
            "another TLS policy"
        } else if left.ip_address_type != right.ip_address_type {
            "another address type"
        } else {
            "other attributes"
        }
    }
}
