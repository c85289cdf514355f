//! What an object in route mode asks of its load balancer as a whole. Members of a group may contradict each other.

use std::collections::BTreeMap;

use albatross_contract::IpAddressType;

use super::ListenerPort;

/// Keys with their values, from an annotation such as `key=value,other=value`.
pub type StringMap = BTreeMap<String, String>;

/// Properties of the load balancer that annotations ask for. Absent properties have their defaults.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
