//! Properties of the load balancer that an object in proxy mode asks for: the annotations of kube-ingress-aws-controller.

use albatross_contract::{Inventory, IpAddressType, Settings};

use super::{IP_ADDRESS_TYPE, listeners, load_balancer_type::TYPE, values::Reader};
use crate::settings;
use crate::source::{LoadBalancerWishes, StringMap};

/// Security groups, by id or Name tag.
pub const SECURITY_GROUP: &str = "zalando.org/aws-load-balancer-security-group";
/// The TLS policy.
pub const SSL_POLICY: &str = "zalando.org/aws-load-balancer-ssl-policy";
/// Whether clients may use HTTP/2.
const HTTP2: &str = "zalando.org/aws-load-balancer-http2";
/// The web ACL.
pub const WEB_ACL: &str = "zalando.org/aws-waf-web-acl-id";

/// The annotations that this module reads.
pub const KNOWN: &[&str] = &[SECURITY_GROUP, SSL_POLICY, TYPE, HTTP2, WEB_ACL];

/// The attribute of the load balancer for HTTP/2.
pub const HTTP2_ATTRIBUTE: &str = "routing.http2.enabled";

/// The properties that annotations ask for, except security groups, which have to be looked up. A value that all load balancers
/// have by default is no wish.
pub fn wishes<'a>(
    reader: &mut Reader<'a>,
    inventory: &Inventory,
    settings: &Settings,
) -> LoadBalancerWishes<'a> {
    let address_type = ip_address_type(reader, settings).filter(|it| *it != settings.ip_address_type);
    let policy = listeners::ssl_policy(SSL_POLICY, reader, inventory);
    let without_http2 = reader.flag(HTTP2) == Some(false);
    let attributes: StringMap =
        without_http2.then(|| (HTTP2_ATTRIBUTE.to_owned(), "false".to_owned())).into_iter().collect();
    LoadBalancerWishes {
        ip_address_type: address_type,
        ssl_policy: policy.filter(|policy| Some(*policy) != settings.ssl_policy.as_deref()),
        attributes,
        web_acl: web_acl(reader, inventory),
        ..LoadBalancerWishes::default()
    }
}

/// Only dual-stack load balancers reach IPv6 targets.
fn ip_address_type(reader: &mut Reader<'_>, settings: &Settings) -> Option<IpAddressType> {
    let types = [("dualstack", IpAddressType::Dualstack), ("ipv4", IpAddressType::Ipv4)];
    match settings.proxy.target_ip_address_type {
        Some(IpAddressType::Ipv6) => {
            let expected = "dualstack, since the setting proxy.target-ip-address-type is ipv6";
            reader.choice(IP_ADDRESS_TYPE, &types[..1], expected)
        }
        _ => reader.choice(IP_ADDRESS_TYPE, &types, "ipv4 or dualstack"),
    }
}

/// The web ACL. As in kube-ingress-aws-controller, an empty value asks for nothing.
fn web_acl<'a>(reader: &mut Reader<'a>, inventory: &Inventory) -> Option<&'a str> {
    let value = reader.text(WEB_ACL).filter(|value| !value.is_empty())?;
    if settings::is_regional_web_acl(value, &inventory.region) {
        return Some(value);
    }
    reader.refuse(WEB_ACL, value, settings::expected_web_acl(value, &inventory.region));
    None
}

#[cfg(test)]
mod tests;
