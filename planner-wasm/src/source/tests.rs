use albatross_contract::{
    ANNOTATION_CERTIFICATE, ANNOTATION_SCHEME, ANNOTATION_SHARED, ClassSetting, DiagnosticCode, Mode, Scheme,
};

use super::{Claim, Class, Wish, read};
use crate::testing::{World, ingress, leak};

fn claim(world: World) -> &'static Claim<'static> {
    &world.read().claims[0]
}

fn x() -> World {
    World::new().ingress("x", &["B.org", "a.org", "a.org"])
}

#[test]
fn an_ingress_becomes_a_claim_with_its_hosts_in_order() {
    let scene = x().with(|it| it.cluster.ingresses[0].rules.push(ingress("y", &[""]).rules.remove(0))).read();
    let hosts = scene.claim("x").hosts.iter().map(|host| scene.observed.hosts.text(*host));
    assert_eq!(hosts.collect::<Vec<_>>(), ["a.org", "b.org"]);
    assert_eq!(scene.claim("x").object.to_string(), "shop/x");
}

#[test]
fn the_wishes_of_an_ingress_are_read_from_annotations() {
    let plain = claim(x());
    assert_eq!((plain.scheme, plain.shared), (Wish::Default(Scheme::InternetFacing), Wish::Default(true)));
    assert_eq!((plain.pinned.len(), plain.wants_its_own()), (0, false));
    let asked = claim(
        x().annotated(ANNOTATION_SCHEME, "internal")
            .annotated(ANNOTATION_SHARED, "false")
            .annotated(ANNOTATION_CERTIFICATE, "arn:a"),
    );
    assert_eq!((asked.scheme, asked.shared), (Wish::Own(Scheme::Internal), Wish::Own(false)));
    assert_eq!((asked.pinned.as_slice(), asked.wants_its_own()), (["arn:a"].as_slice(), true));
}

#[test]
fn only_our_ingresses_get_diagnostics_about_annotations() {
    let wrong = || x().annotated(ANNOTATION_SCHEME, "secret").annotated("zalando.org/aws-x", "");
    let ours = claim(wrong());
    assert_eq!((ours.scheme, ours.diagnostics.len(), ours.remarks.len()), (Wish::Unreadable, 1, 1));
    let other = claim(wrong().with(|it| {
        it.cluster.ingresses[0]
            .metadata
            .annotations
            .push(crate::identity::tag(albatross_contract::ANNOTATION_CLASS, "other"));
    }));
    assert_eq!((other.class, other.diagnostics.len(), other.remarks.len()), (Class::NotOurs, 0, 0));
}

#[test]
fn parameters_of_an_ingress_class_are_reported_on_each_ingress_of_the_class() {
    let told = |parameters: serde_json::Value| {
        let claim = claim(x().with(|it| {
            it.settings.classes = vec![ClassSetting { name: "alb".into(), mode: Mode::Route }];
            let class = serde_json::json!({
                "metadata": {"name": "alb"}, "controller": "albatross/ingress", "parameters": parameters
            });
            it.cluster.ingress_classes = vec![serde_json::from_value(class).unwrap()];
            it.cluster.ingresses[0].ingress_class_name = Some("alb".into());
        }));
        claim.remarks.iter().map(|it| it.message.as_str()).collect::<Vec<_>>()
    };
    let named = serde_json::json!({
        "api-group": "elbv2.k8s.aws", "kind": "IngressClassParams", "name": "public"
    });
    assert_eq!(
        told(named),
        [
            "IngressClass alb names parameters (IngressClassParams public), which Albatross does not read, so they do nothing"
        ]
    );
    assert!(told(serde_json::Value::Null).is_empty());
}

#[test]
fn the_class_decides_the_mode() {
    let route = claim(
        x().with(|it| it.settings.classes = vec![ClassSetting { name: String::new(), mode: Mode::Route }]),
    );
    assert_eq!((route.class, route.mode()), (Class::Ours(Mode::Route), Mode::Route));
    assert_eq!(claim(x()).mode(), Mode::Proxy);
}

#[test]
fn a_status_is_read_whatever_it_holds() {
    let read = |hostnames: &[&str]| {
        let world = hostnames.iter().fold(x(), |world, hostname| world.status(hostname));
        let claim = claim(world);
        (claim.published(), claim.names.len(), claim.status_has_more)
    };
    for (hostnames, expected) in [
        (&[][..], (None, 0, false)),
        (&["a.example.com"], (Some("a.example.com"), 1, false)),
        (&["A.example.com"], (Some("a.example.com"), 1, false)),
        (&["dualstack.a.example.com"], (Some("a.example.com"), 1, true)),
        (&["a.example.com", "b.example.com"], (Some("a.example.com"), 2, true)),
        (&[""], (None, 0, false)),
    ] {
        assert_eq!(read(hostnames), expected, "{hostnames:?}");
    }
    let address = x()
        .status("a.example.com")
        .with(|it| it.cluster.ingresses[0].status[0].ip = Some("192.0.2.1".into()));
    assert!(claim(address).status_has_more);
}

#[test]
fn claims_have_the_order_of_their_names_and_the_oldest_is_served_first() {
    let world = World::new().ingress("b", &[]).ingress("a", &[]).ingress("c", &[]);
    let scene = world.with(|it| it.cluster.ingresses[0].metadata.created_at = Some(1)).read();
    let names =
        |claims: Vec<&Claim<'_>>| claims.iter().map(|claim| claim.object.name.to_owned()).collect::<Vec<_>>();
    assert_eq!(names(scene.claims.iter().collect()), ["a", "b", "c"]);
    let mut by_age: Vec<_> = scene.claims.iter().collect();
    by_age.sort_by_key(|claim| claim.age());
    assert_eq!(names(by_age), ["b", "a", "c"]);
}

#[test]
fn one_ingress_twice_makes_no_plan() {
    let twice = World::new().ingress("x", &[]).read().snapshot;
    let mut twice = twice.clone();
    twice.cluster.ingresses.push(ingress("x", &[]));
    let error = read(leak(twice)).err().unwrap();
    assert_eq!(error.code, DiagnosticCode::SnapshotInvalid);
    assert_eq!(error.message, "the snapshot holds the Ingress shop/x twice; remove one");
}

#[test]
fn a_wish_that_cannot_be_read_has_no_value() {
    assert_eq!([Wish::Own(1), Wish::Default(1), Wish::Unreadable].map(Wish::value), [Some(1), Some(1), None]);
    assert_eq!([Wish::Own(1), Wish::Default(1), Wish::Unreadable].map(Wish::is_own), [true, false, false]);
}
