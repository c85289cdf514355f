//! What the policy promises to an operator.

#![allow(clippy::unwrap_used)]

use albatross_policy::{
    certificates::answer,
    contract::{Certificate, CertificateChoice, CertificateInput},
};
use albatross_policy_strict_certificates::StrictCertificates;

/// Certificates with a name, a key algorithm and an end.
fn question(host: &str, certificates: &[(&str, &str, u64)], by_default: Option<u32>) -> CertificateInput {
    let certificate = |(number, (name, key, end)): (usize, &(&str, &str, u64))| Certificate {
        arn: format!("arn:{number}"),
        names: vec![(*name).to_owned()],
        key_algorithm: (*key).to_owned(),
        not_after: Some(*end),
        ..Certificate::default()
    };
    CertificateInput {
        settings: r#"{"no-wildcards": ["pay.example.org"]}"#.to_owned(),
        hosts: vec![host.to_owned()],
        certificates: certificates.iter().enumerate().map(certificate).collect(),
        by_default: by_default
            .map(|certificate| CertificateChoice { host: 0, certificate, reason: String::new() })
            .into_iter()
            .collect(),
        ..CertificateInput::default()
    }
}

fn chosen(input: CertificateInput) -> Option<u32> {
    answer::<StrictCertificates>(input).unwrap().choices.first().map(|choice| choice.certificate)
}

const RSA: &str = "RSA_2048";
const EC: &str = "EC_prime256v1";

#[test]
fn an_elliptic_curve_key_wins_over_an_exact_name() {
    let input =
        question("shop.example.org", &[("shop.example.org", RSA, 9), ("*.example.org", EC, 1)], Some(0));
    assert_eq!(chosen(input), Some(1));
}

#[test]
fn a_listed_host_gets_no_wildcard_even_if_it_gets_nothing() {
    let both = [("*.example.org", EC, 9), ("pay.example.org", RSA, 1)];
    assert_eq!(chosen(question("pay.example.org", &both, Some(0))), Some(1));
    assert_eq!(chosen(question("pay.example.org", &both[..1], Some(0))), None);
    assert_eq!(chosen(question("PAY.example.org", &both[..1], Some(0))), None, "case does not matter");
}

#[test]
fn of_equal_certificates_the_planner_s_choice_counts() {
    let twins = [("*.example.org", RSA, 9), ("*.example.org", RSA, 1)];
    assert_eq!(chosen(question("shop.example.org", &twins, Some(1))), Some(1));
    assert_eq!(
        chosen(question("shop.example.org", &twins, None)),
        Some(0),
        "else the one that lasts longest"
    );
}

#[test]
fn a_certificate_that_does_not_cover_the_host_is_never_chosen() {
    let input = question("a.b.example.org", &[("*.example.org", EC, 9)], None);
    assert_eq!(chosen(input), None);
}

#[test]
fn a_certificate_that_ends_within_a_week_comes_last() {
    const WEEK: u64 = 7 * 86_400;
    let at = |end| {
        let twins = [("shop.example.org", EC, end), ("*.example.org", RSA, 50 * WEEK)];
        let input = CertificateInput { time: 10 * WEEK, ..question("shop.example.org", &twins, Some(1)) };
        answer::<StrictCertificates>(input).unwrap().choices.remove(0)
    };
    assert_eq!(at(11 * WEEK).certificate, 0);
    let ending = at(11 * WEEK - 1);
    assert_eq!(
        (ending.certificate, ending.reason.as_str()),
        (1, "the certificates with elliptic curve keys end within a week")
    );
}

#[test]
fn of_certificates_that_are_alike_the_first_arn_counts_whatever_the_order() {
    let twins = [("*.example.org", EC, 9), ("*.example.org", EC, 9)];
    let mut input = question("shop.example.org", &twins, None);
    assert_eq!(chosen(input.clone()), Some(0));
    input.certificates.reverse();
    assert_eq!(chosen(input), Some(1));
}
