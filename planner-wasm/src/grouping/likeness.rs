//! Likeness: whether an Ingress would notice on which of two load balancers in proxy mode it is, apart from the name.

use std::collections::BTreeSet;

use albatross_contract::{Listener, ListenerAction, LoadBalancer};

use crate::{kind::Kind, observed::Owned};

/// Whether two load balancers have the same subnets, security groups, address type, attributes and web ACL, and listeners with
/// the same TLS policies and rules. People change these by hand too, so the terms are not enough. Where requests are forwarded
/// to differs: each load balancer has its own target groups.
pub fn are_alike(one: &Owned<'_>, other: &Owned<'_>) -> bool {
    let (Some(one), Some(other)) = (one.load_balancer, other.load_balancer) else { return false };
    one.ip_address_type == other.ip_address_type
        && have_same(&one.subnets, &other.subnets)
        && have_same(&one.security_groups, &other.security_groups)
        && have_same(&one.attributes, &other.attributes)
        && one.web_acl == other.web_acl
        && one.shield_protection == other.shield_protection
        && listeners(one).eq(listeners(other))
}

/// Whether it was read which web ACLs two load balancers have. A Network Load Balancer has none.
pub fn web_acls_are_known(one: &Owned<'_>, other: &Owned<'_>) -> bool {
    let is_known = |found: &LoadBalancer| found.web_acl.is_some() || Kind::of(found).is_network();
    [one, other].iter().all(|owned| owned.load_balancer.is_some_and(is_known))
}

fn have_same<T: Ord>(one: &[T], other: &[T]) -> bool {
    one.iter().collect::<BTreeSet<_>>() == other.iter().collect::<BTreeSet<_>>()
}

/// The listeners in the order of their ports, as far as they can be compared.
fn listeners(found: &LoadBalancer) -> impl Iterator<Item = Alike<'_>> {
    let mut listeners: Vec<&Listener> = found.listeners.iter().collect();
    listeners.sort_by_key(|listener| listener.port);
    listeners.into_iter().map(Alike)
}

/// A listener that is compared without its ARN, certificates and target groups.
struct Alike<'a>(&'a Listener);

impl PartialEq for Alike<'_> {
    fn eq(&self, other: &Self) -> bool {
        let (one, other) = (self.0, other.0);
        let rules_are_alike = || {
            let rules = one.rules.iter().zip(&other.rules);
            one.rules.len() == other.rules.len()
                && rules.clone().all(|(one, other)| {
                    one.conditions == other.conditions && answer_alike(&one.actions, &other.actions)
                })
        };
        (one.port, one.protocol) == (other.port, other.protocol)
            && one.ssl_policy == other.ssl_policy
            && one.mutual_authentication == other.mutual_authentication
            && one.alpn_policy == other.alpn_policy
            && have_same(&one.attributes, &other.attributes)
            && answer_alike(&one.default_actions, &other.default_actions)
            && rules_are_alike()
    }
}

/// Whether actions are the same, apart from the target groups to which they forward.
fn answer_alike(one: &[ListenerAction], other: &[ListenerAction]) -> bool {
    let is_forward = |action: &ListenerAction| matches!(action, ListenerAction::Forward(_));
    let is_alike = |(one, other): (&ListenerAction, &ListenerAction)| {
        one == other || (is_forward(one) && is_forward(other))
    };
    one.len() == other.len() && one.iter().zip(other).all(is_alike)
}

#[cfg(test)]
mod tests {
    use albatross_contract::LoadBalancer;

    use super::are_alike;
    use crate::{
        identity::tag,
        testing::{Scene, World, certificate_arn},
    };

    fn changed(change: fn(&mut LoadBalancer)) -> Scene {
        let world = World::new().certificate("a", &["a.org"]).certificate("b", &["b.org"]);
        world.load_balancer("one", &["a"]).load_balancer("two", &["b"]).which(change).read()
    }

    fn alike(change: fn(&mut LoadBalancer)) -> bool {
        let scene = changed(change);
        are_alike(scene.owned("one"), scene.owned("two"))
    }

    #[test]
    fn certificates_and_target_groups_make_no_difference() {
        assert!(alike(|_| {}));
        assert!(alike(|found| found.listeners[1].certificates.push(certificate_arn("c"))));
        assert!(alike(|found| found.subnets.reverse()));
    }

    #[test]
    fn what_a_person_changed_by_hand_makes_a_difference() {
        assert!(!alike(|found| found.listeners[1].ssl_policy = Some("ELBSecurityPolicy-2015-05".to_owned())));
        assert!(!alike(|found| found.web_acl = Some("arn:web-acl".to_owned())));
        assert!(!alike(|found| found.attributes.push(tag("idle_timeout.timeout_seconds", "300"))));
        assert!(!alike(|found| found.security_groups.push("sg-2".to_owned())));
        assert!(!alike(|found| found.subnets.clear()));
        assert!(!alike(|found| found.listeners[0].port = 8080));
        assert!(!alike(|found| {
            let rule = serde_json::json!({
                "arn": "arn:rule/1", "priority": 1, "conditions": [{"source-ip": ["10.0.0.0/8"]}],
                "actions": [{"fixed-response": {"status-code": 403}}],
            });
            found.listeners[0].rules.push(serde_json::from_value(rule).unwrap());
        }));
    }
}
