use albatross_contract::{DiagnosticCode, Ingress, ObjectKind};
use serde_json::{Value, from_value, json};

use super::{routes, routing};
use crate::{
    source::{ObjectName, PathMatch},
    testing::World,
};

const OBJECT: ObjectName<'_> = ObjectName { namespace: "shop", name: "x", kind: ObjectKind::Ingress };

fn ingress(spec: &Value) -> Ingress {
    let mut ingress = json!({"metadata": {"namespace": "shop", "name": "x"}, "rules": []});
    let fields = ingress.as_object_mut().unwrap();
    fields.extend(spec.as_object().unwrap().clone());
    from_value(ingress).unwrap()
}

fn path(text: Option<&str>, kind: &str) -> Value {
    json!({"path": text, "path-type": kind, "backend": to("web")})
}

fn to(service: &str) -> Value {
    json!({"service": {"name": service, "port": {"number": 80}}})
}

fn told(ingress: &Ingress) -> Vec<(Option<&str>, PathMatch<'_>, &str, &str)> {
    let told = routes(ingress).into_iter();
    told.map(|it| (it.host, it.path, it.backends[0].service, Box::leak(it.field.into_boxed_str()) as &str))
        .collect()
}

#[test]
fn every_path_of_every_rule_is_a_route_and_the_default_backend_comes_last() {
    let ingress = ingress(&json!({
        "default-backend": to("other"),
        "rules": [
            {"host": "a.org", "paths": [path(Some("/a"), "exact"), path(Some("/b"), "prefix")]},
            {"host": "b.org"},
            {"paths": [path(None, "implementation-specific"), path(Some("/c*"), "implementation-specific")]},
        ],
    }));
    assert_eq!(
        told(&ingress),
        [
            (Some("a.org"), PathMatch::Exact("/a"), "web", "spec.rules[0].http.paths[0]"),
            (Some("a.org"), PathMatch::Prefix("/b"), "web", "spec.rules[0].http.paths[1]"),
            (Some("b.org"), PathMatch::Prefix("/"), "other", "spec.rules[1]"),
            (None, PathMatch::Prefix("/"), "web", "spec.rules[2].http.paths[0]"),
            (None, PathMatch::Pattern("/c*"), "web", "spec.rules[2].http.paths[1]"),
            (None, PathMatch::Prefix("/"), "other", "spec.defaultBackend"),
        ]
    );
}

#[test]
fn a_path_that_a_rule_cannot_express_is_reported() {
    let snapshot = crate::testing::leak(World::new().read());
    for (text, kind, is_fit) in [
        ("/cart", "exact", true),
        ("cart", "exact", false),
        ("/cart*", "prefix", false),
        ("/cart*", "implementation-specific", true),
        ("/caf\u{e9}", "prefix", false),
    ] {
        let ingress = ingress(&json!({"rules": [{"paths": [path(Some(text), kind)]}]}));
        let (_, told) = routing(&ingress, OBJECT, &snapshot.snapshot.inventory);
        let codes: Vec<DiagnosticCode> = told.iter().map(|it| it.code).collect();
        let expected = if is_fit { Vec::new() } else { vec![DiagnosticCode::PathUnsupported] };
        assert_eq!(codes, expected, "{text} {kind}");
    }
}
