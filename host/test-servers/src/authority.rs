//! Keys and certificates of servers.

use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

use crate::{TestServerError, folder::write};

/// The server's certificate, in its folder.
pub(crate) const SERVER_CERTIFICATE: &str = "server.crt";
/// Its key.
pub(crate) const SERVER_KEY: &str = "server.key";
/// The key that signs tokens of service accounts.
pub(crate) const TOKEN_KEY: &str = "service-accounts.key";
/// The public half of that key, which verifies them.
pub(crate) const TOKEN_PUBLIC_KEY: &str = "service-accounts.pub";

/// A certificate authority that signs a single certificate.
///
/// kube-apiserver could create an authority itself, but with RSA keys, which takes longer, and it writes the certificate of
/// the authority only into the file of its own certificate.
#[derive(Debug)]
pub(crate) struct Authority {
    certificate: String,
    path: PathBuf,
}

impl Authority {
    /// Creates an authority, and writes the certificates and keys of a server into this folder.
    pub(crate) fn new(folder: &Path) -> Result<Authority, TestServerError> {
        let key = KeyPair::generate()?;
        let mut parameters = CertificateParams::new(Vec::new())?;
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters.distinguished_name.push(DnType::CommonName, "test servers");
        let certificate = parameters.self_signed(&key)?.pem();
        let issuer = Issuer::new(parameters, key);

        let server_key = KeyPair::generate()?;
        let names = vec!["127.0.0.1".to_owned(), "localhost".to_owned()];
        let server = CertificateParams::new(names)?.signed_by(&server_key, &issuer)?;

        let path = folder.join("authority.crt");
        write(&path, &certificate)?;
        write(&folder.join(SERVER_CERTIFICATE), &server.pem())?;
        write(&folder.join(SERVER_KEY), &server_key.serialize_pem())?;
        Ok(Authority { certificate, path })
    }

    /// Its certificate, as PEM.
    pub(crate) fn certificate(&self) -> &str {
        &self.certificate
    }

    /// The file with its certificate.
    pub(crate) fn certificate_path(&self) -> &Path {
        &self.path
    }
}

/// Writes keys for the tokens of service accounts into this folder.
pub(crate) fn write_token_keys(folder: &Path) -> Result<(), TestServerError> {
    let key = KeyPair::generate()?;
    write(&folder.join(TOKEN_KEY), &key.serialize_pem())?;
    write(&folder.join(TOKEN_PUBLIC_KEY), &key.public_key_pem())
}
