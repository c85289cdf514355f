//! Load balancers.

use albatross_contract::{IpAddressType, LoadBalancer, Scheme, Tag};
use aws_sdk_elasticloadbalancingv2::types as sdk;

use super::{
    timestamp,
    words::{ADDRESS_TYPES, KINDS, SCHEMES, STATES, value},
};

/// A load balancer without what other calls tell: attributes, listeners, tags.
pub(crate) fn from_sdk(found: &sdk::LoadBalancer) -> Option<LoadBalancer> {
    let state = found.state()?;
    let subnets = found.availability_zones().iter().filter_map(|zone| zone.subnet_id());
    Some(LoadBalancer {
        arn: found.load_balancer_arn()?.to_owned(),
        name: found.load_balancer_name()?.to_owned(),
        dns_name: found.dns_name().unwrap_or_default().to_lowercase(),
        canonical_hosted_zone_id: found.canonical_hosted_zone_id().unwrap_or_default().to_owned(),
        kind: value(KINDS, found.r#type()?.as_str())?,
        // Gateway load balancers have no scheme and no clients outside the VPC.
        scheme: found.scheme().map_or(Some(Scheme::Internal), |scheme| value(SCHEMES, scheme.as_str()))?,
        ip_address_type: found
            .ip_address_type()
            .map_or(Some(IpAddressType::Ipv4), |kind| value(ADDRESS_TYPES, kind.as_str()))?,
        vpc_id: found.vpc_id().unwrap_or_default().to_owned(),
        state: value(STATES, state.code()?.as_str())?,
        state_reason: state.reason().filter(|reason| !reason.is_empty()).map(str::to_owned),
        created_at: found.created_time().map_or(0, timestamp),
        subnets: sorted(subnets.map(str::to_owned)),
        security_groups: sorted(found.security_groups().iter().cloned()),
        attributes: Vec::new(),
        listeners: Vec::new(),
        tags: Vec::new(),
    })
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
