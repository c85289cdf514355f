//! Names of objects as texts.

use std::{fs, path::Path};

use albatross_contract::{IngressRule, Metadata, ObjectKind, ObjectName, RouteGroup, Snapshot, file};

fn object(kind: ObjectKind) -> ObjectName {
    ObjectName { kind, ..ObjectName::ingress("shop", "checkout") }
}

#[test]
fn objects_of_different_kinds_with_the_same_name_are_distinguished() {
    for (kind, text) in [
        (ObjectKind::Ingress, "shop/checkout"),
        (ObjectKind::HttpRoute, "HTTPRoute:shop/checkout"),
        (ObjectKind::RouteGroup, "RouteGroup:shop/checkout"),
    ] {
        assert_eq!(object(kind).to_string(), text);
        assert_eq!(ObjectName::parse(text), Some(object(kind)));
        assert!(object(kind) == text);
    }
    assert!(object(ObjectKind::HttpRoute) != "shop/checkout");
}

#[test]
fn a_text_that_names_no_object_is_refused() {
    for text in [
        "",
        "/",
        "checkout",
        "shop/",
        "/checkout",
        "a/b/c",
        "Pod:shop/checkout",
        "Ingress:shop/checkout",
        "HTTPRoute:",
    ] {
        assert_eq!(ObjectName::parse(text), None, "{text}");
    }
}

#[test]
fn all_objects_that_ask_for_a_load_balancer_are_found_whatever_their_kind() {
    let of = |kind| ObjectName { kind, ..ObjectName::ingress("default", "checkout") };
    let metadata = Metadata { name: "checkout".to_owned(), ..Metadata::default() };
    let hosts = || vec!["a.example.org".to_owned(), String::new()];
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/route-mode/2048-game.snapshot.json");
    let mut cluster = file::read::<Snapshot>(&fs::read(path).unwrap()).unwrap().cluster;
    cluster.ingresses.truncate(1);
    cluster.ingresses[0].metadata = metadata.clone();
    cluster.ingresses[0].rules =
        hosts().into_iter().map(|host| IngressRule { host: Some(host), paths: Vec::new() }).collect();
    cluster.route_groups = Some(vec![RouteGroup { metadata, hosts: hosts(), status: Vec::new() }]);
    let found: Vec<ObjectName> = cluster.sources().map(ObjectName::of).collect();
    assert_eq!(found, [of(ObjectKind::Ingress), of(ObjectKind::RouteGroup)]);
    for source in cluster.sources() {
        assert_eq!(source.hosts().collect::<Vec<_>>(), ["a.example.org"], "an empty host is none");
    }
    cluster.route_groups = None;
    assert_eq!(cluster.sources().count(), 1, "the cluster lacks the kind");
}
