//! Load balancers.

use albatross_contract::{IpAddressType, LoadBalancer, LoadBalancerAddress, Scheme, SubnetMapping, Tag};
use aws_sdk_elasticloadbalancingv2::types as sdk;

use super::{timestamp, words};

/// A load balancer without the properties that other calls return: attributes, listeners, tags.
pub(crate) fn from_sdk(found: &sdk::LoadBalancer) -> Option<LoadBalancer> {
    let state = found.state()?;
    let subnets = found.availability_zones().iter().filter_map(|zone| zone.subnet_id());
    Some(LoadBalancer {
        arn: found.load_balancer_arn()?.to_owned(),
        name: found.load_balancer_name()?.to_owned(),
        dns_name: found.dns_name().unwrap_or_default().to_lowercase(),
        canonical_hosted_zone_id: found.canonical_hosted_zone_id().unwrap_or_default().to_owned(),
        kind: words::kind(found.r#type()?.as_str())?,
        // Gateway Load Balancers have no scheme, and no clients outside the VPC.
        scheme: found.scheme().map_or(Some(Scheme::Internal), |scheme| words::scheme(scheme.as_str()))?,
        ip_address_type: found
            .ip_address_type()
            .map_or(Some(IpAddressType::Ipv4), |kind| words::address_type(kind.as_str()))?,
        vpc_id: found.vpc_id().unwrap_or_default().to_owned(),
        state: words::state(state.code()?.as_str())?,
        state_reason: state.reason().filter(|reason| !reason.is_empty()).map(str::to_owned),
        created_at: found.created_time().map_or(0, timestamp),
        subnets: sorted(subnets.map(str::to_owned)),
        security_groups: sorted(found.security_groups().iter().cloned()),
        attributes: Vec::new(),
        listeners: Vec::new(),
        tags: Vec::new(),
        subnet_mappings: sorted(found.availability_zones().iter().filter_map(mapping_from_sdk)),
        enforce_security_group_inbound_rules_on_private_link_traffic: found
            .enforce_security_group_inbound_rules_on_private_link_traffic()
            .map(|word| word == ON),
        enable_prefix_for_ipv6_source_nat: found
            .enable_prefix_for_ipv6_source_nat()
            .map(|word| word.as_str() == ON),
        ipv4_ipam_pool_id: found.ipam_pools().and_then(|pools| pools.ipv4_ipam_pool_id()).map(str::to_owned),
        customer_owned_ipv4_pool: found.customer_owned_ipv4_pool().map(str::to_owned),
        minimum_capacity_units: None,
        web_acl: None,
        shield_protection: None,
    })
}

/// AWS's word for an enabled setting; a disabled one is `off`.
const ON: &str = "on";

/// The addresses and prefixes that a load balancer has in a subnet; `None` if it has none there.
fn mapping_from_sdk(zone: &sdk::AvailabilityZone) -> Option<SubnetMapping> {
    let mapping = SubnetMapping {
        subnet_id: zone.subnet_id()?.to_owned(),
        addresses: zone.load_balancer_addresses().iter().filter_map(address_from_sdk).collect(),
        source_nat_ipv6_prefixes: zone.source_nat_ipv6_prefixes().to_vec(),
        outpost_id: zone.outpost_id().map(str::to_owned),
    };
    let is_plain = mapping.addresses.is_empty()
        && mapping.source_nat_ipv6_prefixes.is_empty()
        && mapping.outpost_id.is_none();
    (!is_plain).then_some(mapping)
}

/// An address; `None` if it is empty: AWS returns an empty address where it chose the address itself.
fn address_from_sdk(found: &sdk::LoadBalancerAddress) -> Option<LoadBalancerAddress> {
    let address = LoadBalancerAddress {
        ip_address: found.ip_address().map(str::to_owned),
        allocation_id: found.allocation_id().map(str::to_owned),
        private_ipv4_address: found.private_ipv4_address().map(str::to_owned),
        ipv6_address: found.ipv6_address().map(str::to_owned),
    };
    (address != LoadBalancerAddress::default()).then_some(address)
}

/// A subnet for SetSubnets, with the addresses and prefixes that the load balancer already has there.
pub(crate) fn mapping_to_sdk(subnet: &str, present: &[SubnetMapping]) -> sdk::SubnetMapping {
    let mapping = present.iter().find(|mapping| mapping.subnet_id == subnet);
    let addresses = || mapping.into_iter().flat_map(|mapping| &mapping.addresses);
    let prefix = mapping.and_then(|mapping| mapping.source_nat_ipv6_prefixes.first());
    sdk::SubnetMapping::builder()
        .subnet_id(subnet)
        .set_allocation_id(addresses().find_map(|address| address.allocation_id.clone()))
        .set_private_ipv4_address(addresses().find_map(|address| address.private_ipv4_address.clone()))
        .set_ipv6_address(addresses().find_map(|address| address.ipv6_address.clone()))
        .set_source_nat_ipv6_prefix(prefix.cloned())
        .build()
}

/// Attributes of a load balancer.
pub(crate) fn attributes_from_sdk(found: &[sdk::LoadBalancerAttribute]) -> Vec<Tag> {
    let pairs = found.iter().filter_map(|it| {
        Some(Tag { key: it.key()?.to_owned(), value: it.value().unwrap_or_default().to_owned() })
    });
    sorted(pairs)
}

/// Attributes for a load balancer.
pub(crate) fn attributes_to_sdk(attributes: &[Tag]) -> Vec<sdk::LoadBalancerAttribute> {
    let attribute = |it: &Tag| sdk::LoadBalancerAttribute::builder().key(&it.key).value(&it.value).build();
    attributes.iter().map(attribute).collect()
}

fn sorted<T: Ord>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut items: Vec<T> = items.collect();
    items.sort();
    items
}
