//! An authority for one certificate: its key is forgotten as soon as the certificate is signed.

use std::time::Duration;

use albatross_cluster::Pair;
use albatross_contract::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};

/// Clocks of API servers may be late.
const BEFORE: u64 = 24 * 3600;
/// How long a certificate is good for.
const AFTER: u64 = 365 * 24 * 3600;

/// Makes a certificate for a name. `before`: authorities that stay trusted, since other replicas still have their certificate.
///
/// # Errors
/// The system gives no random numbers.
pub fn make(name: &str, now: Timestamp, before: &[u8]) -> Result<Pair, rcgen::Error> {
    let ends_at = now.saturating_add(AFTER);
    let authority_key = KeyPair::generate()?;
    let mut authority = CertificateParams::new(Vec::new())?;
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    authority.distinguished_name.push(DnType::CommonName, "Albatross admission webhook");
    set_validity(&mut authority, now, ends_at);
    let mut authorities = authority.self_signed(&authority_key)?.pem().into_bytes();
    authorities.extend_from_slice(before);

    let key = KeyPair::generate()?;
    let mut parameters = CertificateParams::new(vec![name.to_owned()])?;
    // Not the name of the authority: OpenSSL would take it for self-signed. A common name has at most 64 characters (X.520).
    parameters.distinguished_name.push(DnType::CommonName, "albatross-webhook");
    parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    parameters.use_authority_key_identifier_extension = true;
    set_validity(&mut parameters, now, ends_at);
    let issuer = Issuer::new(authority, authority_key);
    let certificate = parameters.signed_by(&key, &issuer)?;
    Ok(Pair {
        certificate: certificate.pem().into_bytes(),
        key: key.serialize_pem().into_bytes(),
        authorities,
        ends_at,
    })
}

fn set_validity(parameters: &mut CertificateParams, now: Timestamp, ends_at: Timestamp) {
    let since_1970 = |seconds: Timestamp| date_time_ymd(1970, 1, 1) + Duration::from_secs(seconds);
    parameters.not_before = since_1970(now.saturating_sub(BEFORE));
    parameters.not_after = since_1970(ends_at);
}
