use albatross_contract::{
    ANNOTATION_SCHEME, DiagnosticCode, HostCertificate, Outcome, OutcomeState, Severity, StatusChange,
    ViewPart,
};

use super::decide;
use crate::testing::{NOW, World, certificate_arn, dns_name, target};

fn outcomes(world: World) -> (Vec<Outcome>, Option<u64>) {
    let scene = world.read();
    let decided = scene.decide();
    let answer = decide(scene.claims, &decided.grouping, &decided.wanted, scene.observed);
    (answer.outcomes, answer.next_change_at)
}

fn first(world: World) -> Outcome {
    outcomes(world).0.remove(0)
}

fn codes(outcome: &Outcome) -> Vec<DiagnosticCode> {
    outcome.diagnostics.iter().map(|diagnostic| diagnostic.code).collect()
}

fn world() -> World {
    World::new().certificate("a", &["a.org"]).load_balancer("one", &["a"])
}

fn class(world: World, name: &str) -> World {
    world.with(|snapshot| {
        snapshot.cluster.ingresses[0]
            .metadata
            .annotations
            .push(crate::identity::tag(albatross_contract::ANNOTATION_CLASS, name));
    })
}

#[test]
fn the_outcome_of_a_member_names_its_load_balancer_and_its_certificates() {
    let outcome = first(world().published("x", &["a.org"], "one"));
    assert_eq!((outcome.state, outcome.load_balancer.as_deref()), (OutcomeState::Placed, Some("one")));
    let served = HostCertificate { host: "a.org".into(), certificate: certificate_arn("a") };
    assert_eq!(outcome.certificates, [served]);
    assert_eq!((outcome.hostname, outcome.status), (Some(dns_name("one")), StatusChange::Keep));
    assert_eq!(outcome.diagnostics, []);
}

#[test]
fn every_state_has_its_reason() {
    use OutcomeState::*;
    let unreadable = |world: World| world.annotated(ANNOTATION_SCHEME, "secret");
    let published = || world().published("x", &["a.org"], "one");
    for (world, state, load_balancer, told) in [
        (unreadable(published()), Held, Some("one"), vec![DiagnosticCode::AnnotationInvalid]),
        (
            unreadable(world().ingress("x", &["a.org"])),
            Rejected,
            None,
            vec![DiagnosticCode::AnnotationInvalid],
        ),
        (
            world().ingress("x", &["b.org"]).missing(ViewPart::CertificatesAcm),
            Waiting,
            None,
            vec![DiagnosticCode::ViewIncomplete],
        ),
        (world().ingress("x", &["b.org"]), Rejected, None, vec![DiagnosticCode::CertificateNone]),
        (class(world().ingress("x", &["a.org"]), "other"), Ignored, None, vec![]),
        (class(published(), "other"), Released, None, vec![DiagnosticCode::ClassNotOurs]),
        (
            class(published(), "other").missing(ViewPart::IngressClasses),
            Held,
            Some("one"),
            vec![DiagnosticCode::ViewIncomplete],
        ),
    ] {
        let outcome = first(world);
        assert_eq!((outcome.state, outcome.load_balancer.as_deref()), (state, load_balancer));
        assert_eq!(codes(&outcome), told, "{state:?}");
    }
}

#[test]
fn the_severity_for_an_unplaced_ingress_depends_on_whether_it_waits() {
    let rejected = first(world().ingress("x", &["b.org"]));
    assert_eq!(rejected.diagnostics[0].severity, Severity::Error);
    let waiting = first(world().ingress("x", &["b.org"]).missing(ViewPart::CertificatesAcm));
    assert_eq!(waiting.diagnostics[0].severity, Severity::Warning);
}

#[test]
fn only_a_released_ingress_loses_its_status() {
    let published = || class(world().published("x", &["a.org"], "one"), "other");
    assert_eq!(first(published()).status, StatusChange::Withdraw);
    assert_eq!(first(published().missing(ViewPart::IngressClasses)).status, StatusChange::Keep);
}

#[test]
fn a_host_that_is_left_out_is_reported_with_what_happens_to_the_others() {
    let message = |world: World| {
        let outcome = first(world);
        let told = outcome.diagnostics.into_iter().find(|it| it.code == DiagnosticCode::CertificateNone);
        told.map(|it| it.message).unwrap_or_default()
    };
    let served = world().published("x", &["a.org", "b.org"], "one");
    assert_eq!(
        message(served),
        "no certificate covers b.org: that host is left out; the other host is served"
    );
    assert_eq!(
        message(world().ingress("x", &["b.org"])),
        "no certificate covers b.org: no host can be served"
    );
    let unplaced = world().ingress("x", &["a.org", "b.org"]).annotated(ANNOTATION_SCHEME, "secret");
    assert_eq!(message(unplaced), "no certificate covers b.org: that host is left out");
}

#[test]
fn outcomes_are_in_the_order_of_names_and_the_earliest_end_of_waiting_counts() {
    let world = world()
        .which(|found| found.created_at = NOW - 60)
        .tagged(albatross_contract::TAG_INGRESS, "shop/y")
        .targets(|group| group.targets = vec![target("i-1", "initial")])
        .ingress("y", &["a.org"])
        .annotated(albatross_contract::ANNOTATION_SHARED, "false")
        .ingress("x", &["b.org"]);
    let (outcomes, next) = outcomes(world);
    let told: Vec<_> = outcomes.iter().map(|outcome| (outcome.object.name.as_str(), outcome.state)).collect();
    assert_eq!(told, [("x", OutcomeState::Rejected), ("y", OutcomeState::Placed)]);
    assert_eq!(next, Some(NOW - 60 + super::publishing::HEALTH_TIMEOUT));
}
