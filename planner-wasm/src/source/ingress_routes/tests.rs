use albatross_contract::{DiagnosticCode, Ingress, ObjectKind};
use serde_json::{Value, from_value, json};

use super::{Reading, read};
use crate::{
    identity::tag,
    source::{Backend, BackendReference, Filter, HostMatch, ObjectName, PathMatch, Route, annotations},
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

fn routes(ingress: &Ingress) -> Vec<Route<'_>> {
    let by_backend = annotations::ByBackend::new(&ingress.metadata.annotations);
    Reading { by_backend, has_expressions: false, most: 100 }.routes(ingress)
}

fn named(to: &Backend<'_>) -> String {
    match &to.to {
        BackendReference::Service { name, .. } => name.clone().into_owned(),
        BackendReference::Invalid(invalid) => invalid.reason.clone(),
    }
}

fn told(ingress: &Ingress) -> Vec<(Option<HostMatch<'_>>, PathMatch<'_>, String, String)> {
    let told = routes(ingress).into_iter().map(|it| {
        let backend = named(&it.backends[0]);
        (it.hosts.into_iter().next(), it.paths.into_iter().next().unwrap(), backend, it.field)
    });
    told.collect()
}

fn name(host: &str) -> Option<HostMatch<'_>> {
    Some(HostMatch::Name(host.into()))
}

/// The codes and messages of an Ingress with these annotations and this only path.
fn diagnostics(annotations: &[(&str, &str)], path: &Value) -> Vec<(DiagnosticCode, String)> {
    all_diagnostics(annotations, ingress(&json!({"rules": [{"host": "a.org", "paths": [path]}]})))
}

/// The codes and messages of an Ingress with these annotations.
fn all_diagnostics(annotations: &[(&str, &str)], mut ingress: Ingress) -> Vec<(DiagnosticCode, String)> {
    let snapshot = crate::testing::leak(World::new().read());
    let prefix = albatross_contract::ANNOTATION_ALB_PREFIX;
    ingress.metadata.annotations =
        annotations.iter().map(|(key, value)| tag(&format!("{prefix}{key}"), value)).collect();
    let read = read(&ingress, OBJECT, &snapshot.snapshot.inventory);
    read.invalid.into_iter().chain(read.remarks).map(|it| (it.code, it.message)).collect()
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
            (name("a.org"), PathMatch::Exact("/a".into()), "web", "spec.rules[0].http.paths[0]"),
            (name("a.org"), PathMatch::Prefix("/b".into()), "web", "spec.rules[0].http.paths[1]"),
            (name("b.org"), PathMatch::Prefix("/".into()), "other", "spec.rules[1]"),
            (None, PathMatch::Prefix("/".into()), "web", "spec.rules[2].http.paths[0]"),
            (None, PathMatch::Pattern("/c*".into()), "web", "spec.rules[2].http.paths[1]"),
            (None, PathMatch::Prefix("/".into()), "other", "spec.defaultBackend"),
        ]
        .map(|(host, path, backend, field)| (host, path, backend.to_owned(), field.to_owned()))
    );
}

#[test]
fn a_path_that_a_rule_cannot_express_is_reported() {
    for (text, kind, is_fit) in [
        ("/cart", "exact", true),
        ("cart", "exact", false),
        ("/cart*", "prefix", false),
        ("/cart*", "implementation-specific", true),
        ("/a%20b", "prefix", true),
        ("/caf\u{e9}", "prefix", false),
    ] {
        let codes = diagnostics(&[], &path(Some(text), kind)).into_iter().map(|(code, _)| code);
        let expected = if is_fit { Vec::new() } else { vec![DiagnosticCode::PathUnsupported] };
        assert_eq!(codes.collect::<Vec<_>>(), expected, "{text} {kind}");
    }
}

