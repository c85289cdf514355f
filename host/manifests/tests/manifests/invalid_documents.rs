//! An invalid document is named by file, document, line and field; the others are read, and the part of the view to which
//! it belongs is incomplete, so that nothing is removed.

use albatross_contract::ViewPart;

use crate::support::{incomplete, ingress, names, problems, read_files};

const PARTS: [ViewPart; 7] = [
    ViewPart::Ingresses,
    ViewPart::IngressClasses,
    ViewPart::Services,
    ViewPart::Nodes,
    ViewPart::EndpointSlices,
    ViewPart::Pods,
    ViewPart::RouteGroups,
];

/// The problem of an Ingress `shop/checkout` with this field changed, without file, document and line.
fn problem_with(from: &str, to: &str) -> String {
    let good = ingress("shop", "checkout", "shop.example.org");
    assert!(good.contains(from), "{from}");
    let text = problems(&good.replacen(from, to, 1)).remove(0);
    text.split_once(": ").unwrap().1.to_owned()
}

#[test]
fn a_wrong_path_type_is_named_by_file_document_line_and_field() {
    let first = ingress("shop", "a", "a.example.org");
    let third = ingress("shop", "c", "c.example.org")
        + "      - path: /old\n        pathType: prefix\n        backend: {service: {name: c, port: {number: 80}}}\n";
    let text = format!("{first}---\n{}---\n{third}", first.replace("name: a", "name: b"));
    let manifests = read_files(&[("shop/ingress.yaml", &text)]);
    assert_eq!(names(&manifests), ["shop/a", "shop/b"]);
    let [problem] = &manifests.problems[..] else { panic!("one problem: {:?}", manifests.problems) };
    assert_eq!(
        problem.to_string(),
        "shop/ingress.yaml, document 3, line 40: spec.rules[0].http.paths[1].pathType: \"prefix\" is not one of \
         Prefix, Exact, ImplementationSpecific"
    );
    assert_eq!(text.lines().nth(39), Some("        pathType: prefix"));
    assert_eq!(problem.object.as_deref(), Some("Ingress shop/c"));
    assert_eq!(incomplete(&manifests), [ViewPart::Ingresses]);
    assert_eq!(manifests.cluster.incomplete[0].reason, problem.to_string());
}

#[test]
fn a_value_that_the_api_server_refuses_is_refused_with_its_field() {
    for (from, to, problem) in [
        (
            "namespace: shop",
            "namespace: Shop",
            "metadata.namespace: \"Shop\" is not a namespace: lower-case letters, digits and hyphens, up to 63",
        ),
        (
            "name: checkout}",
            "name: a/b}",
            "metadata.name: \"a/b\" is not a name: lower-case letters, digits, hyphens and dots, up to 253",
        ),
        (", name: checkout}", "}", "metadata.name: is missing"),
        (
            "host: shop",
            "host: Shop",
            "spec.rules[0].host: \"Shop.example.org\" is not a host: a DNS name in lower case, in which * stands for the whole first label only",
        ),
        (
            "host: shop.",
            "host: '*shop.'\n    x: ",
            "spec.rules[0].host: \"*shop.\" is not a host: a DNS name in lower case, in which * stands for the whole first label only",
        ),
        (
            "host: shop.example.org",
            "host: 10.0.0.1",
            "spec.rules[0].host: \"10.0.0.1\" is an address, expected a DNS name",
        ),
        ("path: /", "path: shop", "spec.rules[0].http.paths[0].path: \"shop\" does not begin with /"),
        ("- path: /\n        ", "- ", "spec.rules[0].http.paths[0].path: is missing"),
        (
            "pathType: Prefix",
            "x: y",
            "spec.rules[0].http.paths[0].pathType: is missing: Prefix, Exact or ImplementationSpecific",
        ),
        (
            "number: 80",
            "number: 65536",
            "spec.rules[0].http.paths[0].backend.service.port.number: 65536 is not a port: 1 to 65535",
        ),
        (
            "number: 80",
            "number: http",
            "spec.rules[0].http.paths[0].backend.service.port.number: \"http\" is a string, expected a port number",
        ),
        (
            "number: 80",
            "number: 80, name: http",
            "spec.rules[0].http.paths[0].backend.service.port: has a number and a name, expected one of them",
        ),
        (
            "{number: 80}",
            "{}",
            "spec.rules[0].http.paths[0].backend.service.port: has neither a number nor a name",
        ),
        (
            "service: {name: checkout, port: {number: 80}}",
            "{}",
            "spec.rules[0].http.paths[0].backend: has neither a service nor a resource",
        ),
        (
            "service: {name: checkout, port: {number: 80}}",
            "serviceName: checkout",
            "spec.rules[0].http.paths[0].backend: serviceName and servicePort are of v1beta1; in v1: service: {name: …, port: {number: …}}",
        ),
        (
            "service: {",
            "resource: {kind: A, name: b}\n          service: {",
            "spec.rules[0].http.paths[0].backend: has a service and a resource, expected one of them",
        ),
        ("spec:", "spec: {}\nother:", "spec: has neither rules nor a default backend"),
        (
            "spec:",
            "spec:\n  ingressClassName: A_B",
            "spec.ingressClassName: \"A_B\" is not a name: lower-case letters, digits, hyphens and dots, up to 253",
        ),
        ("spec:", "spec:\n  tls: [{hosts: ['']}]", "spec.tls[0].hosts[0]: is empty, expected a host"),
    ] {
        assert_eq!(problem_with(from, to), problem, "{to}");
    }
}

