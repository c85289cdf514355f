//! All annotations of the AWS Load Balancer Controller (version 3.5, `pkg/annotations/constants.go`): none is ignored in
//! silence.

use albatross_contract::{
    ANNOTATION_ALB_PREFIX, ANNOTATION_OWN_PREFIX, ANNOTATION_PAUSED, ANNOTATION_PREFIX, Diagnostic,
    DiagnosticCode, Tag,
};

use super::{KNOWN, KNOWN_IN_ROUTE_MODE, listener_attributes, protection, tags, target_group};
use crate::{
    diagnostics::{Details, Subject, warning},
    nearest::misspelt,
    source::ObjectName,
    words,
};

/// Annotations of that controller that this version does not read. A name that ends with a dot is the beginning of a name.
/// If a family of annotations contains the same name, this version reads it.
const UNSUPPORTED: &[&str] = &[
    "acm-pca-arn",
    "auth-idp-cognito",
    "auth-idp-oidc",
    "auth-on-unauthenticated-request",
    "auth-scope",
    "auth-session-cookie",
    "auth-session-timeout",
    "auth-type",
    "create-acm-cert",
    "customer-owned-ipv4-pool",
    "dry-run-plan",
    "enable-frontend-nlb",
    "frontend-nlb-attributes",
    "frontend-nlb-eip-allocations",
    "frontend-nlb-healthcheck-healthy-threshold-count",
    "frontend-nlb-healthcheck-interval-seconds",
    "frontend-nlb-healthcheck-path",
    "frontend-nlb-healthcheck-port",
    "frontend-nlb-healthcheck-protocol",
    "frontend-nlb-healthcheck-success-codes",
    "frontend-nlb-healthcheck-timeout-seconds",
    "frontend-nlb-healthcheck-unhealthy-threshold-count",
    "frontend-nlb-listener-port-mapping",
    "frontend-nlb-scheme",
    "frontend-nlb-security-groups",
    "frontend-nlb-subnets",
    "frontend-nlb-tags",
    "ipam-ipv4-pool-id",
    "jwt-validation",
    NAME,
    "minimum-load-balancer-capacity",
    "multi-cluster-target-group",
    "mutual-authentication",
    "shield-advanced-protection",
    "target-control-port.",
    "waf-acl-id",
    "wafv2-acl-name",
    "web-acl-id",
];

/// The name of the load balancer. Our names are hashes, by which a controller recognizes a load balancer whose creation it
/// has lost sight of, so they cannot be chosen.
const NAME: &str = "load-balancer-name";

/// The prefix of all annotations of Zalando's projects.
const ZALANDO: &str = "zalando.org/";

/// What this version makes of an annotation.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Read,
    Unsupported,
    /// It does not exist; perhaps this one is meant.
    Unknown(Option<String>),
}

/// Diagnostics for annotations of the AWS Load Balancer Controller that do nothing in route mode. `place` says where the
/// annotations are, if they are not on the object itself.
pub fn without_effect(annotations: &[Tag], object: ObjectName<'_>, place: &str) -> Vec<Diagnostic> {
    let keys = annotations.iter().map(|annotation| annotation.key.as_str());
    let mut keys: Vec<&str> = keys.filter(|key| key.starts_with(ANNOTATION_ALB_PREFIX)).collect();
    keys.sort_unstable();
    let mut unsupported = Vec::new();
    let mut told = Vec::new();
    for key in keys {
        match verdict(key) {
            Verdict::Read => {}
            Verdict::Unsupported if protection::is_reported(annotations, key) => {}
            Verdict::Unsupported => unsupported.push(key),
            Verdict::Unknown(meant) => told.push(unknown(key, meant.as_deref(), object, place)),
        }
    }
    if let Some(name) =
        unsupported.iter().position(|key| key.strip_prefix(ANNOTATION_ALB_PREFIX) == Some(NAME))
    {
        told.push(not_named(unsupported.remove(name), object, place));
    }
    told.extend(not_supported(&unsupported, object, place));
    told
}

/// Whether an annotation is read in route mode.
pub fn is_read_in_route_mode(key: &str) -> bool {
    verdict(key) == Verdict::Read
}