#[test]
fn a_backend_with_the_port_use_annotation_has_the_action_and_the_conditions_of_its_name() {
    let annotated = |key: &str, value: &str| tag(&format!("alb.ingress.kubernetes.io/{key}"), value);
    let action = r#"{"type":"forward","forwardConfig":{"targetGroups":[{"serviceName":"a","servicePort":80,"weight":2},
        {"targetGroupName":"x","weight":1}],"targetGroupStickinessConfig":{"enabled":true,"durationSeconds":9}}}"#;
    let conditions = r#"[{"field":"host-header","hostHeaderConfig":{"values":["b.org","*.c.org"]}},
        {"field":"path-pattern","pathPatternConfig":{"values":["/b","/c*"]}},
        {"field":"http-request-method","httpRequestMethodConfig":{"values":["GET"]}}]"#;
    let transforms =
        r#"[{"type":"url-rewrite","urlRewriteConfig":{"rewrites":[{"regex":"a","replace":"b"}]}}]"#;
    let use_annotation = json!({"service": {"name": "split", "port": {"name": "use-annotation"}}});
    let path = json!({"path": "/", "path-type": "exact", "backend": use_annotation});
    let mut ingress = ingress(&json!({"rules": [{"host": "*.a.org", "paths": [path]}]}));
    ingress.metadata.annotations = vec![
        annotated("actions.split", action),
        annotated("conditions.split", conditions),
        annotated("transforms.split", transforms),
    ];
    let routes = routes(&ingress);
    let route = &routes[0];
    assert_eq!(
        route.backends.iter().map(named).collect::<Vec<_>>(),
        ["a", "Albatross forwards only to Services, not to the existing target group x"]
    );
    assert_eq!((route.backends[0].weight, route.stickiness, route.conditions.len()), (2, Some(9), 1));
    assert_eq!(
        route.hosts,
        [
            HostMatch::Wildcard("*.a.org".into()),
            HostMatch::Name("b.org".into()),
            HostMatch::Pattern("*.c.org".into())
        ]
    );
    assert_eq!(
        route.paths,
        [PathMatch::Exact("/".into()), PathMatch::Exact("/b".into()), PathMatch::Pattern("/c*".into())]
    );
    assert!(matches!(route.filters[..], [Filter::Transform(_)]));
}

#[test]
fn an_action_that_does_not_exist_is_an_invalid_backend() {
    let use_annotation = json!({"service": {"name": "gone", "port": {"name": "use-annotation"}}});
    let ingress = ingress(&json!({"rules": [], "default-backend": use_annotation}));
    let reason = "annotation alb.ingress.kubernetes.io/actions.gone is missing";
    assert_eq!(named(&routes(&ingress)[0].backends[0]), reason);
}

#[test]
fn paths_are_regular_expressions_only_if_an_annotation_says_so() {
    let expression = path(Some("/^/api/(.+)$"), "implementation-specific");
    let told = |annotations: &[(&str, &str)]| diagnostics(annotations, &expression);
    assert_eq!(told(&[("use-regex-path-match", "true")]), []);
    assert_eq!(told(&[])[0].0, DiagnosticCode::PathUnsupported);
    assert_eq!(
        diagnostics(&[("use-regex-path-match", "true")], &path(Some("/(a"), "implementation-specific"))[0].1,
        "a listener rule cannot express the path \"(a\": as a regular expression it has a ( without a )"
    );
    assert_eq!(
        told(&[("use-regex-path-match", "maybe")])[0].1,
        "annotation alb.ingress.kubernetes.io/use-regex-path-match is \"maybe\", expected true or false"
    );
}

#[test]
fn a_path_that_is_every_path_takes_no_condition() {
    let header = |number: u32| {
        format!(
            r#"{{"field":"http-header","httpHeaderConfig":{{"httpHeaderName":"h{number}","values":["a"]}}}}"#
        )
    };
    let conditions = |count: u32| format!("[{}]", (0..count).map(header).collect::<Vec<_>>().join(","));
    assert_eq!(diagnostics(&[("conditions.web", &conditions(4))], &path(Some("/"), "prefix")), []);
    assert_eq!(diagnostics(&[("conditions.web", &conditions(5))], &path(Some("/"), "prefix")).len(), 1);
    assert_eq!(diagnostics(&[("conditions.web", &conditions(4))], &path(Some("/a"), "exact")).len(), 1);
}

