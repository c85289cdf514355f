use albatross_contract::{ANNOTATION_CERTIFICATE, CertificateStatus};

use super::{AskedFor, RENEWAL};
use crate::testing::{DAY, NOW, World, certificate_arn};

#[test]
fn certificates_are_asked_for_by_a_host_or_by_name() {
    let scene = World::new()
        .certificate("a", &["a.org"])
        .certificate("b", &["*.org"])
        .certificate("c", &["c.net"])
        .certificate("d", &["d.net"])
        .ingress("x", &["a.org"])
        .annotated(ANNOTATION_CERTIFICATE, &certificate_arn("c"))
        .read();
    let asked_for = AskedFor::by(scene.claims, scene.observed);
    assert_eq!(["a", "b", "c", "d"].map(|name| asked_for.has(scene.id(name))), [true, true, true, false]);
    let nobody = AskedFor::by([], scene.observed);
    assert!(!nobody.has(scene.id("a")));
}

#[test]
fn the_next_change_is_when_the_usability_of_a_certificate_changes() {
    let next = |start: u64, end: u64| {
        let world = World::new().certificate("a", &["a.org"]).certificate("other", &["other.org"]);
        let scene = world.ingress("x", &["a.org"]).with(|snapshot| {
            let found = &mut snapshot.inventory.certificates;
            (found[0].not_before, found[0].not_after) = (Some(start), Some(end));
            found[1].not_after = Some(NOW + 1);
        });
        let scene = scene.read();
        AskedFor::by(scene.claims, scene.observed).next_change(scene.observed)
    };
    assert_eq!(next(NOW + 5, NOW + 30 * DAY), Some(NOW + 5));
    assert_eq!(next(NOW, NOW + 30 * DAY), Some(NOW + 30 * DAY - RENEWAL + 1));
    assert_eq!(next(NOW, NOW + DAY), Some(NOW + DAY + 1));
    assert_eq!(next(1, NOW - 1), None);
}

#[test]
fn a_certificate_that_is_not_issued_has_no_next_change() {
    let scene = World::new().certificate("a", &["a.org"]).ingress("x", &["a.org"]).with(|snapshot| {
        snapshot.inventory.certificates[0].status = CertificateStatus::Revoked;
    });
    let scene = scene.read();
    assert_eq!(AskedFor::by(scene.claims, scene.observed).next_change(scene.observed), None);
}
