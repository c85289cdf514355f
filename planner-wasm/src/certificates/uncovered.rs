//! Hosts that no certificate covers, in words.

use albatross_contract::{ANNOTATION_CERTIFICATE, Diagnostic, DiagnosticCode};

use crate::{
    diagnostics::{Details, Subject, warning},
    source::Claim,
};

/// What becomes of the other hosts of a claim one of whose hosts has no certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OtherHosts {
    /// There are none that have one.
    Lacking,
    /// Some have one, but the claim has no place.
    Unplaced,
    /// So many are served.
    Served(usize),
}

/// What to tell a claim one of whose hosts has no certificate.
pub fn uncovered(claim: &Claim<'_>, host: &str, others: OtherHosts) -> Diagnostic {
    let others = match others {
        OtherHosts::Lacking => "that leaves none".to_owned(),
        OtherHosts::Unplaced => "that host is left out".to_owned(),
        OtherHosts::Served(1) => "that host is left out, its other one is served".to_owned(),
        OtherHosts::Served(more) => format!("that host is left out, its other {more} are served"),
    };
    let message = format!("no certificate covers {host}: {others}");
    warning(DiagnosticCode::CertificateNone, Subject::Object(claim.object), message)
        .field("spec.rules")
        .remedy(format!("request one in ACM, or name one in {ANNOTATION_CERTIFICATE}"))
}

#[cfg(test)]
mod tests;
