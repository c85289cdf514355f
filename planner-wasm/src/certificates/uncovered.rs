//! Hosts that no certificate covers, in words.

use albatross_contract::{ANNOTATION_CERTIFICATE, Diagnostic, DiagnosticCode, Severity};

use crate::{source::Claim, words};

/// What becomes of the other hosts of a claim one of whose hosts has no certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rest {
    /// There are none that have one.
    Lacking,
    /// Some have one, but the claim has no place.
    Unplaced,
    /// So many are served.
    Served(usize),
}

/// What to tell a claim one of whose hosts has no certificate.
pub fn uncovered(claim: &Claim, host: &str, rest: Rest) -> Diagnostic {
    let rest = match rest {
        Rest::Lacking => "that leaves none".to_owned(),
        Rest::Unplaced => "that host is left out".to_owned(),
        Rest::Served(1) => "that host is left out, its other one is served".to_owned(),
        Rest::Served(more) => format!("that host is left out, its other {more} are served"),
    };
    Diagnostic {
        code: DiagnosticCode::CertificateNone,
        severity: Severity::Warning,
        subject: words::ingress(&claim.name),
        field: Some("spec.rules".to_owned()),
        message: format!("no certificate covers {host}: {rest}"),
        remedy: Some(format!("request one in ACM, or name one in {ANNOTATION_CERTIFICATE}")),
    }
}
