//! The content of a certificate, and whether the certificate is publicly trusted.

use std::{collections::BTreeSet, time::Duration};

use albatross_contract::Timestamp;
use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime, pem::PemObject};
use webpki::{EndEntityCert, Error, KeyUsage, ring};
use x509_cert::{
    Certificate,
    der::{Decode, Reader, SliceReader, asn1::UintRef, oid::ObjectIdentifier},
    ext::pkix::{SubjectAltName, name::GeneralName},
};

/// The content of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    /// Common name and DNS names, in lower case and without duplicates.
    pub(crate) names: Vec<String>,
    pub(crate) not_before: Timestamp,
    pub(crate) not_after: Timestamp,
    /// As ACM spells it, such as `RSA_2048`.
    pub(crate) key_algorithm: String,
}

/// Reads a certificate in PEM; `None` if it cannot be read.
pub(crate) fn read(pem: &str) -> Option<Reading> {
    let der = CertificateDer::from_pem_slice(pem.as_bytes()).ok()?;
    let certificate = Certificate::from_der(&der).ok()?;
    let content = &certificate.tbs_certificate;
    let mut names: Vec<String> = common_name(&certificate).into_iter().collect();
    if let Ok(Some((_, SubjectAltName(alternatives)))) = content.get::<SubjectAltName>() {
        names.extend(alternatives.iter().filter_map(|name| match name {
            GeneralName::DnsName(name) => Some(name.as_str().to_lowercase()),
            _ => None,
        }));
    }
    let mut seen = BTreeSet::new();
    names.retain(|name| seen.insert(name.clone()));
    Some(Reading {
        names,
        not_before: content.validity.not_before.to_unix_duration().as_secs(),
        not_after: content.validity.not_after.to_unix_duration().as_secs(),
        key_algorithm: key_algorithm(&certificate),
    })
}

const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const CURVES: [(ObjectIdentifier, &str); 3] = [
    (ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7"), "EC_prime256v1"),
    (ObjectIdentifier::new_unwrap("1.3.132.0.34"), "EC_secp384r1"),
    (ObjectIdentifier::new_unwrap("1.3.132.0.35"), "EC_secp521r1"),
];

/// The common name, if it has the form of a DNS name.
fn common_name(certificate: &Certificate) -> Option<String> {
    let mut attributes = certificate.tbs_certificate.subject.0.iter().flat_map(|name| name.0.iter());
    let value = &attributes.find(|attribute| attribute.oid == COMMON_NAME)?.value;
    let text = std::str::from_utf8(value.value()).ok()?.to_lowercase();
    is_dns_name(&text).then_some(text)
}

/// Whether a common name is a DNS name, rather than for example the name of a company.
pub(crate) fn is_dns_name(text: &str) -> bool {
    text.contains('.') && text.chars().all(|it| it.is_ascii_alphanumeric() || "-.*_".contains(it))
}

fn key_algorithm(certificate: &Certificate) -> String {
    let key = &certificate.tbs_certificate.subject_public_key_info;
    if key.algorithm.oid == RSA {
        let bits = key.subject_public_key.as_bytes().and_then(modulus_bits);
        return bits.map_or_else(|| "RSA".to_owned(), |bits| format!("RSA_{bits}"));
    }
    let curve = key.algorithm.parameters.as_ref().and_then(|it| it.decode_as::<ObjectIdentifier>().ok());
    let known = CURVES.iter().find(|(oid, _)| Some(*oid) == curve);
    known.map_or_else(|| key.algorithm.oid.to_string(), |(_, name)| (*name).to_owned())
}

/// The length of an RSA key: RSAPublicKey is a modulus and an exponent (RFC 8017, A.1.1).
fn modulus_bits(key: &[u8]) -> Option<u32> {
    let mut reader = SliceReader::new(key).ok()?;
    let length = reader.sequence(|inside| {
        let modulus = UintRef::decode(inside)?;
        UintRef::decode(inside)?;
        Ok(u32::from(modulus.len()))
    });
    length.ok().map(|bytes| bytes * 8)
}

/// Whether the chain of a certificate reaches a public root of Mozilla's programme. `None`: the certificate or its chain
/// cannot be read.
pub(crate) fn is_publicly_trusted(certificate: &str, chain: &str, now: Timestamp) -> Option<bool> {
    is_trusted(certificate, chain, webpki_roots::TLS_SERVER_ROOTS, now)
}

fn is_trusted(certificate: &str, chain: &str, roots: &[TrustAnchor<'_>], now: Timestamp) -> Option<bool> {
    let validity = read(certificate)?;
    let leaf = CertificateDer::from_pem_slice(certificate.as_bytes()).ok()?;
    let intermediates: Vec<CertificateDer<'_>> =
        CertificateDer::pem_slice_iter(chain.as_bytes()).collect::<Result<_, _>>().ok()?;
    // The planner checks the validity against the time of the plan; here only the chain counts.
    let time = now.clamp(validity.not_before, validity.not_after.max(validity.not_before));
    let end_entity = EndEntityCert::try_from(&leaf).ok()?;
    let verdict = end_entity.verify_for_usage(
        ALGORITHMS,
        roots,
        &intermediates,
        UnixTime::since_unix_epoch(Duration::from_secs(time)),
        KeyUsage::server_auth(),
        None,
        None,
    );
    match verdict {
        Ok(_) => Some(true),
        Err(Error::BadDer | Error::BadDerTime | Error::UnsupportedCertVersion) => None,
        Err(_) => Some(false),
    }
}

/// Signature algorithms that browsers accept.
static ALGORITHMS: &[&dyn rustls_pki_types::SignatureVerificationAlgorithm] = &[
    ring::ECDSA_P256_SHA256,
    ring::ECDSA_P256_SHA384,
    ring::ECDSA_P384_SHA256,
    ring::ECDSA_P384_SHA384,
    ring::ED25519,
    ring::RSA_PKCS1_2048_8192_SHA256,
    ring::RSA_PKCS1_2048_8192_SHA384,
    ring::RSA_PKCS1_2048_8192_SHA512,
    ring::RSA_PSS_2048_8192_SHA256_LEGACY_KEY,
    ring::RSA_PSS_2048_8192_SHA384_LEGACY_KEY,
    ring::RSA_PSS_2048_8192_SHA512_LEGACY_KEY,
];

#[cfg(test)]
mod tests;
