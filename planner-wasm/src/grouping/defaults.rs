//! Whether a load balancer in proxy mode has the properties of an Ingress that asks for none.

use albatross_contract::LoadBalancer;

use crate::{
    identity::tag_value,
    kind::Kind,
    network::{address_type, security_groups},
    observed::Observed,
    ports,
    source::HTTP2_ATTRIBUTE,
};

/// Whether nothing would change if no member asked for any property. Any web ACL is right then, and without a TLS policy in the
/// settings any TLS policy.
pub fn has(found: &LoadBalancer, observed: &Observed<'_>) -> bool {
    let settings = observed.settings;
    let https = found.listeners.iter().find(|listener| listener.port == ports::HTTPS);
    let policy = https.and_then(|listener| listener.ssl_policy.as_ref());
    let has_policy =
        settings.ssl_policy.is_none() || policy.is_none() || policy == settings.ssl_policy.as_ref();
    let has_groups =
        security_groups::choose(Kind::of(found), observed, &found.security_groups).is_ok_and(|chosen| {
            chosen.len() == found.security_groups.len()
                && found.security_groups.iter().all(|id| chosen.contains(&id.as_str()))
        });
    has_policy
        && has_groups
        && found.ip_address_type == address_type(Kind::of(found), settings)
        && tag_value(&found.attributes, HTTP2_ATTRIBUTE) != Some("false")
}