#[test]
fn a_wrong_type_is_named_with_what_was_found() {
    for (from, to, problem) in [
        (
            "metadata: {",
            "metadata: {annotations: {timeout: 60}, ",
            "metadata.annotations[\"timeout\"]: 60 is a number, expected a string: put it in quotes",
        ),
        (
            "metadata: {",
            "metadata: {annotations: {version: 1.10}, ",
            "metadata.annotations[\"version\"]: 1.10 is a number, expected a string: put it in quotes",
        ),
        (
            "metadata: {",
            "metadata: {annotations: {shared: no}, ",
            "metadata.annotations[\"shared\"]: no without quotes is the boolean false in YAML, expected a string: put it in quotes, \"no\"",
        ),
        ("metadata: {", "metadata: {labels: [a], ", "metadata.labels: this is a list, expected a mapping"),
        (
            "metadata: {",
            "metadata: {creationTimestamp: yesterday, ",
            "metadata.creationTimestamp: \"yesterday\" is not a time such as 2026-11-21T09:30:00Z",
        ),
        (
            "  rules:\n  - host: shop.example.org",
            "  rules:\n    host: shop.example.org",
            "spec.rules: this is a mapping, expected a list",
        ),
        (
            "host: shop.example.org",
            "host: [shop.example.org]",
            "spec.rules[0].host: this is a list, expected a string",
        ),
        ("spec:", "spec: none\nother:", "spec: \"none\" is a string, expected a mapping"),
    ] {
        assert_eq!(problem_with(from, to), problem, "{to}");
    }
}

#[test]
fn an_unknown_api_version_of_a_kind_that_is_read_is_refused() {
    for (kind, api_version, part, known) in [
        (
            "Ingress",
            "extensions/v1",
            ViewPart::Ingresses,
            "networking.k8s.io/v1, networking.k8s.io/v1beta1, extensions/v1beta1",
        ),
        (
            "Ingress",
            "networking.k8s.io/v2",
            ViewPart::Ingresses,
            "networking.k8s.io/v1, networking.k8s.io/v1beta1, extensions/v1beta1",
        ),
        (
            "Ingress",
            "v1",
            ViewPart::Ingresses,
            "networking.k8s.io/v1, networking.k8s.io/v1beta1, extensions/v1beta1",
        ),
        (
            "IngressClass",
            "networking.k8s.io/v2",
            ViewPart::IngressClasses,
            "networking.k8s.io/v1, networking.k8s.io/v1beta1",
        ),
        ("IngressClass", "v1", ViewPart::IngressClasses, "networking.k8s.io/v1, networking.k8s.io/v1beta1"),
        ("Service", "v1beta3", ViewPart::Services, "v1"),
        ("Node", "v2", ViewPart::Nodes, "v1"),
        ("RouteGroup", "zalando.org/v2", ViewPart::RouteGroups, "zalando.org/v1"),
        ("RouteGroup", "v1", ViewPart::RouteGroups, "zalando.org/v1"),
    ] {
        let text = format!("kind: {kind}\nmetadata: {{name: a}}\napiVersion: {api_version}\n");
        let manifests = read_files(&[("a.yaml", &text)]);
        assert_eq!(
            manifests.problems[0].to_string(),
            format!(
                "a.yaml, document 1, line 3: apiVersion: \"{api_version}\" is not a known version of {kind}: {known}"
            )
        );
        assert_eq!(incomplete(&manifests), [part]);
    }
}