#[test]
fn more_conditions_or_wildcards_than_a_rule_may_have_are_reported() {
    let query = r#"{"field":"query-string","queryStringConfig":{"values":[{"value":"a"}]}}"#;
    let told = |number: usize| {
        let list = format!("[{}]", vec![query; number].join(","));
        diagnostics(&[("conditions.web", &list)], &path(Some("/"), "exact"))
    };
    assert_eq!(told(3), []);
    assert_eq!(told(4)[0].1, "the rule needs 6 condition values, but the quota of AWS is 5 for each rule");
    let wildcards = path(Some("/a*b*c*d*e*f*"), "implementation-specific");
    assert_eq!(
        diagnostics(&[], &wildcards)[0].1,
        "the rule needs 6 condition wildcards, but the quota of AWS is 5 for each rule"
    );
}

#[test]
fn tls_does_nothing_on_an_ingress_that_listens_only_on_http() {
    let told = |annotations: &[(&str, &str)], tls: Value| {
        let rules = json!([{"host": "a.org", "paths": [path(Some("/"), "prefix")]}]);
        all_diagnostics(annotations, ingress(&json!({"rules": rules, "tls": tls})))
    };
    let tls = || json!([{"hosts": ["a.org"]}]);
    let message = "spec.tls does nothing, because this Ingress listens only on HTTP".to_owned();
    let http_only = [(DiagnosticCode::HostInvalid, message)];
    assert_eq!(told(&[], tls()), http_only);
    assert_eq!(told(&[("listen-ports", r#"[{"HTTP":8080}]"#)], tls()), http_only);
    assert_eq!(told(&[], json!([{"secret-name": "of-another-controller"}])), http_only);
    assert_eq!(told(&[], json!([])), []);
    assert_eq!(told(&[("listen-ports", r#"[{"HTTP":80},{"HTTPS":443}]"#)], tls()), []);
    assert_eq!(told(&[("certificate-arn", "arn:one")], tls()), [], "a named certificate asks for HTTPS");
}

#[test]
fn what_https_needs_is_reported_once_and_only_if_the_ports_are_known() {
    let codes = |annotations: &[(&str, &str)]| {
        let rules = json!([{"host": "a.org", "paths": [path(Some("/"), "prefix")]}]);
        let told =
            all_diagnostics(annotations, ingress(&json!({"rules": rules, "tls": [{"hosts": ["a.org"]}]})));
        told.into_iter().map(|(code, _)| code).collect::<Vec<_>>()
    };
    let both = [("listen-ports", r#"[{"HTTP":80}]"#), ("certificate-arn", "arn:one")];
    assert_eq!(codes(&both), [DiagnosticCode::AnnotationInvalid], "the annotation");
    assert_eq!(codes(&[("listen-ports", "80")]), [DiagnosticCode::AnnotationInvalid], "the ports");
}

#[test]
fn the_remedy_keeps_the_ports_that_an_ingress_has() {
    let remedy = |annotations: &[albatross_contract::Tag]| {
        let rules = json!([{"host": "a.org", "paths": [path(Some("/"), "prefix")]}]);
        let mut ingress = ingress(&json!({"rules": rules, "tls": [{"hosts": ["a.org"]}]}));
        ingress.metadata.annotations = annotations.to_vec();
        let inventory = &crate::testing::leak(World::new().read()).snapshot.inventory;
        read(&ingress, OBJECT, inventory).remarks.remove(0).remedy.unwrap()
    };
    let ports = annotations::LISTENER_PORTS;
    let http = tag(ports, r#"[{"HTTP": 8080}]"#);
    assert_eq!(remedy(&[http]), format!("add {{\"HTTPS\": 443}} to {ports}, or remove spec.tls"));
    let both = r#"[{"HTTP": 80}, {"HTTPS": 443}]"#;
    assert_eq!(remedy(&[]), format!("set {ports} to {both}, or remove spec.tls"));
}