fn verdict(key: &str) -> Verdict {
    let name = key.strip_prefix(ANNOTATION_ALB_PREFIX).unwrap_or(key);
    let is = |known: &str, name: &str| match known.ends_with('.') {
        true => name.starts_with(known),
        false => name == known,
    };
    // Whole keys: that is the usual case, and comparing texts of different lengths costs nothing.
    let families = || KNOWN_IN_ROUTE_MODE.iter().flat_map(|family| family.iter());
    if families().any(|known| is(known, key)) || listener_attributes::listener(key).is_some() {
        return Verdict::Read;
    }
    if name.starts_with(listener_attributes::BEGINNING) {
        let meant = key.to_ascii_uppercase();
        let meant = meant
            .rsplit_once('.')
            .map(|(_, end)| format!("{ANNOTATION_ALB_PREFIX}{}{end}", listener_attributes::BEGINNING));
        return Verdict::Unknown(meant.filter(|meant| listener_attributes::listener(meant).is_some()));
    }
    if UNSUPPORTED.iter().any(|known| is(known, name)) {
        return Verdict::Unsupported;
    }
    let read = || families().filter_map(|key| key.strip_prefix(ANNOTATION_ALB_PREFIX));
    let all = || read().chain(UNSUPPORTED.iter().copied()).chain([listener_attributes::BEGINNING]);
    let whole = misspelt(name, all()).map(str::to_owned);
    let beginning = || {
        let (start, rest) = name.split_once('.')?;
        let beginnings = all().filter_map(|known| known.strip_suffix('.'));
        misspelt(start, beginnings).map(|meant| format!("{meant}.{rest}"))
    };
    Verdict::Unknown(whole.or_else(beginning).map(|meant| format!("{ANNOTATION_ALB_PREFIX}{meant}")))
}

/// Diagnostics for annotations with our own prefixes that do not exist, and for misspelt ones.
pub fn unknown_of_ours(annotations: &[Tag], object: ObjectName<'_>) -> Vec<Diagnostic> {
    let is_ours = |key: &&str| key.starts_with(ZALANDO) || key.starts_with(ANNOTATION_OWN_PREFIX);
    let known =
        || KNOWN.iter().flat_map(|family| family.iter().copied()).filter(is_ours).chain([ANNOTATION_PAUSED]);
    let keys = annotations.iter().map(|annotation| annotation.key.as_str());
    let mut keys: Vec<&str> = keys.filter(|key| is_ours(key) && !known().any(|it| it == *key)).collect();
    keys.sort_unstable();
    let of_key = keys.into_iter().filter_map(|key| {
        let meant = misspelt(key, known());
        // Other projects have annotations with the short prefix too.
        let is_certain = key.starts_with(ANNOTATION_PREFIX) || key.starts_with(ANNOTATION_OWN_PREFIX);
        (meant.is_some() || is_certain).then(|| unknown(key, meant, object, ""))
    });
    of_key.collect()
}

fn unknown(key: &str, meant: Option<&str>, object: ObjectName<'_>, place: &str) -> Diagnostic {
    let message = format!("annotation {key}{place} is not known to this version, so it does nothing");
    let remedy = match meant {
        Some(meant) => format!("write {meant} if that is what you meant, or remove it"),
        None => "correct the spelling, or remove it".to_owned(),
    };
    warning(DiagnosticCode::AnnotationUnknown, Subject::Object(object), message)
        .field(format!("metadata.annotations[{key}]"))
        .remedy(remedy)
}

fn not_supported(keys: &[&str], object: ObjectName<'_>, place: &str) -> Option<Diagnostic> {
    let (noun, verb, them) = match keys {
        [] => return None,
        [_] => ("annotation", "is not supported yet and does nothing", "it"),
        _ => ("annotations", "are not supported yet and do nothing", "them"),
    };
    let keys = words::list_of(keys.iter().copied(), 8);
    let message = format!(
        "{noun} {keys}{place} {verb}; on an existing load balancer, the properties for {them} do not change"
    );
    let diagnostic = warning(DiagnosticCode::AnnotationUnknown, Subject::Object(object), message);
    Some(diagnostic.field("metadata.annotations").remedy(format!("remove {them}")))
}

fn not_named(key: &str, object: ObjectName<'_>, place: &str) -> Diagnostic {
    let message = format!(
        "annotation {key}{place} does nothing: Albatross derives the names of its load balancers from the cluster, so that \
         it recognizes them"
    );
    warning(DiagnosticCode::AnnotationUnknown, Subject::Object(object), message)
        .field(format!("metadata.annotations[{key}]"))
        .remedy("remove it; to find the load balancer, use its tags, or the annotation tags to add a tag")
}