#[test]
fn a_document_that_is_not_a_manifest_makes_every_part_incomplete() {
    for (text, problem) in [
        ("replicas: 3\n", "line 1: kind: is missing: this is not a Kubernetes manifest"),
        ("kind: Ingress\n", "line 1: apiVersion: is missing: this is not a Kubernetes manifest"),
        ("just words\n", "line 1: \"just words\" is a string, expected a mapping"),
        ("- kind: Ingress\n", "line 1: this is a list, expected a mapping"),
        ("a:\n  - b\n c: d\n", "line 3: not valid YAML: "),
        (
            "kind: {{ .Values.kind }}\n",
            "line 1: the key of a mapping is a list or a mapping (an unrendered template?)",
        ),
        ("a: 'never closed\n", "line 2: not valid YAML: "),
        ("{\"kind\": \"Ingress\", \n", "not valid YAML: "),
        ("apiVersion: v1\nkind: List\nitems: [~]\n", "line 3: items[0]: is empty, expected an object"),
        ("a: 1\nb: 2\na: 3\n", "line 3: the key \"a\" is in this mapping twice"),
    ] {
        let text = format!("{text}---\n{}", ingress("shop", "good", "a.example.org"));
        let manifests = read_files(&[("a.yaml", &text)]);
        let [found] = &manifests.problems[..] else { panic!("one problem: {:?}", manifests.problems) };
        assert!(found.to_string().starts_with("a.yaml, document 1, line "), "{found}");
        assert!(found.to_string().contains(problem), "{found}");
        assert_eq!(incomplete(&manifests), PARTS, "{text}");
        assert_eq!(names(&manifests), ["shop/good"], "{text}");
    }
}

#[test]
fn the_same_ingress_twice_names_both_places_and_the_first_stays() {
    let first = ingress("shop", "checkout", "first.example.org");
    let other = ingress("shop", "other", "other.example.org");
    let again = ingress("shop", "checkout", "again.example.org");
    let manifests = read_files(&[("a.yaml", &format!("{other}---\n{first}")), ("b.yaml", &again)]);
    let [problem] = &manifests.problems[..] else { panic!("one problem: {:?}", manifests.problems) };
    assert_eq!(
        problem.to_string(),
        "b.yaml, document 1, line 1: Ingress shop/checkout is also in a.yaml, document 2, line 14: remove one of them"
    );
    assert_eq!(incomplete(&manifests), [ViewPart::Ingresses]);
    assert_eq!(names(&manifests), ["shop/checkout", "shop/other"]);
    assert_eq!(manifests.cluster.ingresses[0].rules[0].host.as_deref(), Some("first.example.org"));
}

#[test]
fn the_same_ingress_in_two_api_versions_is_one_ingress() {
    let old = "apiVersion: extensions/v1beta1\nkind: Ingress\nmetadata: {namespace: shop, name: a}\nspec: {backend: \
               {serviceName: a, servicePort: 80}}\n";
    let new = ingress("shop", "a", "a.example.org");
    assert_eq!(read_files(&[("old.yaml", old), ("new.yaml", &new)]).problems.len(), 1);
}

#[test]
fn one_name_in_two_namespaces_or_kinds_is_two_objects() {
    let text = format!(
        "{}---\n{}---\napiVersion: v1\nkind: Service\nmetadata: {{namespace: shop, name: a}}\n",
        ingress("shop", "a", "a.example.org"),
        ingress("tools", "a", "a.example.org")
    );
    assert_eq!(read_files(&[("a.yaml", &text)]).problems, []);
}

#[test]
fn the_reason_of_an_incomplete_part_counts_further_problems() {
    let broken = |name: &str| ingress("shop", name, "UPPER");
    let text = [broken("a"), broken("b"), broken("c")].join("---\n");
    let manifests = read_files(&[("a.yaml", &text)]);
    assert_eq!(manifests.problems.len(), 3);
    let reason = &manifests.cluster.incomplete[0].reason;
    assert!(reason.starts_with("a.yaml, document 1, line 6: spec.rules[0].host: "), "{reason}");
    assert!(reason.ends_with(" (and 2 more)"), "{reason}");
}

#[test]
fn a_long_value_is_cut_in_the_message() {
    let problem = problem_with("pathType: Prefix", &format!("pathType: {}", "x".repeat(1_000)));
    assert!(problem.len() < 200, "{problem}");
}
