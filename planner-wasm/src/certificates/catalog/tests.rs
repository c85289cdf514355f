use std::cmp::Ordering;

use albatross_contract::{Certificate, CertificateKind, CertificateStatus};

use super::{Catalog, Covering, RENEWAL, Usability};
use crate::testing::{NOW, Scene, World, certificate, certificate_arn, leak, settings};

fn catalog(certificates: Vec<Certificate>) -> Catalog<'static> {
    Catalog::new(leak(certificates), std::iter::empty(), leak(settings()), NOW)
}

/// How usable a certificate is, and whether it may be chosen.
fn told(change: impl FnOnce(&mut Certificate)) -> (Usability, bool) {
    let mut changed = certificate("a", &["a.org"]);
    change(&mut changed);
    let catalog = catalog(vec![changed]);
    let id = catalog.find_known(&certificate_arn("a")).unwrap();
    (catalog.usability(id), catalog.is_eligible(id))
}

#[test]
fn a_certificate_is_usable_from_its_first_second_to_its_last() {
    for (start, end, expected) in [
        (NOW, NOW + RENEWAL, Usability::Fresh),
        (NOW + 1, NOW + RENEWAL, Usability::Unusable),
        (NOW, NOW + RENEWAL - 1, Usability::Ending),
        (NOW - 2, NOW, Usability::Ending),
        (NOW - 2, NOW - 1, Usability::Unusable),
    ] {
        let (usability, eligible) = told(|it| (it.not_before, it.not_after) = (Some(start), Some(end)));
        assert_eq!(usability, expected, "{start} to {end}");
        assert_eq!(eligible, expected != Usability::Unusable, "{start} to {end}");
    }
    assert_eq!(told(|it| it.not_after = None).0, Usability::Unusable);
    assert_eq!(told(|it| it.status = CertificateStatus::PendingValidation).0, Usability::Unusable);
}

#[test]
fn only_a_certificate_that_clients_trust_is_chosen_unless_a_setting_allows_others() {
    for (kind, publicly_trusted, expected) in [
        (CertificateKind::AmazonIssued, None, true),
        (CertificateKind::Imported, Some(true), true),
        (CertificateKind::Imported, Some(false), false),
        (CertificateKind::Iam, None, false),
        (CertificateKind::Private, None, false),
    ] {
        let eligible = told(|it| (it.kind, it.publicly_trusted) = (kind, publicly_trusted)).1;
        assert_eq!(eligible, expected, "{kind:?} {publicly_trusted:?}");
    }
    let mut private = certificate("a", &["a.org"]);
    private.kind = CertificateKind::Private;
    let mut settings = settings();
    settings.allow_untrusted_certificates = true;
    let private = leak(vec![private]);
    let catalog = Catalog::new(private, std::iter::empty(), &settings, NOW);
    assert!(catalog.is_eligible(catalog.find(&certificate_arn("a")).unwrap()));
}

#[test]
fn certificates_that_only_a_listener_names_are_numbered_and_not_known() {
    let certificates = leak(vec![certificate("a", &["a.org"])]);
    let on_listener = leak(certificate_arn("x"));
    let catalog = Catalog::new(certificates, std::iter::once(on_listener.as_str()), leak(settings()), NOW);
    let unknown = catalog.find(on_listener).unwrap();
    assert_eq!((catalog.len(), catalog.arn(unknown)), (2, on_listener.as_str()));
    assert!(catalog.known(unknown).is_none() && catalog.find_known(on_listener).is_none());
    assert_eq!((catalog.usability(unknown), catalog.is_eligible(unknown)), (Usability::Unusable, false));
    assert_eq!(catalog.rest(unknown), 0);
    assert_eq!(catalog.all_known().count(), 1);
}

#[test]
fn the_better_certificate_is_usable_then_exact_then_newer_then_longer_then_first_by_arn() {
    type Change = fn(&mut Certificate);
    // Each change makes the certificate `a` better than `b`, or (`false`) worse.
    let cases: [(Change, bool, bool); 6] = [
        (|it| it.not_after = Some(NOW + 60), false, false),
        (|it| it.not_before = Some(NOW - 60), true, true),
        (|it| it.not_before = Some(1), true, false),
        (|it| it.not_after = Some(NOW + 100 * 86_400), true, false),
        (|it| it.not_after = Some(NOW + 1_000 * 86_400), true, true),
        (|_| (), true, true),
    ];
    for (number, (change, exact, better)) in cases.into_iter().enumerate() {
        let mut first = certificate("a", &["a.org"]);
        change(&mut first);
        let catalog = catalog(vec![first, certificate("b", &["a.org"])]);
        let covering = |name: &str, exact| {
            let certificate = catalog.find(&certificate_arn(name)).unwrap();
            Covering { certificate, exact }
        };
        let order = catalog.compare(covering("a", exact), covering("b", exact));
        assert_eq!(order, if better { Ordering::Less } else { Ordering::Greater }, "{number}");
        let exact_wins = catalog.compare(covering("b", true), covering("a", false));
        assert_eq!(exact_wins, Ordering::Less, "{number}: the host's own name");
    }
}

fn covering(scene: Scene, host: &str) -> Vec<(&'static str, bool)> {
    let found = scene.observed.coverage.of(scene.host(host));
    found.map(|it| (scene.names([&it.certificate])[0], it.exact)).collect()
}

#[test]
fn a_host_is_covered_by_its_own_name_first_and_by_wildcards() {
    let scene = World::new()
        .certificate("a", &["*.org"])
        .certificate("b", &["x.org", "y.org"])
        .ingress("x", &["x.org", "z.net"])
        .read();
    assert_eq!(covering(scene, "x.org"), [("b", true), ("a", false)]);
    assert_eq!(covering(scene, "z.net"), []);
    let covers = |name, host| scene.observed.coverage.covers(scene.id(name), scene.host(host));
    assert!(covers("a", "x.org") && covers("b", "x.org") && !covers("a", "z.net"));
}
