use albatross_contract::{DiagnosticCode, LoadBalancerFate, LoadBalancerState, TAG_UNNEEDED, ViewPart};

use super::lifespan;
use crate::{
    identity::tag,
    lifecycle::Lifespan,
    observed::certificate_mark,
    testing::{DAY, GRACE, NOW, Scene, World, certificate_arn, group_id},
};

struct Told {
    lifespan: Lifespan,
    codes: Vec<DiagnosticCode>,
    scene: Scene,
}

impl Told {
    fn unneeded(&self) -> Vec<&'static str> {
        self.scene.names(self.lifespan.unneeded.keys())
    }

    fn expired(&self) -> Vec<&'static str> {
        self.scene.names(&self.lifespan.expired)
    }

    fn kept(&self) -> Vec<&'static str> {
        self.scene.names(&self.lifespan.kept)
    }
}

/// How long the load balancer `one` stays with all members on it.
fn told(world: World, published: bool) -> Told {
    let scene = world.read();
    let mut groups = scene.groups();
    groups.insert_rest();
    let one = group_id(&groups, "one");
    for (index, member) in scene.members().iter().enumerate() {
        groups.add(one, index, member);
    }
    let mut diagnostics = Vec::new();
    let lifespan = lifespan(groups.get(one), scene.owned("one"), published, scene.observed, &mut diagnostics);
    Told { lifespan, codes: diagnostics.iter().map(|diagnostic| diagnostic.code).collect(), scene }
}

fn fate(world: World) -> (LoadBalancerFate, Option<u64>) {
    let told = told(world, false);
    (told.lifespan.fate, told.lifespan.unneeded_since)
}

/// Certificates `a` and `b`, both on the load balancer `one`.
fn one() -> World {
    World::new().certificate("a", &["a.org"]).certificate("b", &["b.org"]).load_balancer("one", &["a", "b"])
}

fn marked(age: u64) -> World {
    one().tagged(TAG_UNNEEDED, &(NOW - age).to_string())
}

#[test]
fn a_load_balancer_with_members_stays_or_is_completed() {
    let state = |state| one().ingress("x", &["a.org"]).which(|found| found.state = state);
    for (found, expected) in [
        (LoadBalancerState::Active, LoadBalancerFate::Keep),
        (LoadBalancerState::ActiveImpaired, LoadBalancerFate::Keep),
        (LoadBalancerState::Provisioning, LoadBalancerFate::Create),
        (LoadBalancerState::Failed, LoadBalancerFate::Create),
    ] {
        assert_eq!(fate(state(found)), (expected, None), "{found:?}");
    }
    assert_eq!(fate(marked(2 * GRACE).ingress("x", &["a.org"])), (LoadBalancerFate::Keep, None));
}

#[test]
fn a_load_balancer_without_members_is_marked_and_deleted_a_grace_period_later() {
    for (world, expected) in [
        (one(), (LoadBalancerFate::Unneeded, Some(NOW))),
        (marked(GRACE - 1), (LoadBalancerFate::Unneeded, Some(NOW - GRACE + 1))),
        (marked(GRACE), (LoadBalancerFate::Delete, Some(NOW - GRACE))),
        (one().tagged(TAG_UNNEEDED, "yesterday"), (LoadBalancerFate::Unneeded, Some(NOW))),
    ] {
        assert_eq!(fate(world), expected);
    }
    let draining = marked(GRACE).with(|snapshot| {
        snapshot.settings.grace = 60;
        snapshot.settings.proxy.deregistration_delay = 3_600;
    });
    assert_eq!(fate(draining).0, LoadBalancerFate::Delete);
}

#[test]
fn a_status_that_names_it_keeps_it() {
    let unmarked = told(one(), true);
    assert_eq!((unmarked.lifespan.fate, unmarked.codes.as_slice()), (LoadBalancerFate::Keep, &[][..]));
    let marked = told(marked(DAY), true);
    assert_eq!(marked.lifespan.fate, LoadBalancerFate::Keep);
    assert_eq!(marked.codes, [DiagnosticCode::StillPublished]);
    assert_eq!((marked.unneeded(), marked.kept()), (vec![], vec!["a", "b"]));
}

#[test]
fn a_persons_protection_keeps_it() {
    let protected = told(
        marked(DAY).which(|found| found.attributes.push(tag("deletion_protection.enabled", "true"))),
        false,
    );
    assert_eq!(protected.lifespan.fate, LoadBalancerFate::Keep);
    assert_eq!(protected.codes, [DiagnosticCode::DeletionProtected]);
}

#[test]
fn while_the_view_is_incomplete_marks_are_neither_set_nor_followed() {
    let unknown = |world: World| fate(world.missing(ViewPart::Ingresses));
    assert_eq!(unknown(one()), (LoadBalancerFate::Keep, None));
    assert_eq!(unknown(marked(DAY)), (LoadBalancerFate::Unneeded, Some(NOW - DAY)));
}

/// The unneeded certificate `b`, marked this long ago.
fn certificate_marked(age: u64) -> World {
    one().ingress("x", &["a.org"]).tagged(&certificate_mark(&certificate_arn("b")), &(NOW - age).to_string())
}

#[test]
fn unneeded_certificates_are_removed_a_grace_period_later() {
    let new = told(one().ingress("x", &["a.org"]), false);
    assert_eq!((new.unneeded(), new.expired(), new.kept()), (vec!["b"], vec![], vec![]));
    assert_eq!(new.lifespan.unneeded.values().collect::<Vec<_>>(), [&NOW]);
    let waiting = told(certificate_marked(GRACE - 1), false);
    assert_eq!((waiting.unneeded(), waiting.expired()), (vec!["b"], vec![]));
    let over = told(certificate_marked(GRACE), false);
    assert_eq!((over.unneeded(), over.expired()), (vec!["b"], vec!["b"]));
    assert_eq!(over.lifespan.unneeded.values().collect::<Vec<_>>(), [&(NOW - GRACE)]);
}

#[test]
fn certificates_stay_while_it_is_not_known_whether_they_are_needed() {
    for world in [
        certificate_marked(GRACE).missing(ViewPart::CertificatesAcm),
        certificate_marked(GRACE).annotated(albatross_contract::ANNOTATION_CERTIFICATE, "arn:unknown"),
    ] {
        let told = told(world, false);
        assert!(told.unneeded().is_empty() && told.expired().is_empty());
        assert!(told.kept().contains(&"b"), "{:?}", told.kept());
    }
}

#[test]
fn certificates_of_a_deleted_load_balancer_stay_on_it() {
    let gone = told(marked(GRACE), false);
    assert_eq!((gone.unneeded(), gone.kept()), (vec![], vec!["a", "b"]));
}
