//! Certificates that the tests generate, and the public roots.

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls_pki_types::{CertificateDer, pem::PemObject};
use webpki::anchor_from_trusted_cert;

use super::*;

const NOW: Timestamp = 1_795_253_400; // 2026-11-21

/// A certificate authority: the PEM of its certificate, and its issuer key.
fn authority(name: &str, above: Option<&Issuer<'_, KeyPair>>) -> (String, Issuer<'static, KeyPair>) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let certificate = match above {
        Some(above) => params.signed_by(&key, above).unwrap(),
        None => params.self_signed(&key).unwrap(),
    };
    (certificate.pem(), Issuer::new(params, key))
}

fn leaf(names: &[&str], issuer: &Issuer<'_, KeyPair>) -> String {
    let mut params =
        CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).unwrap();
    params.distinguished_name.push(DnType::CommonName, names[0]);
    params.not_before = date_time_ymd(2026, 1, 1);
    params.not_after = date_time_ymd(2027, 1, 1);
    params.signed_by(&KeyPair::generate().unwrap(), issuer).unwrap().pem()
}

#[test]
fn names_validity_and_key_of_a_certificate_are_read() {
    let (_, root) = authority("root", None);
    let reading = read(&leaf(&["Shop.example.org", "*.shop.example.org"], &root)).unwrap();
    assert_eq!(reading.names, ["shop.example.org", "*.shop.example.org"]);
    assert_eq!((reading.not_before, reading.not_after), (1_767_225_600, 1_798_761_600));
    assert_eq!(reading.key_algorithm, "EC_prime256v1");
}

#[test]
fn a_common_name_that_is_not_a_dns_name_covers_nothing() {
    let (pem, _) = authority("Example Root CA", None);
    assert_eq!(read(&pem).unwrap().names, [""; 0]);
}

#[test]
fn a_chain_is_trusted_when_it_reaches_a_root_and_not_when_a_link_is_missing() {
    let (root_pem, root) = authority("root", None);
    let (link_pem, link) = authority("link", Some(&root));
    let leaf = leaf(&["shop.example.org"], &link);
    let root_der = CertificateDer::from_pem_slice(root_pem.as_bytes()).unwrap();
    let anchors = [anchor_from_trusted_cert(&root_der).unwrap()];
    assert_eq!(is_trusted(&leaf, &link_pem, &anchors, NOW), Some(true));
    assert_eq!(is_trusted(&leaf, "", &anchors, NOW), Some(false));
    assert_eq!(
        is_trusted(&leaf, &link_pem, &anchors, NOW + 10 * 365 * 86_400),
        Some(true),
        "validity is not checked here"
    );
}

#[test]
fn a_chain_of_a_private_authority_is_not_publicly_trusted() {
    let (root_pem, root) = authority("root", None);
    assert_eq!(is_publicly_trusted(&leaf(&["shop.example.org"], &root), &root_pem, NOW), Some(false));
}

#[test]
fn whether_an_unreadable_certificate_is_trusted_is_unknown() {
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    assert_eq!(is_publicly_trusted(broken, "", NOW), None);
    assert_eq!(is_publicly_trusted("no certificate", "", NOW), None);
}

#[test]
fn key_algorithms_of_all_public_roots_have_the_names_that_acm_uses() {
    let known = ["RSA_2048", "RSA_4096", "EC_prime256v1", "EC_secp384r1", "EC_secp521r1"];
    for der in webpki_root_certs::TLS_SERVER_ROOT_CERTS {
        let name = key_algorithm(&Certificate::from_der(der).unwrap());
        assert!(known.contains(&name.as_str()), "{name}");
    }
}
