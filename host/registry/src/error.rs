//! Why a component could not be pulled.

use std::{error::Error, io, time::Duration};

use hyper::StatusCode;

use crate::{CredentialFault, Digest, ManifestFault};

/// A component that could not be pulled.
#[derive(Debug, thiserror::Error)]
#[error("{reference}: {fault}")]
pub struct NotPulled {
    /// The reference.
    pub reference: String,
    /// Why.
    pub fault: Fault,
}

/// Why a component could not be pulled.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The system refuses the resources that the asynchronous runtime needs.
    #[error("the asynchronous runtime cannot be started: {0}")]
    Runtime(io::Error),
    /// Nothing can be trusted.
    #[error(
        "this system has no root certificates to check those of servers with: install ca-certificates, or set SSL_CERT_FILE \
         ({0})"
    )]
    Roots(io::Error),
    /// There is no connection.
    #[error("{host} cannot be reached: {}", chain(cause(.source.as_ref())))]
    Unreachable {
        /// The host.
        host: String,
        /// What went wrong.
        source: Box<dyn Error + Send + Sync>,
    },
    /// A server does not answer, or stops in the middle of an answer.
    #[error("{host} sent nothing for {} s", .waited.as_secs_f32())]
    Silent {
        /// The host.
        host: String,
        /// How long.
        waited: Duration,
    },
    /// The whole pull takes too long.
    #[error("it was not pulled within {} s", .0.as_secs_f32())]
    Slow(Duration),
    /// An answer that is neither the object nor a reason of its own.
    #[error("{url} answered {status}{message}")]
    Answer {
        /// What was asked for.
        url: String,
        /// The status.
        status: StatusCode,
        /// What the server says about it, with a colon before it.
        message: String,
    },
    /// The registry does not have the manifest.
    #[error(
        "the registry does not have it{message}; check repository and digest, which must be that of the manifest, and whether \
         these credentials may read it"
    )]
    NoManifest {
        /// What the registry says about it, with a colon before it.
        message: String,
    },
    /// The registry has the manifest, but not its layer.
    #[error("the registry has the manifest, but not its layer {digest}{message}: publish the policy again")]
    NoLayer {
        /// The digest of the layer.
        digest: Digest,
        /// What the registry says about it, with a colon before it.
        message: String,
    },
    /// A web page instead of a manifest.
    #[error(
        "{url} answered with a web page: it is no registry, or a proxy or a login page stands in between"
    )]
    WebPage {
        /// What was asked for.
        url: String,
    },
    /// The registry returned something else.
    #[error(
        "what the registry returned as its {what} has the digest {found}, and not {expected}: it was changed"
    )]
    OtherDigest {
        /// `manifest` or `layer`.
        what: &'static str,
        /// The digest that was asked for.
        expected: Digest,
        /// The digest of what was returned.
        found: Digest,
    },
    /// The connection broke.
    #[error("the connection ended after {got} bytes of the {what}: {}", chain(.source))]
    Broken {
        /// What was being read.
        what: &'static str,
        /// How many bytes there were.
        got: usize,
        /// What went wrong.
        source: hyper::Error,
    },
    /// The layer is shorter than the manifest says.
    #[error("the layer ended after {got} of {size} bytes")]
    Short {
        /// How many bytes there were.
        got: usize,
        /// How many the manifest states.
        size: u64,
    },
    /// More was sent than allowed.
    #[error("the {what} has more than the {most} bytes that it may have")]
    TooLong {
        /// What was being read.
        what: &'static str,
        /// For a layer, the size that the manifest states.
        most: u64,
    },
    /// The registry redirects again and again.
    #[error("{host} redirects more than {most} times")]
    Redirects {
        /// The host of the last redirect.
        host: String,
        /// The limit.
        most: usize,
    },
    /// A redirect, or the address of a token server, that must not be followed.
    #[error("{host} refers to '{address}', which {problem}")]
    Address {
        /// The host.
        host: String,
        /// Where it refers to.
        address: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The registry asks for credentials in a way that is not known.
    #[error("{host} asks for credentials, but neither for a user and a password nor for a token{asked}")]
    Challenge {
        /// The host.
        host: String,
        /// What it asks for instead, with a colon before it.
        asked: String,
    },
    /// Credentials are needed.
    #[error("{host} asks for credentials, and {looked}: run `docker login {host}`")]
    LoginMissing {
        /// The host.
        host: String,
        /// Where there are none.
        looked: String,
    },
    /// Credentials are refused.
    #[error("{host} refuses {credentials}{message}; if they are right, they may not read this repository")]
    LoginRefused {
        /// The host.
        host: String,
        /// Whose credentials, and where they are.
        credentials: String,
        /// What the server says about it, with a colon before it.
        message: String,
    },
    /// The registry wants a user and a password, and there is a token.
    #[error(
        "{host} asks for a user and a password, but {credentials} are a token: run `docker login {host}` again"
    )]
    NoPassword {
        /// The host.
        host: String,
        /// Where the credentials are.
        credentials: String,
    },
    /// The token server gave no token.
    #[error("{url} gave no token: {problem}")]
    NoToken {
        /// The token server.
        url: String,
        /// What it did.
        problem: String,
    },
    /// The manifest leads to no component.
    #[error(transparent)]
    Manifest(#[from] ManifestFault),
    /// The credentials cannot be read.
    #[error(transparent)]
    Credentials(#[from] CredentialFault),
}

/// The cause of an error of the HTTP client, which itself says only what the client was doing.
fn cause<'a>(error: &'a (dyn Error + 'static)) -> &'a (dyn Error + 'static) {
    error.source().unwrap_or(error)
}

/// An error with its causes.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        if !text.contains(&next) {
            text = format!("{text}: {next}");
        }
        cause = error.source();
    }
    text
}
