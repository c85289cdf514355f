//! Errors of the test servers.

use std::{io, path::PathBuf};

/// Why a test server could not be started or used.
#[derive(Debug, thiserror::Error)]
pub enum TestServerError {
    /// A program that a script installs does not exist.
    #[error(
        "{part} is missing: {path} does not exist; run {script} (the Makefile runs it before the tests that need it)"
    )]
    MissingPart {
        /// The program.
        part: &'static str,
        /// Where it should be.
        path: PathBuf,
        /// The script that installs it.
        script: &'static str,
    },
    /// The target folder of the test has no test servers.
    #[error(
        "no folder above {program} contains test-servers/, where the scripts in scripts/test-servers/ install the \
         programs; run those scripts with the same CARGO_TARGET_DIR as the tests (`make test` does)"
    )]
    NoParts {
        /// The program of the test.
        program: PathBuf,
    },
    /// A call of the operating system failed.
    #[error("{what}: {source}")]
    Io {
        /// The failed attempt.
        what: String,
        /// Why it failed.
        source: io::Error,
    },
    /// A program ended, or did not become ready in time.
    #[error("{server} is not ready {after}: {detail}")]
    NotReady {
        /// The server.
        server: &'static str,
        /// When it was given up.
        after: String,
        /// The end of its output.
        detail: String,
    },
    /// A key or certificate could not be created.
    #[error("cannot create a certificate for the API server: {0}")]
    Certificate(#[from] rcgen::Error),
    /// A server refused a request of this crate.
    #[error("the request {request} to a test server failed: {source}")]
    Request {
        /// The request.
        request: String,
        /// Why.
        source: Box<ureq::Error>,
    },
    /// An answer of a server lacks a field.
    #[error("the answer of a test server to {request} has no {missing}")]
    Answer {
        /// The request.
        request: String,
        /// The missing field.
        missing: &'static str,
    },
}

impl TestServerError {
    /// For `map_err`: adds what was attempted.
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> TestServerError {
        let what = what.into();
        move |source| TestServerError::Io { what, source }
    }
}