/// Diagnostics for annotations of a Service that do nothing. `place` names the Service.
pub fn on_service(annotations: &[Tag], object: ObjectName<'_>, place: &str) -> Vec<Diagnostic> {
    let is_elsewhere =
        |key: &str| verdict(key) == Verdict::Read && !target_group::KNOWN.contains(&key) && key != tags::TAGS;
    let keys = annotations.iter().map(|annotation| annotation.key.as_str());
    let mut keys: Vec<&str> =
        keys.filter(|key| key.starts_with(ANNOTATION_ALB_PREFIX) && is_elsewhere(key)).collect();
    keys.sort_unstable();
    let misplaced = keys.into_iter().map(|key| {
        let message = format!("annotation {key}{place} does nothing: it is read only from Ingresses");
        warning(DiagnosticCode::AnnotationUnknown, Subject::Object(object), message)
            .field(format!("metadata.annotations[{key}]"))
            .remedy("move it to the Ingress, or remove it")
    });
    misplaced.chain(without_effect(annotations, object, place)).collect()
}

#[cfg(test)]
mod tests {
    use albatross_contract::ObjectKind;

    use super::{ANNOTATION_ALB_PREFIX, UNSUPPORTED, Verdict, unknown_of_ours, verdict, without_effect};
    use crate::{identity::tag, source::ObjectName};

    const OBJECT: ObjectName<'_> = ObjectName { namespace: "shop", name: "x", kind: ObjectKind::Ingress };

    fn of(name: &str) -> Verdict {
        verdict(&format!("{ANNOTATION_ALB_PREFIX}{name}"))
    }

    #[test]
    fn every_annotation_is_read_or_reported() {
        for name in
            ["scheme", "group.name", "listen-ports", "tags", "listener-attributes.HTTPS-443", "wafv2-acl-arn"]
        {
            assert_eq!(of(name), Verdict::Read, "{name}");
        }
        for name in ["auth-type", "wafv2-acl-name", "target-control-port.web.80", "frontend-nlb-tags"] {
            assert_eq!(of(name), Verdict::Unsupported, "{name}");
        }
        assert!(UNSUPPORTED.is_sorted());
    }

    #[test]
    fn a_misspelt_annotation_names_the_one_that_is_meant() {
        for (name, meant) in [
            ("target-typ", Some("target-type")),
            ("loadbalancer-attributes", Some("load-balancer-attributes")),
            ("healthcheck-intervall-seconds", Some("healthcheck-interval-seconds")),
            ("target-control-prot.web.80", Some("target-control-port.web.80")),
            ("listener-atributes.HTTP-80", Some("listener-attributes.HTTP-80")),
            ("listener-attributes.https-443", Some("listener-attributes.HTTPS-443")),
            ("listener-attributes.TCP-80", None),
            ("wafv2-acl-arns", Some("wafv2-acl-arn")),
            ("colour", None),
        ] {
            let expected = meant.map(|meant| format!("{ANNOTATION_ALB_PREFIX}{meant}"));
            assert_eq!(of(name), Verdict::Unknown(expected), "{name}");
        }
    }

    #[test]
    fn unsupported_annotations_are_listed_in_one_diagnostic() {
        let annotations = ["acm-pca-arn", "shield-advanced-protection", "load-balancer-name", "scheme"]
            .map(|name| tag(&format!("{ANNOTATION_ALB_PREFIX}{name}"), "x"));
        let told = without_effect(&annotations, OBJECT, "");
        assert_eq!(told.len(), 2);
        assert!(told[0].message.contains("derives the names"), "{}", told[0].message);
        let expected = "annotations alb.ingress.kubernetes.io/acm-pca-arn, \
                        alb.ingress.kubernetes.io/shield-advanced-protection are not supported yet and do nothing";
        assert!(told[1].message.starts_with(expected), "{}", told[1].message);
    }

    #[test]
    fn a_misspelt_annotation_of_ours_is_reported_whatever_its_prefix() {
        let told = |key: &str| unknown_of_ours(&[tag(key, "x")], OBJECT).pop().and_then(|it| it.remedy);
        let meant = "write zalando.org/aws-load-balancer-scheme if that is what you meant, or remove it";
        assert_eq!(told("zalando.org/aws-loadbalancer-scheme").as_deref(), Some(meant));
        assert_eq!(told("zalando.org/asw-load-balancer-scheme").as_deref(), Some(meant));
        assert_eq!(told("zalando.org/aws-x").as_deref(), Some("correct the spelling, or remove it"));
        assert_eq!(told("zalando.org/skipper-filter"), None);
    }
}
