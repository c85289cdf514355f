use albatross_contract::{ANNOTATION_CERTIFICATE, CertificateStatus, DiagnosticCode, ViewPart};

use super::{Awaited, Serving};
use crate::testing::{DAY, NOW, World, certificate_arn};

struct Told {
    hosts: Vec<(String, &'static str)>,
    awaited: Option<Vec<&'static str>>,
    codes: Vec<DiagnosticCode>,
}

/// How the first member is served on its load balancer.
fn told(world: World) -> Told {
    let scene = world.read();
    let decided = scene.decide();
    let serving = Serving::new(&decided.grouping, &decided.wanted, scene.observed);
    let on = decided.grouping.placements[0].group().unwrap();
    let served = serving.of(on, &decided.grouping.members[0]);
    let name = |id| scene.names([&id])[0];
    Told {
        hosts: served
            .hosts
            .iter()
            .map(|(host, id)| (scene.observed.hosts.text(*host).into(), name(*id)))
            .collect(),
        awaited: match served.awaited {
            Awaited::These(ids) => Some(scene.names(&ids)),
            Awaited::Unknown => None,
        },
        codes: served.diagnostics.iter().map(|diagnostic| diagnostic.code).collect(),
    }
}

fn hosts(pairs: &[(&str, &'static str)]) -> Vec<(String, &'static str)> {
    pairs.iter().map(|(host, name)| ((*host).to_owned(), *name)).collect()
}

/// Certificates `a` and `b`; the load balancer `one` has some of them.
fn world(there: &[&str]) -> World {
    World::new().certificate("a", &["a.org"]).certificate("b", &["b.org"]).load_balancer("one", there)
}

#[test]
fn present_certificates_serve_and_nothing_is_awaited() {
    let told = told(world(&["a", "b"]).published("x", &["a.org", "b.org"], "one"));
    assert_eq!(told.hosts, hosts(&[("a.org", "a"), ("b.org", "b")]));
    assert_eq!((told.awaited, told.codes), (Some(vec![]), vec![]));
}

#[test]
fn a_certificate_that_comes_is_awaited() {
    let told = told(world(&["a"]).published("x", &["a.org", "b.org"], "one"));
    assert_eq!(told.hosts, hosts(&[("a.org", "a"), ("b.org", "b")]));
    assert_eq!(told.awaited, Some(vec!["b"]));
}

#[test]
fn while_nothing_can_come_a_host_is_not_called_served() {
    // There is no HTTPS listener, and none may be created.
    let frozen = world(&[]).published("x", &["a.org"], "one").missing(ViewPart::TargetGroups);
    let told = told(frozen);
    assert_eq!((told.hosts, told.awaited), (vec![], Some(vec!["a"])));
}

#[test]
fn a_host_without_room_for_its_new_certificate_is_served_with_the_old_one() {
    let full = world(&["a", "b"]).certificate("new", &["b.org"]).published("x", &["a.org", "b.org"], "one");
    let told = told(full.with(|snapshot| {
        snapshot.inventory.quotas.certificates_per_load_balancer = 2;
        snapshot.inventory.certificates[2].not_before = Some(NOW - DAY);
    }));
    assert_eq!(told.hosts, hosts(&[("a.org", "a"), ("b.org", "b")]));
    assert_eq!((told.awaited, told.codes), (Some(vec![]), vec![DiagnosticCode::CapacityExceeded]));
}

#[test]
fn a_member_that_may_not_move_to_a_load_balancer_with_room_is_served_as_before() {
    let full = world(&["a"]).published("x", &["a.org", "b.org"], "one").with(|snapshot| {
        snapshot.inventory.quotas.certificates_per_load_balancer = 2;
        snapshot.inventory.subnets.clear();
    });
    let told = told(full);
    assert_eq!((told.hosts, told.awaited), (hosts(&[("a.org", "a")]), Some(vec!["b"])));
}

#[test]
fn a_pinned_certificate_is_awaited_even_without_a_host() {
    let pinned =
        world(&["a"]).published("x", &[], "one").annotated(ANNOTATION_CERTIFICATE, &certificate_arn("b"));
    assert_eq!(told(pinned).awaited, Some(vec!["b"]));
}

#[test]
fn an_unusable_certificate_still_serves_if_no_other_covers_the_host() {
    let ended = || {
        world(&["a"]).published("x", &["a.org"], "one").with(|snapshot| {
            snapshot.inventory.certificates[0].status = CertificateStatus::Expired;
        })
    };
    let kept = told(ended());
    assert_eq!(
        (kept.hosts, kept.codes),
        (hosts(&[("a.org", "a")]), vec![DiagnosticCode::CertificateUnusable])
    );
    let unsure = told(ended().missing(ViewPart::CertificatesIam));
    assert_eq!(unsure.codes, [], "it has been said that not all certificates are known");
}

#[test]
fn while_it_is_not_known_which_certificates_serve_nothing_is_promised() {
    let unknown =
        world(&["a"]).published("x", &["b.org"], "one").annotated(ANNOTATION_CERTIFICATE, "arn:unknown");
    let told = told(unknown);
    assert_eq!((told.hosts, told.awaited), (vec![], None));
}
