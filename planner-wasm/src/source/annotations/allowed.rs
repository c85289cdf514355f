//! Which annotations have an effect, and which of them a list of the settings allows.

use albatross_contract::{ANNOTATION_CERTIFICATE, ANNOTATION_SCHEME};

use super::{
    ANNOTATION_ALB_PREFIX, ANNOTATION_ALB_SCHEME, IP_ADDRESS_TYPE, KNOWN, KNOWN_IN_ROUTE_MODE,
    SECURITY_GROUPS, WEB_ACL, catalogue::is_read_in_route_mode, listeners, proxy_wishes, tags, target_group,
};
use crate::{nearest::misspelt, source::tenancy::matches};

/// Annotations of both predecessors that ask for the same: each is the other's name.
const ALIASES: [[&str; 2]; 5] = [
    [ANNOTATION_CERTIFICATE, listeners::CERTIFICATE],
    [ANNOTATION_SCHEME, ANNOTATION_ALB_SCHEME],
    [proxy_wishes::SECURITY_GROUP, SECURITY_GROUPS],
    [proxy_wishes::SSL_POLICY, listeners::SSL_POLICY],
    [proxy_wishes::WEB_ACL, WEB_ACL],
];

/// The annotations that are read in proxy mode although they are those of the AWS Load Balancer Controller.
pub const IN_BOTH_MODES: [&str; 2] = [ANNOTATION_ALB_SCHEME, IP_ADDRESS_TYPE];

/// Whether an annotation has an effect on objects in route mode.
pub fn has_effect_in_route_mode(key: &str) -> bool {
    key.starts_with(ANNOTATION_ALB_PREFIX) && is_read_in_route_mode(key)
}

/// Whether an annotation has an effect on objects in proxy mode.
pub fn has_effect_in_proxy_mode(key: &str) -> bool {
    IN_BOTH_MODES.contains(&key) || KNOWN.iter().any(|family| family.contains(&key))
}

/// Whether an annotation of a Service has an effect.
pub fn has_effect_on_service(key: &str) -> bool {
    target_group::KNOWN.contains(&key) || key == tags::TAGS
}

/// Whether an annotation has an effect in any mode.
pub fn is_known(key: &str) -> bool {
    has_effect_in_proxy_mode(key) || has_effect_in_route_mode(key)
}

/// The annotation that is probably meant by one that has no effect.
pub fn known_like(key: &str) -> Option<&'static str> {
    let families = KNOWN.iter().chain(&KNOWN_IN_ROUTE_MODE);
    misspelt(key, families.flat_map(|family| family.iter().copied()).filter(|known| !known.ends_with('.')))
}

/// Whether a list of patterns has an annotation, under its own name or under that of the other predecessor.
pub fn is_allowed(key: &str, patterns: &[String]) -> bool {
    let other = ALIASES.iter().find_map(|[left, right]| match key {
        _ if key == *left => Some(*right),
        _ if key == *right => Some(*left),
        _ => None,
    });
    let is_named = |name: &str| patterns.iter().any(|pattern| matches(pattern, name));
    is_named(key) || other.is_some_and(is_named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_annotation_and_its_name_in_the_other_predecessor_are_one() {
        let allowed = |key: &str, patterns: &[&str]| {
            is_allowed(key, &patterns.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>())
        };
        let alb = |name: &str| format!("{ANNOTATION_ALB_PREFIX}{name}");
        assert!(allowed(&alb("scheme"), &["zalando.org/aws-load-balancer-scheme"]));
        assert!(allowed("zalando.org/aws-load-balancer-scheme", &[&alb("scheme")]));
        assert!(allowed("zalando.org/aws-waf-web-acl-id", &[&alb("wafv2-*")]));
        assert!(allowed(&alb("healthcheck-path"), &[&alb("tags"), &alb("healthcheck-*")]));
        assert!(!allowed(&alb("scheme"), &[&alb("scheme-x"), "zalando.org/aws-load-balancer-shared"]));
        assert!(!allowed(&alb("scheme"), &[]));
        for [left, right] in ALIASES {
            assert!(has_effect_in_proxy_mode(left) && has_effect_in_route_mode(right), "{left} {right}");
        }
    }

    #[test]
    fn annotations_without_an_effect_in_a_mode_are_told_apart() {
        let alb = |name: &str| format!("{ANNOTATION_ALB_PREFIX}{name}");
        for name in ["group.name", "listener-attributes.HTTPS-443", "actions.pay", "target-type", "scheme"] {
            assert!(has_effect_in_route_mode(&alb(name)), "{name}");
        }
        for name in ["auth-type", "colour"] {
            assert!(!has_effect_in_route_mode(&alb(name)), "{name}");
        }
        assert!(!has_effect_in_route_mode("zalando.org/aws-load-balancer-scheme"));
        assert!(has_effect_in_proxy_mode(&alb("scheme")) && !has_effect_in_proxy_mode(&alb("tags")));
        assert!(has_effect_on_service(&alb("tags")) && !has_effect_on_service(&alb("scheme")));
    }
}
