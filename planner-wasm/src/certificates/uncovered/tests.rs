use albatross_contract::{CertificateKind, CertificateStatus, Diagnostic};

use super::{OtherHosts, uncovered};
use crate::testing::{NOW, World, certificate};

/// The diagnostics for the claim `x` about all its hosts.
fn told(world: World, others: OtherHosts) -> Vec<Diagnostic> {
    let scene = world.read();
    let claim = scene.claim("x");
    uncovered(claim, claim.hosts.iter().copied(), others, scene.observed)
}

#[test]
fn an_ingress_with_an_uncovered_host_is_told_what_happens_to_its_other_hosts() {
    for (others, expected) in [
        (OtherHosts::Lacking, "no certificate covers a.org: no host can be served"),
        (OtherHosts::Unplaced, "no certificate covers a.org: that host is left out"),
        (
            OtherHosts::Served(1),
            "no certificate covers a.org: that host is left out; the other host is served",
        ),
        (
            OtherHosts::Served(3),
            "no certificate covers a.org: that host is left out; the other 3 hosts are served",
        ),
    ] {
        let told = told(World::new().ingress("x", &["a.org"]), others).remove(0);
        assert_eq!((told.message.as_str(), told.subject.as_str()), (expected, "Ingress shop/x"));
    }
}

#[test]
fn sixty_hosts_are_one_line() {
    let hosts: Vec<String> = (0..60).map(|number| format!("h{number:02}.org")).collect();
    let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
    let told = told(World::new().ingress("x", &hosts), OtherHosts::Served(2));
    assert_eq!(told.len(), 1);
    assert_eq!(
        told[0].message,
        "no certificate covers h00.org, h01.org and 58 more: those hosts are left out; the other 2 hosts are served"
    );
}

#[test]
fn a_certificate_that_cannot_be_chosen_is_named_with_its_own_reason_and_remedy() {
    type Spoil = fn(&mut albatross_contract::Certificate);
    let cases: [(Spoil, &str, &str); 5] = [
        (|it| it.status = CertificateStatus::PendingValidation, "is not validated yet", "DNS record"),
        (|it| it.not_after = Some(NOW - 1), "has expired", "renew"),
        (
            |it| it.kind = CertificateKind::Imported,
            "public certificate authority",
            "allow-untrusted-certificates",
        ),
        (|it| it.key_algorithm = "RSA_1024".into(), "RSA_1024", "2048 bits"),
        (|it| it.status = CertificateStatus::Failed, "is not issued", "request another"),
    ];
    for (spoil, reason, remedy) in cases {
        let world = World::new().ingress("x", &["a.org", "b.org"]).with(|it| {
            let mut found = certificate("a", &["a.org"]);
            spoil(&mut found);
            it.inventory.certificates.push(found);
        });
        let told = told(world, OtherHosts::Lacking);
        assert_eq!(told.len(), 2, "a line for each reason");
        assert!(
            told[0].message.starts_with("the certificate for a.org (arn:certificate/a) "),
            "{}",
            told[0].message
        );
        assert!(told[0].message.contains(reason), "{}", told[0].message);
        assert!(told[0].remedy.as_ref().unwrap().contains(remedy), "{:?}", told[0].remedy);
        assert!(told[1].message.starts_with("no certificate covers b.org"));
    }
}

#[test]
fn of_two_unfit_certificates_the_one_that_is_fixed_most_easily_is_told() {
    let world = World::new().ingress("x", &["a.org"]).with(|it| {
        let mut ended = certificate("a", &["a.org"]);
        ended.not_after = Some(NOW - 1);
        let mut pending = certificate("b", &["a.org"]);
        pending.status = CertificateStatus::PendingValidation;
        it.inventory.certificates.extend([ended, pending]);
    });
    let told = told(world, OtherHosts::Lacking);
    assert!(told[0].message.contains("(arn:certificate/b) is not validated yet"), "{}", told[0].message);
}
