//! Properties of a load balancer in proxy mode for which the annotations of an Ingress or RouteGroup ask.

use std::collections::BTreeSet;

use albatross_contract::{
    ANNOTATION_CERTIFICATE, ANNOTATION_HTTP_ONLY, Inventory, IpAddressType, LoadBalancer, Protocol,
    SourceObject,
};

use super::tags::tag;

/// The annotation for the kind of load balancer.
pub(crate) const ANNOTATION_TYPE: &str = "zalando.org/aws-load-balancer-type";
/// The annotation for security groups, by id or Name tag, separated by commas.
pub(crate) const ANNOTATION_SECURITY_GROUP: &str = "zalando.org/aws-load-balancer-security-group";
const ANNOTATION_SSL_POLICY: &str = "zalando.org/aws-load-balancer-ssl-policy";
const ANNOTATION_HTTP2: &str = "zalando.org/aws-load-balancer-http2";
const ANNOTATION_WEB_ACL: &str = "zalando.org/aws-waf-web-acl-id";
const ANNOTATION_IP_ADDRESS_TYPE: &str = "alb.ingress.kubernetes.io/ip-address-type";

/// Whether an object asks to be served over HTTP only, or not to be. Absent: it says nothing of that, or nothing that is valid,
/// or names something of HTTPS too.
pub(crate) fn asks_for_http_only(source: SourceObject<'_>) -> Option<bool> {
    let annotation = |key| tag(&source.metadata().annotations, key).map(str::trim);
    let asks_for_https = || {
        let mut named = [ANNOTATION_CERTIFICATE, ANNOTATION_SSL_POLICY].into_iter().filter_map(annotation);
        named.any(|value| !value.is_empty())
    };
    match annotation(ANNOTATION_HTTP_ONLY) {
        Some("true") => (!asks_for_https()).then_some(true),
        Some("false") => Some(false),
        _ => None,
    }
}

/// Whether an object asks for a property that a load balancer does not have. Its annotation is the reason for which it leaves, if
/// the others of the load balancer do not ask for the same.
pub(crate) fn asks_for_other_properties(
    source: SourceObject<'_>,
    found: &LoadBalancer,
    inventory: &Inventory,
) -> bool {
    let asked = |key| {
        tag(&source.metadata().annotations, key).map(str::trim).filter(|value: &&str| !value.is_empty())
    };
    let secure = |protocol| matches!(protocol, Protocol::Https | Protocol::Tls);
    let https = found.listeners.iter().find(|listener| secure(listener.protocol));
    let policy = https.and_then(|listener| listener.ssl_policy.as_deref());
    let address_type = match found.ip_address_type {
        IpAddressType::Ipv4 => "ipv4",
        IpAddressType::Dualstack => "dualstack",
        _ => "",
    };
    asked(ANNOTATION_SSL_POLICY).is_some_and(|asked| policy.is_some_and(|policy| policy != asked))
        || asked(ANNOTATION_IP_ADDRESS_TYPE).is_some_and(|asked| asked != address_type)
        || asked(ANNOTATION_WEB_ACL).is_some_and(|asked| found.web_acl.as_deref() != Some(asked))
        || (asked(ANNOTATION_HTTP2) == Some("false")
            && tag(&found.attributes, "routing.http2.enabled") != Some("false"))
        || asked(ANNOTATION_SECURITY_GROUP).is_some_and(|asked| {
            let has: BTreeSet<&str> = found.security_groups.iter().map(String::as_str).collect();
            security_groups(asked, inventory) != has
        })
}

/// The ids of security groups that an annotation names.
fn security_groups<'a>(asked: &'a str, inventory: &'a Inventory) -> BTreeSet<&'a str> {
    let id_of = |name: &'a str| {
        let named = |group: &&albatross_contract::SecurityGroup| tag(&group.tags, "Name") == Some(name);
        inventory.security_groups.iter().find(named).map_or(name, |group| group.id.as_str())
    };
    asked.split(',').map(str::trim).filter(|name| !name.is_empty()).map(id_of).collect()
}
