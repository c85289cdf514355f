//! The network of the load balancer of an object in route mode.

use albatross_contract::IpAddressType;

use super::values::Reader;

/// Subnets, by id or Name tag.
pub const SUBNETS: &str = "alb.ingress.kubernetes.io/subnets";
/// Security groups, by id or Name tag.
pub const SECURITY_GROUPS: &str = "alb.ingress.kubernetes.io/security-groups";
/// The address type.
pub const IP_ADDRESS_TYPE: &str = "alb.ingress.kubernetes.io/ip-address-type";

/// The annotations of this family.
pub const KNOWN: &[&str] = &[SUBNETS, SECURITY_GROUPS, IP_ADDRESS_TYPE];

/// The address type that annotations ask for.
pub fn ip_address_type(reader: &mut Reader<'_>) -> Option<IpAddressType> {
    let types = [
        ("ipv4", IpAddressType::Ipv4),
        ("dualstack", IpAddressType::Dualstack),
        ("dualstack-without-public-ipv4", IpAddressType::DualstackWithoutPublicIpv4),
    ];
    reader.choice(IP_ADDRESS_TYPE, &types, "ipv4, dualstack or dualstack-without-public-ipv4")
}
