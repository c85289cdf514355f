use albatross_contract::{Certificate, CertificateKind, CertificateStatus, Settings};

use super::Unfit;
use crate::identity::tag;
use crate::testing::{NOW, certificate};

fn unfit(change: impl FnOnce(&mut Certificate)) -> Option<Unfit> {
    let mut certificate = certificate("a", &["a.example.org"]);
    change(&mut certificate);
    Unfit::of(&certificate, &Settings::default(), NOW)
}

#[test]
fn each_reason_is_distinguished() {
    assert_eq!(unfit(|_| ()), None);
    for (status, expected) in [
        (CertificateStatus::PendingValidation, Unfit::NotValidated),
        (CertificateStatus::Expired, Unfit::Ended),
        (CertificateStatus::Revoked, Unfit::NotIssued),
        (CertificateStatus::ValidationTimedOut, Unfit::NotIssued),
    ] {
        assert_eq!(unfit(|it| it.status = status), Some(expected), "{status:?}");
    }
    assert_eq!(unfit(|it| it.not_before = Some(NOW + 1)), Some(Unfit::NotYetValid));
    assert_eq!(unfit(|it| it.not_after = Some(NOW - 1)), Some(Unfit::Ended));
    assert_eq!(unfit(|it| it.not_after = None), Some(Unfit::NotIssued));
    let imported = |it: &mut Certificate| it.kind = CertificateKind::Imported;
    assert_eq!(unfit(imported), Some(Unfit::Untrusted));
    let mut certificate = certificate("a", &[]);
    imported(&mut certificate);
    let settings = Settings { allow_untrusted_certificates: true, ..Settings::default() };
    assert_eq!(Unfit::of(&certificate, &settings, NOW), None);
}

#[test]
fn only_a_certificate_with_exactly_the_tag_of_the_settings_is_fit() {
    let settings = Settings { certificate_tag: Some(tag("ingress", "a=b")), ..Settings::default() };
    for (tags, expected) in [
        (vec![], Some(Unfit::Untagged)),
        (vec![tag("ingress", "a")], Some(Unfit::Untagged)),
        (vec![tag("Ingress", "a=b")], Some(Unfit::Untagged)),
        (vec![tag("team", "shop"), tag("ingress", "a=b")], None),
    ] {
        let certificate = Certificate { tags, ..certificate("a", &["a.example.org"]) };
        assert_eq!(Unfit::of(&certificate, &settings, NOW), expected, "{:?}", certificate.tags);
    }
}

#[test]
fn keys_that_load_balancers_take_are_fit_and_all_others_are_not() {
    for key in ["RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1", "EC_secp384r1", "EC_secp521r1"] {
        assert_eq!(unfit(|it| it.key_algorithm = key.into()), None, "{key}");
    }
    for key in ["RSA_1024", "RSA_512", "ML_DSA_44", ""] {
        assert_eq!(unfit(|it| it.key_algorithm = key.into()), Some(Unfit::Key), "{key}");
    }
}
