use albatross_contract::{CertificateStatus, Mode, ViewPart};

use super::{asks_for_more, fits_beside_others, has_room, limit_on, stays_on, too_many_alone};
use crate::{
    grouping::Groups,
    kind::Kind,
    terms::Terms,
    testing::{NOW, Scene, World, certificate_arn, group_id, load_balancer},
};

/// The terms of a load balancer in a mode.
fn terms(mode: Mode) -> Terms<'static> {
    Terms { mode, ..Terms::of(Box::leak(Box::new(load_balancer("one")))) }
}

/// Certificates `a` to `d` for hosts of the same names; a load balancer may have `limit` certificates.
fn world(limit: u32) -> World {
    ["a", "b", "c", "d"]
        .into_iter()
        .fold(World::new(), |world, name| world.certificate(name, &[&format!("{name}.org")]))
        .with(|snapshot| snapshot.inventory.quotas.certificates_per_load_balancer = limit)
}

/// The load balancers with all members on the load balancer `one`.
fn all_on_one(scene: Scene) -> Groups<'static> {
    let mut groups = scene.groups();
    let one = group_id(&groups, "one");
    for (index, member) in scene.members().iter().enumerate() {
        groups.add(one, index, member);
    }
    groups
}

#[test]
fn certificates_on_other_listeners_take_places() {
    let scene = world(25).load_balancer("one", &["a", "b"]).with(|snapshot| {
        snapshot.inventory.load_balancers[0].listeners[0].certificates = vec!["arn:x".into(), "arn:y".into()];
    });
    let scene = scene.read();
    assert_eq!(limit_on(Kind::APPLICATION, None, scene.observed), 25);
    assert_eq!(limit_on(Kind::APPLICATION, Some(scene.owned("one")), scene.observed), 23);
}

#[test]
fn the_default_certificate_stays_and_the_others_where_they_may_not_go() {
    let stays = |world: World| {
        let scene = world.load_balancer("one", &["a", "b", "c"]).read();
        scene.names(&stays_on(scene.owned("one"), &scene.held_back(), scene.observed))
    };
    assert_eq!(stays(world(25)), ["a"]);
    assert_eq!(stays(world(25).missing(ViewPart::CertificatesIam)), ["a", "b", "c"]);
    let none_at_once = world(25).with(|snapshot| {
        // Six unasked certificates are more than may become unneeded at once.
        let names = ["e", "f", "g"];
        snapshot.inventory.certificates.extend(names.map(|name| crate::testing::certificate(name, &[name])));
    });
    assert_eq!(stays(none_at_once.load_balancer("two", &["e", "f", "g"])), ["a", "b", "c"]);
    let listed_twice = world(25).load_balancer("one", &["a", "b"]).missing(ViewPart::CertificatesAcm);
    let scene = listed_twice.which(|found| found.listeners[1].certificates.push(certificate_arn("a"))).read();
    let stays = stays_on(scene.owned("one"), &scene.held_back(), scene.observed);
    assert_eq!(scene.names(&stays), ["a", "b"], "AWS may list the default one among the others");
    let plain = world(25).load_balancer("one", &[]).read();
    assert_eq!(stays_on(plain.owned("one"), &plain.held_back(), plain.observed), []);
}

#[test]
fn one_place_is_kept_free() {
    let scene = world(4).load_balancer("one", &["a", "b"]).published("x", &["a.org", "b.org"], "one").read();
    let groups = all_on_one(scene);
    let one = groups.get(group_id(&groups, "one"));
    let ids = |names: &[&str]| names.iter().map(|name| scene.id(name)).collect::<Vec<_>>();
    assert!(has_room(one, &ids(&["c"]), 0));
    assert!(!has_room(one, &ids(&["c"]), 1));
    assert!(!has_room(one, &ids(&["c", "d"]), 0));
    assert!(has_room(one, &ids(&["a", "b", "c"]), 0), "a present certificate takes no further place");
    for (coming, expected) in [(3, false), (4, true)] {
        let told = too_many_alone(coming, &terms(Mode::Proxy), scene.observed);
        assert_eq!(
            told.is_some_and(|told| told.ends_with("one is kept free for renewals")),
            expected,
            "{coming}"
        );
    }
}

