//! An authority that lives as long as the program, and certificates with the names of those in the account.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls::{
    crypto::ring::sign::any_supported_type,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    sign::CertifiedKey,
};

use crate::error::Error;

/// Clocks of clients may be late.
const BEFORE: Duration = Duration::from_secs(24 * 3600);
/// Clients accept no longer validity than about a year.
const AFTER: Duration = Duration::from_secs(90 * 24 * 3600);

/// Signs certificates for local use. Its key is in memory only.
pub struct Authority {
    certificate: String,
    issuer: Issuer<'static, KeyPair>,
    made: Mutex<BTreeMap<Vec<String>, Arc<CertifiedKey>>>,
}

impl Authority {
    /// A new one.
    ///
    /// # Errors
    /// The system gives no random numbers.
    pub fn new() -> Result<Authority, Error> {
        let failed = |source| Error::Certificate { names: vec!["the local authority".to_owned()], source };
        let key = KeyPair::generate().map_err(failed)?;
        let mut parameters = CertificateParams::new(Vec::new()).map_err(failed)?;
        parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        parameters.distinguished_name.push(DnType::CommonName, "Albatross local load balancer");
        set_validity(&mut parameters);
        let certificate = parameters.self_signed(&key).map_err(failed)?.pem();
        let issuer = Issuer::new(parameters, key);
        Ok(Authority { certificate, issuer, made: Mutex::default() })
    }

    /// Its certificate, as PEM.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// A certificate with these names, and its key. The same names get the same certificate.
    ///
    /// # Errors
    /// A name that is no DNS name.
    pub(crate) fn certify(&self, names: &[String]) -> Result<Arc<CertifiedKey>, Error> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = made.get(names) {
            return Ok(Arc::clone(known));
        }
        let new = Arc::new(self.sign(names)?);
        made.insert(names.to_vec(), Arc::clone(&new));
        Ok(new)
    }

    fn sign(&self, names: &[String]) -> Result<CertifiedKey, Error> {
        let failed = |source| Error::Certificate { names: names.to_vec(), source };
        let key = KeyPair::generate().map_err(failed)?;
        let mut parameters = CertificateParams::new(names.to_vec()).map_err(failed)?;
        if let Some(name) = names.first() {
            parameters.distinguished_name.push(DnType::CommonName, name.as_str());
        }
        parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        parameters.use_authority_key_identifier_extension = true;
        set_validity(&mut parameters);
        let certificate = parameters.signed_by(&key, &self.issuer).map_err(failed)?;
        let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        Ok(CertifiedKey::new(vec![certificate.der().clone()], any_supported_type(&private)?))
    }
}

fn set_validity(parameters: &mut CertificateParams) {
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let start = date_time_ymd(1970, 1, 1);
    parameters.not_before = start + since_1970.saturating_sub(BEFORE);
    parameters.not_after = start + since_1970 + AFTER;
}
