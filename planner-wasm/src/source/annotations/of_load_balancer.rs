//! What an object in route mode asks of its load balancer as a whole.

use std::collections::BTreeSet;

use albatross_contract::{ANNOTATION_ALB_PREFIX, Tag};

use super::{
    attributes::LOAD_BALANCER as LOAD_BALANCER_ATTRIBUTES, firewall, listener_attributes,
    listeners::SSL_POLICY, network, ssl_redirect, web_acl::WEB_ACL,
};
use crate::identity::annotations_hash;

/// A hash of the annotations that ask for properties of the whole load balancer: who reaches it, its network, its attributes,
/// whether it redirects. `None`: there are none. Tags are not among them, since those of all Ingresses are merged. The hash is in
/// the tags of load balancers, so another form of it would move Ingresses; an annotation that is added concerns only those that have it.
pub fn asked_of_load_balancer(given: &[Tag]) -> Option<String> {
    let all = [
        firewall::KNOWN,
        network::KNOWN,
        ssl_redirect::KNOWN,
        &[LOAD_BALANCER_ATTRIBUTES, WEB_ACL, SSL_POLICY],
    ];
    let is_of_listener = |key: &str| {
        key.strip_prefix(ANNOTATION_ALB_PREFIX)
            .is_some_and(|name| name.starts_with(listener_attributes::BEGINNING))
    };
    let asks = |tag: &&Tag| {
        let key = tag.key.as_str();
        all.iter().any(|known| known.contains(&key)) || is_of_listener(key)
    };
    let mut asking: Vec<(&str, String)> =
        given.iter().filter(asks).map(|tag| (tag.key.as_str(), in_order(&tag.value))).collect();
    asking.sort_unstable();
    let parts: Vec<&str> = asking.iter().flat_map(|(key, value)| [*key, value.as_str()]).collect();
    (!parts.is_empty()).then(|| annotations_hash(&parts))
}

/// A list in order, each item once: whoever writes it in another order asks for the same.
fn in_order(value: &str) -> String {
    let items: BTreeSet<&str> = value.split(',').map(str::trim).collect();
    items.into_iter().collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::asked_of_load_balancer;
    use crate::identity::tag;

    const CIDRS: &str = "alb.ingress.kubernetes.io/inbound-cidrs";

    #[test]
    fn only_what_concerns_the_whole_load_balancer_counts() {
        let of_requests = tag("alb.ingress.kubernetes.io/healthcheck-path", "/ready");
        assert_eq!(asked_of_load_balancer(std::slice::from_ref(&of_requests)), None);
        let limited = asked_of_load_balancer(&[of_requests, tag(CIDRS, " 10.0.0.0/8")]).unwrap();
        assert_eq!(limited.len(), 8);
        assert_eq!(asked_of_load_balancer(&[tag(CIDRS, "10.0.0.0/8")]), Some(limited.clone()));
        let both = |value| asked_of_load_balancer(&[tag(CIDRS, value)]);
        assert_eq!(both("10.0.0.0/8,192.168.0.0/16"), both("192.168.0.0/16, 10.0.0.0/8"));
        assert_ne!(asked_of_load_balancer(&[tag(CIDRS, "0.0.0.0/0")]), Some(limited));
        let attributes = tag("alb.ingress.kubernetes.io/listener-attributes.HTTP-80", "a=b");
        assert!(asked_of_load_balancer(&[attributes]).is_some());
    }
}
