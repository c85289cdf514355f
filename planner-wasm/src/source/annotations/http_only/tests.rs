use albatross_contract::{ANNOTATION_CERTIFICATE, ANNOTATION_HTTP_ONLY, ObjectKind, Tag};

use super::{SSL_POLICY, contradiction, http_only};
use crate::{
    identity::tag,
    source::{ObjectName, Wish, annotations::Reader},
};

const OBJECT: ObjectName<'_> = ObjectName { namespace: "shop", name: "x", kind: ObjectKind::Ingress };

#[test]
fn only_true_asks_for_http_only() {
    let asked = |value: &str| {
        let annotations = [tag(ANNOTATION_HTTP_ONLY, value)];
        let mut reader = Reader::new(&annotations);
        let asked = http_only(&mut reader);
        (asked, reader.unreadable.pop().map(|it| it.diagnostic(OBJECT).message))
    };
    assert_eq!(http_only(&mut Reader::new(&[])), Wish::Default(false));
    assert_eq!(asked(" true "), (Wish::Own(true), None));
    assert_eq!(asked("false"), (Wish::Own(false), None));
    for value in ["", "yes", "1", "TRUE"] {
        let told = format!("annotation {ANNOTATION_HTTP_ONLY} is \"{value}\", expected true or false");
        assert_eq!(asked(value), (Wish::Unreadable, Some(told)), "{value:?}");
    }
}

#[test]
fn http_only_contradicts_annotations_of_https_and_the_diagnostic_names_them() {
    let told = |others: &[Tag]| {
        let annotations = [&[tag(ANNOTATION_HTTP_ONLY, "true")], others].concat();
        contradiction(&Reader::new(&annotations), OBJECT)
    };
    let (certificate, policy) = (tag(ANNOTATION_CERTIFICATE, "arn"), tag(SSL_POLICY, "policy"));
    assert_eq!(told(&[]), None);
    assert_eq!(told(&[tag(ANNOTATION_CERTIFICATE, " ")]), None, "an empty value names no certificate");
    let one = told(std::slice::from_ref(&certificate)).unwrap();
    assert_eq!(
        one.message,
        "annotation zalando.org/aws-load-balancer-http-only is \"true\", but annotation \
         zalando.org/aws-load-balancer-ssl-cert asks for HTTPS: it is not known whether the Ingress may be served without \
         encryption"
    );
    let remedy =
        "remove zalando.org/aws-load-balancer-ssl-cert, or remove zalando.org/aws-load-balancer-http-only";
    assert_eq!(one.remedy.as_deref(), Some(remedy));
    let both = told(&[certificate, policy]).unwrap().message;
    assert!(
        both.contains(&format!("annotations {ANNOTATION_CERTIFICATE}, {SSL_POLICY} ask for HTTPS")),
        "{both}"
    );
}
