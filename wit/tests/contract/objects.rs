//! Names of objects as texts.

use albatross_contract::{ObjectKind, ObjectName};

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
