//! What can go wrong with a server of a test.

use std::{io, path::PathBuf};

/// Why there is no server.
#[derive(Debug, thiserror::Error)]
pub enum TestServerError {
    /// A program that a script brings is not there.
    #[error("{part} is missing: {path} does not exist; run {script} (`make test` does)")]
    MissingPart {
        /// What it is.
        part: &'static str,
        /// Where it was looked for.
        path: PathBuf,
        /// The script that brings it.
        script: &'static str,
    },
    /// The test runs from an unusual place.
    #[error(
        "{program} is in no folder with test-servers/ in it or above it, where scripts/test-servers/ puts the parts; \
         run these scripts with the same CARGO_TARGET_DIR as the tests (`make test` does)"
    )]
    NoParts {
        /// The test's program.
        program: PathBuf,
    },
    /// A call of the operating system failed.
    #[error("{what}: {source}")]
    Io {
        /// What was tried.
        what: String,
        /// Why it failed.
        source: io::Error,
    },
    /// A program ended, or did not become ready in time.
    #[error("{server} is not ready {after}: {detail}")]
    NotReady {
        /// The server.
        server: &'static str,
        /// When that was found.
        after: String,
        /// What it said last.
        detail: String,
    },
    /// A key or certificate could not be made.
    #[error("cannot make a certificate for the API server: {0}")]
    Certificate(#[from] rcgen::Error),
    /// The API server refused a request of this crate.
    #[error("the API server did not answer {request}: {source}")]
    Request {
        /// The request.
        request: String,
        /// Why.
        source: Box<ureq::Error>,
    },
    /// The API server answered with something else than what was asked for.
    #[error("the API server's answer to {request} has no {missing}")]
    Answer {
        /// The request.
        request: String,
        /// What should be in the answer.
        missing: &'static str,
    },
}

impl TestServerError {
    /// For `map_err`: names what was tried.
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> TestServerError {
        let what = what.into();
        move |source| TestServerError::Io { what, source }
    }
}
