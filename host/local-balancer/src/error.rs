//! Why requests cannot be answered.

use std::{io, net::SocketAddr};

/// Why a listener cannot be opened, or its certificates cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A port that a person asked for cannot be used.
    #[error("{address} cannot be listened on: {source}")]
    Port {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// There are more listeners than ports after the first one.
    #[error("no port is left after {0}: begin with a smaller port")]
    NoPort(u16),
    /// A certificate cannot be made, since it would have a name that is no DNS name for example.
    #[error("a certificate for {} cannot be made: {source}", names.join(", "))]
    Certificate {
        /// The names.
        names: Vec<String>,
        /// Why.
        source: rcgen::Error,
    },
    /// The key of a certificate cannot be used.
    #[error("the local certificates cannot be used for TLS: {0}")]
    Tls(#[from] rustls::Error),
}
