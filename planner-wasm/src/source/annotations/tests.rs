use albatross_contract::{ANNOTATION_SCHEME, ANNOTATION_SHARED, DiagnosticCode, ObjectKind};

use super::{of_proxy_mode, scheme, unknown};
use crate::{identity::tag, source::ObjectName};

const OBJECT: ObjectName<'_> = ObjectName { namespace: "shop", name: "x", kind: ObjectKind::Ingress };

#[test]
fn unknown_annotations_with_our_prefix_are_reported() {
    let messages = |keys: &[&str]| {
        let annotations: Vec<_> = keys.iter().map(|key| tag(key, "")).collect();
        unknown(&annotations, OBJECT).into_iter().map(|it| it.message).collect::<Vec<_>>()
    };
    assert!(messages(&[ANNOTATION_SCHEME, ANNOTATION_SHARED, "other.org/x"]).is_empty());
    let message = |key: &str| format!("annotation {key} is not known to this version, so it does nothing");
    assert_eq!(
        messages(&["zalando.org/aws-b", "zalando.org/aws-a"]),
        [message("zalando.org/aws-a"), message("zalando.org/aws-b")]
    );
}

#[test]
fn an_invalid_value_is_reported_with_the_expected_values() {
    let annotations = [tag(ANNOTATION_SCHEME, "secret")];
    let told = scheme(&annotations, albatross_contract::Scheme::Internal).err().unwrap().diagnostic(OBJECT);
    assert_eq!((told.code, told.subject.as_str()), (DiagnosticCode::AnnotationInvalid, "Ingress shop/x"));
    let expected =
        format!("annotation {ANNOTATION_SCHEME} is \"secret\", expected internet-facing or internal");
    assert_eq!(told.message, expected);
}

#[test]
fn annotations_of_proxy_mode_do_nothing_in_route_mode() {
    let told = |key: &str| of_proxy_mode(&[tag(key, "internal")], OBJECT).map(|it| it.message);
    assert_eq!(told("alb.ingress.kubernetes.io/scheme"), None);
    let message = told(ANNOTATION_SCHEME).unwrap();
    assert!(
        message
            .contains("route mode, where the annotation zalando.org/aws-load-balancer-scheme does nothing")
    );
}
