//! Properties of the load balancer that an object in proxy mode asks for: the annotations of kube-ingress-aws-controller.

use albatross_contract::{Inventory, IpAddressType, Settings};

use super::{IP_ADDRESS_TYPE, listeners, load_balancer_type::TYPE, values::Reader, web_acl};
use crate::source::{LoadBalancerWishes, StringMap};

/// Security groups, by id or Name tag.
pub const SECURITY_GROUP: &str = "zalando.org/aws-load-balancer-security-group";
/// The TLS policy.
const SSL_POLICY: &str = "zalando.org/aws-load-balancer-ssl-policy";
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
    let address_type = ip_address_type(reader).filter(|it| *it != settings.ip_address_type);
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

fn ip_address_type(reader: &mut Reader<'_>) -> Option<IpAddressType> {
    let types = [("ipv4", IpAddressType::Ipv4), ("dualstack", IpAddressType::Dualstack)];
    reader.choice(IP_ADDRESS_TYPE, &types, "ipv4 or dualstack")
}

/// The web ACL. As in kube-ingress-aws-controller, an empty value asks for nothing. An id without an ARN is one of AWS WAF
/// Classic, which AWS has shut down (AWS WAF developer guide, "AWS WAF Classic").
fn web_acl<'a>(reader: &mut Reader<'a>, inventory: &Inventory) -> Option<&'a str> {
    let value = reader.text(WEB_ACL).filter(|value| !value.is_empty())?;
    if web_acl::is_regional(value, &inventory.region) {
        return Some(value);
    }
    let example = web_acl::example(&inventory.region);
    let expected = match value.starts_with("arn:") {
        true => format!("the ARN of a web ACL of AWS WAF in this region, such as {example}"),
        false => format!("the ARN of a web ACL, such as {example}, since AWS has shut down AWS WAF Classic"),
    };
    reader.refuse(WEB_ACL, value, expected);
    None
}

#[cfg(test)]
mod tests;
