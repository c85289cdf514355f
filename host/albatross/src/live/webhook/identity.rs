//! The certificate of the webhook, which changes while it serves.

use std::sync::{Arc, Mutex, PoisonError};

use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use tokio_rustls::TlsAcceptor;

/// The certificate that clients get at the moment. Without one, every handshake fails.
#[derive(Debug, Default)]
pub struct Identity(Mutex<Option<Arc<CertifiedKey>>>);

impl Identity {
    /// Takes a certificate with its chain, and its key, as PEM.
    ///
    /// # Errors
    /// In words, why they cannot be used. The certificate before stays.
    pub fn set(&self, certificate: &[u8], key: &[u8]) -> Result<(), String> {
        let chain = CertificateDer::pem_slice_iter(certificate)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| format!("the certificate cannot be read: {error}"))?;
        if chain.is_empty() {
            return Err("there is no certificate in PEM form".to_owned());
        }
        let key =
            PrivateKeyDer::from_pem_slice(key).map_err(|error| format!("the key cannot be read: {error}"))?;
        let pair = CertifiedKey::from_der(chain, key, &ring::default_provider())
            .map_err(|error| format!("the certificate and the key cannot be used together: {error}"))?;
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(pair));
        Ok(())
    }

    /// Opens connections with it.
    ///
    /// # Errors
    /// None in practice: the versions of TLS are those of the provider.
    pub fn acceptor(self: Arc<Self>) -> Result<TlsAcceptor, rustls::Error> {
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(self);
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

impl ResolvesServerCert for Identity {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::{super::authority::make, *};

    #[test]
    fn a_pair_that_cannot_be_used_is_refused_with_a_reason_and_the_one_before_stays() {
        let [one, other] = [1, 2].map(|_| make("albatross-webhook.kube-system.svc", 0, &[]).unwrap());
        let identity = Identity::default();
        let set = |certificate: &[u8], key: &[u8]| identity.set(certificate, key).unwrap_err();
        assert!(set(b"", &one.key).contains("there is no certificate"));
        assert!(set(&one.certificate, b"").contains("the key cannot be read"));
        assert!(set(&one.certificate, &other.key).contains("cannot be used together"));
        assert!(identity.0.lock().unwrap().is_none());
        identity.set(&one.certificate, &one.key).unwrap();
        assert!(identity.set(&other.certificate, b"-----BEGIN").is_err());
        let chain = CertificateDer::pem_slice_iter(&one.certificate).collect::<Result<Vec<_>, _>>().unwrap();
        assert_eq!(identity.0.lock().unwrap().as_ref().unwrap().cert, chain);
    }
}