#[test]
fn the_settings_limit_what_ingresses_need_and_the_quota_keeps_its_place_for_renewals() {
    let world = |most: u32| {
        world(25)
            .with(|snapshot| snapshot.settings.certificates_per_load_balancer = Some(most))
            .load_balancer("one", &["a", "b"])
            .published("x", &["b.org"], "one")
    };
    let room = |most: u32, coming: &[&str]| {
        let scene = world(most).read();
        let groups = all_on_one(scene);
        let ids: Vec<_> = coming.iter().map(|name| scene.id(name)).collect();
        has_room(groups.get(group_id(&groups, "one")), &ids, 0)
    };
    assert!(room(1, &["b"]), "the default certificate, which nobody needs, does not count");
    assert!(!room(1, &["c"]) && room(2, &["c"]) && !room(2, &["c", "d"]));
    let alone = |coming, mode| too_many_alone(coming, &terms(mode), world(1).read().observed);
    let expected = "it needs 2 certificates, but the setting certificates-per-load-balancer allows 1";
    assert_eq!(alone(2, Mode::Proxy).as_deref(), Some(expected));
    assert_eq!((alone(1, Mode::Proxy), alone(2, Mode::Route)), (None, None));
}

#[test]
fn on_a_load_balancer_without_members_the_certificates_that_stay_count() {
    let scene = world(25)
        .with(|snapshot| snapshot.settings.certificates_per_load_balancer = Some(1))
        .load_balancer("one", &["a"])
        .read();
    let groups = scene.groups();
    let one = groups.get(group_id(&groups, "one"));
    assert!(has_room(one, &[scene.id("a")], 0));
    assert!(!has_room(one, &[scene.id("b")], 0), "other names may still lead to the certificate");
}

#[test]
fn unneeded_certificates_take_places_from_new_members_but_move_no_member() {
    // The default certificate `a` stays, though only `b` is needed.
    let scene = world(3).load_balancer("one", &["a", "b"]).published("x", &["b.org"], "one").read();
    let groups = all_on_one(scene);
    let one = groups.get(group_id(&groups, "one"));
    assert!(!has_room(one, &[scene.id("c")], 0));
    assert!(fits_beside_others(one, &[scene.id("c")]));
    assert!(!fits_beside_others(one, &[scene.id("c"), scene.id("d")]));
}

#[test]
fn while_the_needs_of_members_are_not_known_all_present_certificates_count() {
    let scene = world(4)
        .missing(ViewPart::CertificatesAcm)
        .load_balancer("one", &["a", "b", "c"])
        .published("x", &["a.org"], "one")
        .annotated(albatross_contract::ANNOTATION_CERTIFICATE, "arn:unknown")
        .read();
    let groups = all_on_one(scene);
    let one = groups.get(group_id(&groups, "one"));
    assert!(one.is_unsure());
    assert!(has_room(one, &[scene.id("b")], 0));
    assert!(!has_room(one, &[scene.id("d")], 0));
}

#[test]
fn only_a_host_that_no_present_certificate_covers_asks_for_more() {
    let asks = |world: World| {
        let scene = world.load_balancer("one", &["a"]).read();
        let groups = scene.groups();
        asks_for_more(groups.get(group_id(&groups, "one")), &scene.members()[0], scene.observed)
    };
    assert!(!asks(world(25).ingress("x", &["a.org"])));
    assert!(asks(world(25).ingress("x", &["a.org", "b.org"])));
    assert!(!asks(world(25).ingress("x", &["unknown.org"])), "no certificate may be chosen for it");
    let renewed = world(25).certificate("new", &["a.org"]).with(|snapshot| {
        snapshot.inventory.certificates[0].status = CertificateStatus::Expired;
        snapshot.inventory.certificates[4].not_before = Some(NOW);
    });
    assert!(!asks(renewed.ingress("x", &["a.org"])), "a renewed certificate is no change of the Ingress");
    let pinned = |name: &str| {
        let arn = certificate_arn(name);
        world(25).ingress("x", &["a.org"]).annotated(albatross_contract::ANNOTATION_CERTIFICATE, &arn)
    };
    assert!(!asks(pinned("a")));
    assert!(asks(pinned("b")));
    assert!(!asks(pinned("nowhere")), "what it needs is not known");
}
