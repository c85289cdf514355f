//! What an object in route mode asks of its load balancer as a whole.

use albatross_contract::{Tag, asked_of_load_balancer as asking};

use crate::identity::annotations_hash;

/// A hash of the annotations that ask for properties of the whole load balancer. `None`: there are none.
pub fn asked_of_load_balancer(given: &[Tag]) -> Option<String> {
    let asked = asking(given);
    let parts: Vec<&str> = asked.iter().flat_map(|(key, value)| [*key, value.as_str()]).collect();
    (!parts.is_empty()).then(|| annotations_hash(&parts))
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            attributes::LOAD_BALANCER, firewall, listener_attributes, listeners::SSL_POLICY, network,
            ssl_redirect, web_acl::WEB_ACL,
        },
        asked_of_load_balancer,
    };
    use crate::identity::tag;

    const CIDRS: &str = "alb.ingress.kubernetes.io/inbound-cidrs";

    #[test]
    fn whatever_is_read_for_the_whole_load_balancer_counts() {
        let of_listener =
            format!("{}{}HTTP-80", albatross_contract::ANNOTATION_ALB_PREFIX, listener_attributes::BEGINNING);
        let all = [firewall::KNOWN, network::KNOWN, ssl_redirect::KNOWN];
        let all = all.into_iter().flatten().copied();
        for key in all.chain([LOAD_BALANCER, WEB_ACL, SSL_POLICY, &of_listener]) {
            assert!(asked_of_load_balancer(&[tag(key, "a")]).is_some(), "{key}");
        }
    }

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
