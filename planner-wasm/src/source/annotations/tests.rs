use albatross_contract::{ANNOTATION_SCHEME, ANNOTATION_SHARED, DiagnosticCode, ObjectKind};

use super::{of_proxy_mode, scheme, unknown};
use crate::{identity::tag, source::ObjectName};

const OBJECT: ObjectName<'_> = ObjectName { namespace: "shop", name: "x", kind: ObjectKind::Ingress };

#[test]
fn unknown_annotations_with_our_prefix_are_reported() {
    let message = |keys: &[&str]| {
        let annotations: Vec<_> = keys.iter().map(|key| tag(key, "")).collect();
        unknown(&annotations, OBJECT).map(|diagnostic| diagnostic.message)
    };
    assert_eq!(message(&[ANNOTATION_SCHEME, ANNOTATION_SHARED, "other.org/x"]), None);
    let one = "annotation zalando.org/aws-x is not known to this version, so it does nothing";
    assert_eq!(message(&["zalando.org/aws-x"]).as_deref(), Some(one));
    let two =
        "annotations zalando.org/aws-a, zalando.org/aws-b are not known to this version, so they do nothing";
    assert_eq!(message(&["zalando.org/aws-b", "zalando.org/aws-a"]).as_deref(), Some(two));
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
