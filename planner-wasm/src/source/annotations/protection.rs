//! Annotations that ask for protection which this version does not give: who signs in, or which certificate a client shows.
//!
//! An Ingress with such an annotation is not served without the protection: a new one is rejected, and an existing one is
//! held. Everything else that this version does not support is only reported ([`super::catalogue`]).

use albatross_contract::{ANNOTATION_ALB_PREFIX, Diagnostic, DiagnosticCode, Tag};
use serde_json::Value;

use crate::{
    diagnostics::{Details, Subject, error},
    source::ObjectName,
};

/// The beginning of all annotations for signing in.
const SIGN_IN: &str = "auth-";

/// The protection that an annotation asks for, in words. `None`: it asks for none.
fn asked(name: &str, value: &str) -> Option<&'static str> {
    match name {
        "auth-type" if !value.trim().eq_ignore_ascii_case("none") => Some("users who sign in"),
        "mutual-authentication" if !is_off(value) => Some("clients with certificates"),
        "jwt-validation" => Some("requests with a valid token"),
        _ => None,
    }
}

/// Whether mutual authentication is switched off on all ports: `[{"port": 443, "mode": "off"}]`.
fn is_off(value: &str) -> bool {
    let ports = serde_json::from_str::<Vec<Value>>(value).unwrap_or_default();
    !ports.is_empty() && ports.iter().all(|port| port.get("mode").and_then(Value::as_str) == Some("off"))
}

/// Diagnostics for annotations that ask for protection. `place` says where the annotations are, if they are not on the object
/// itself.
pub fn missing(annotations: &[Tag], object: ObjectName<'_>, place: &str) -> Vec<Diagnostic> {
    let found = annotations.iter().filter_map(|annotation| {
        let name = annotation.key.strip_prefix(ANNOTATION_ALB_PREFIX)?;
        let whom = asked(name, &annotation.value)?;
        let message = format!(
            "annotation {}{place} admits only {whom}, which is not supported yet, and the Ingress is not served without \
             this protection",
            annotation.key
        );
        let diagnostic = error(DiagnosticCode::AnnotationInvalid, Subject::Object(object), message);
        let remedy = "leave the Ingress to a controller that supports the annotation, or protect the backend and remove \
                      the annotation";
        Some(diagnostic.field(format!("metadata.annotations[{}]", annotation.key)).remedy(remedy))
    });
    found.collect()
}

/// Whether an annotation is about protection that annotations of an object ask for, so that [`missing`] reports it.
pub fn is_reported(annotations: &[Tag], key: &str) -> bool {
    let name = |key: &str| key.strip_prefix(ANNOTATION_ALB_PREFIX).map(str::to_owned);
    let Some(asking) = name(key) else { return false };
    annotations.iter().any(|annotation| {
        let reported = name(&annotation.key).filter(|name| asked(name, &annotation.value).is_some());
        reported.is_some_and(|it| it == asking || (it.starts_with(SIGN_IN) && asking.starts_with(SIGN_IN)))
    })
}

#[cfg(test)]
mod tests {
    use albatross_contract::{ANNOTATION_ALB_PREFIX, ObjectKind};

    use super::{is_reported, missing};
    use crate::{identity::tag, source::ObjectName};

    const OBJECT: ObjectName<'_> = ObjectName { namespace: "shop", name: "x", kind: ObjectKind::Ingress };

    #[test]
    fn an_ingress_that_asks_for_protection_is_not_served_without_it() {
        for (name, value, is_missing) in [
            ("auth-type", "oidc", true),
            ("auth-type", "cognito", true),
            ("auth-type", "none", false),
            ("auth-idp-oidc", "{}", false),
            ("mutual-authentication", r#"[{"port": 443, "mode": "verify", "trustStore": "x"}]"#, true),
            ("mutual-authentication", r#"[{"port": 443, "mode": "off"}]"#, false),
            ("mutual-authentication", "[", true),
            ("jwt-validation", r#"{"jwksEndpoint": "https://example.org"}"#, true),
            ("shield-advanced-protection", "true", false),
        ] {
            let annotations = [tag(&format!("{ANNOTATION_ALB_PREFIX}{name}"), value)];
            assert_eq!(!missing(&annotations, OBJECT, "").is_empty(), is_missing, "{name}: {value}");
        }
    }

    #[test]
    fn the_other_annotations_for_signing_in_are_not_reported_again() {
        let key = |name: &str| format!("{ANNOTATION_ALB_PREFIX}{name}");
        let annotations = [tag(&key("auth-type"), "oidc"), tag(&key("auth-idp-oidc"), "{}")];
        assert!(is_reported(&annotations, &key("auth-idp-oidc")));
        assert!(!is_reported(&annotations[1..], &key("auth-idp-oidc")));
        assert!(!is_reported(&annotations, &key("shield-advanced-protection")));
    }
}
