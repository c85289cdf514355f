use albatross_contract::{ANNOTATION_CERTIFICATE, CertificateStatus, DiagnosticCode, PolicyPoint, ViewPart};

use super::Want;
use crate::testing::{DAY, NOW, Scene, World, certificate_arn};

struct Told {
    /// Hosts with their certificates; `None` if not known.
    hosts: Option<Vec<(String, &'static str)>>,
    certificates: Vec<&'static str>,
    lacking: usize,
    waits: bool,
    codes: Vec<DiagnosticCode>,
}

/// The decision for the first Ingress.
fn told(world: World) -> Told {
    let scene: Scene = world.read();
    let decision = scene.members().remove(0).certificates;
    let text = |host| scene.observed.hosts.text(host).to_owned();
    Told {
        hosts: match &decision.want {
            Want::Known(hosts) => {
                Some(hosts.iter().map(|(host, id)| (text(*host), scene.names([id])[0])).collect())
            }
            Want::Unknown => None,
        },
        certificates: scene.names(&decision.certificates),
        lacking: decision.lacking.len(),
        waits: decision.waits,
        codes: decision.diagnostics.iter().map(|it| it.code).collect(),
    }
}

fn hosts(pairs: &[(&str, &'static str)]) -> Option<Vec<(String, &'static str)>> {
    Some(pairs.iter().map(|(host, name)| ((*host).to_owned(), *name)).collect())
}

fn world() -> World {
    World::new().certificate("a", &["a.org"]).certificate("wild", &["*.org"])
}

#[test]
fn each_host_gets_its_best_certificate() {
    let told = told(world().ingress("x", &["a.org", "b.org"]));
    assert_eq!(told.hosts, hosts(&[("a.org", "a"), ("b.org", "wild")]));
    assert_eq!(told.certificates, ["a", "wild"]);
    assert_eq!((told.lacking, told.waits, told.codes), (0, false, vec![]));
}

#[test]
fn a_host_without_a_certificate_is_lacking_or_waits_for_the_list() {
    let world = || world().ingress("x", &["a.org", "b.net"]);
    let found = told(world());
    assert_eq!((found.hosts, found.lacking, found.waits), (hosts(&[("a.org", "a")]), 1, false));
    let unknown = told(world().missing(ViewPart::CertificatesIam));
    assert_eq!(
        (unknown.lacking, unknown.waits, unknown.codes),
        (0, true, vec![DiagnosticCode::ViewIncomplete])
    );
}

#[test]
fn a_certificate_that_expires_soon_is_reported_and_chosen_last() {
    let ending = |world: World| world.with(|it| it.inventory.certificates[0].not_after = Some(NOW + 2 * DAY));
    let other = told(ending(world().ingress("x", &["a.org"])));
    assert_eq!((other.hosts, other.codes), (hosts(&[("a.org", "wild")]), vec![]));
    let only = told(ending(World::new().certificate("a", &["a.org"]).ingress("x", &["a.org"])));
    assert_eq!(
        (only.hosts, only.codes),
        (hosts(&[("a.org", "a")]), vec![DiagnosticCode::CertificateExpiring])
    );
}

#[test]
fn unfit_certificates_are_not_chosen() {
    let expired = world().ingress("x", &["a.org"]).with(|snapshot| {
        snapshot.inventory.certificates.iter_mut().for_each(|it| it.status = CertificateStatus::Expired);
    });
    assert_eq!(told(expired).lacking, 1);
}

fn pinned(name: &str) -> World {
    world().ingress("x", &["a.org", "b.net"]).annotated(ANNOTATION_CERTIFICATE, &certificate_arn(name))
}

#[test]
fn a_certificate_that_is_named_serves_all_hosts_whether_it_covers_them_or_not() {
    let told = told(pinned("a"));
    assert_eq!(told.hosts, hosts(&[("a.org", "a"), ("b.net", "a")]));
    assert_eq!((told.certificates, told.codes), (vec!["a"], vec![DiagnosticCode::CertificateNotCovering]));
}

#[test]
fn a_named_certificate_that_cannot_be_served_leaves_nothing_known() {
    let told_of = |world: World| {
        let told = told(world);
        assert_eq!(told.hosts, None);
        (told.waits, told.codes)
    };
    assert_eq!(told_of(pinned("x")), (false, vec![DiagnosticCode::CertificateMissing]));
    assert_eq!(
        told_of(pinned("x").missing(ViewPart::CertificatesAcm)),
        (true, vec![DiagnosticCode::ViewIncomplete])
    );
    let pending =
        pinned("a").with(|it| it.inventory.certificates[0].status = CertificateStatus::PendingValidation);
    assert_eq!(told_of(pending), (false, vec![DiagnosticCode::CertificateUnusable]));
    let later = pinned("a").with(|it| it.inventory.certificates[0].not_before = Some(NOW + DAY));
    assert_eq!(told(later).codes[0], DiagnosticCode::CertificateUnusable);
}

#[test]
fn of_several_certificates_in_the_annotation_none_is_taken() {
    for between in [",", ", ", " ", "\n"] {
        let both = [certificate_arn("a"), certificate_arn("wild")].join(between);
        let named = world().ingress("x", &["a.org"]).annotated(ANNOTATION_CERTIFICATE, &both);
        let decision = named.missing(ViewPart::CertificatesAcm).read().members().remove(0).certificates;
        assert!(decision.is_unknown() && !decision.waits, "a person has to choose");
        let said = &decision.diagnostics[0];
        assert_eq!(said.code, DiagnosticCode::AnnotationInvalid);
        assert!(said.message.ends_with("these are 2 values, and only one certificate can be named"));
        let remedy =
            "name one ARN, or remove the annotation: then each host gets a certificate that covers it";
        assert_eq!(said.remedy.as_deref(), Some(remedy));
    }
}

#[test]
fn while_the_policy_is_not_asked_nothing_is_known() {
    let frozen = world().ingress("x", &["a.org"]).with(|it| it.frozen.push(PolicyPoint::Certificates));
    let found = told(frozen);
    assert_eq!((found.hosts, found.waits, found.codes), (None, true, vec![DiagnosticCode::PolicyFrozen]));
    let named = pinned("a").with(|it| it.frozen.push(PolicyPoint::Certificates));
    assert!(told(named).hosts.is_some(), "no policy is asked for what somebody names");
}
