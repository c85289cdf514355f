//! The HTTP client with which this crate talks to the servers.

use std::{iter, sync::Arc, time::Duration};

use rustls::crypto::ring;
use ureq::{
    Agent,
    tls::{Certificate, RootCerts, TlsConfig},
};

use crate::TestServerError;

/// A client that trusts this authority, whose certificate is given as PEM, and waits so long for answers.
pub(crate) fn agent(authority: Option<&str>, patience: Duration) -> Result<Agent, TestServerError> {
    let mut tls = TlsConfig::builder().unversioned_rustls_crypto_provider(Arc::new(ring::default_provider()));
    if let Some(authority) = authority {
        let certificate = Certificate::from_pem(authority.as_bytes()).map_err(|source| {
            TestServerError::Request { request: "a connection".to_owned(), source: Box::new(source) }
        })?;
        tls = tls.root_certs(RootCerts::from(iter::once(certificate)));
    }
    let agent = Agent::config_builder()
        .tls_config(tls.build())
        .timeout_global(Some(patience))
        // A proxy from the environment must not be used for this machine.
        .proxy(None)
        .build();
    Ok(agent.new_agent())
}
