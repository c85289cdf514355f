//! Whether a load balancer in proxy mode has the properties of an Ingress that asks for some of them or for none.

use albatross_contract::LoadBalancer;

use crate::{
    identity::tag_value,
    kind::Kind,
    network::{address_type, security_groups},
    observed::Observed,
    ports,
    source::{HTTP2_ATTRIBUTE, LoadBalancerWishes, WishesId},
};

/// In words, the first property that would change if every member asked for exactly this. If nobody asks for one, any web ACL
/// is right, and without a TLS policy in the settings any TLS policy.
pub fn lacks(found: &LoadBalancer, asked: Option<WishesId>, observed: &Observed<'_>) -> Option<&'static str> {
    let (settings, nothing) = (observed.settings, LoadBalancerWishes::default());
    let asked = asked.map_or(&nothing, |id| observed.wishes.get(id));
    let https = found.listeners.iter().find(|listener| listener.port == ports::HTTPS);
    let policy = https.and_then(|listener| listener.ssl_policy.as_ref());
    let has_policy =
        settings.ssl_policy.is_none() || policy.is_none() || policy == settings.ssl_policy.as_ref();
    let has_groups = || {
        security_groups::choose(Kind::of(found), observed, &found.security_groups).is_ok_and(|chosen| {
            chosen.len() == found.security_groups.len()
                && found.security_groups.iter().all(|id| chosen.contains(&id.as_str()))
        })
    };
    let has_address_type = found.ip_address_type == address_type(Kind::of(found), settings);
    let has_http2 = tag_value(&found.attributes, HTTP2_ATTRIBUTE) != Some("false");
    asked.unmet_by(found).or_else(|| {
        let properties = [
            ("security groups", !asked.security_groups.is_empty() || has_groups()),
            ("a TLS policy", asked.ssl_policy.is_some() || has_policy),
            ("an address type", asked.ip_address_type.is_some() || has_address_type),
            ("attributes", asked.attributes.contains_key(HTTP2_ATTRIBUTE) || has_http2),
        ];
        properties.into_iter().find(|(_, has)| !has).map(|(property, _)| property)
    })
}
