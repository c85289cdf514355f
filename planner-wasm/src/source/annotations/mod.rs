//! Annotations: their names, values and defaults, one file for each family.

mod certificate;
mod load_balancer;
#[cfg(test)]
mod tests;

use albatross_contract::{ANNOTATION_PREFIX, Diagnostic, DiagnosticCode, Tag};

use super::ObjectName;
use crate::diagnostics::{Details, Subject, warning};

pub use certificate::certificate;
pub use load_balancer::{scheme, shared};

/// All annotations with our prefix that are read. kube-ingress-aws-controller has more.
const KNOWN: [&[&str]; 2] = [certificate::KNOWN, load_balancer::KNOWN];

/// What to tell the person who wrote annotations that begin like ours and are none of them.
pub fn unknown(annotations: &[Tag], object: ObjectName<'_>) -> Option<Diagnostic> {
    let is_known = |key: &str| KNOWN.iter().any(|family| family.contains(&key));
    let keys = annotations.iter().map(|annotation| annotation.key.as_str());
    let mut keys: Vec<&str> =
        keys.filter(|key| key.starts_with(ANNOTATION_PREFIX) && !is_known(key)).collect();
    keys.sort_unstable();
    let (message, them) = match keys.as_slice() {
        [] => return None,
        [key] => (format!("annotation {key} is not known to this version, so it does nothing"), "it"),
        keys => {
            let keys = keys.join(", ");
            (format!("annotations {keys} are not known to this version, so they do nothing"), "them")
        }
    };
    let diagnostic = warning(DiagnosticCode::AnnotationUnknown, Subject::Object(object), message);
    Some(diagnostic.field("metadata.annotations").remedy(format!("correct the spelling, or remove {them}")))
}

/// An annotation whose value cannot be understood.
pub struct Unreadable<'a> {
    annotation: &'static str,
    value: &'a str,
    expected: &'static str,
}

impl Unreadable<'_> {
    /// What to tell the person who wrote it.
    pub fn diagnostic(&self, object: ObjectName<'_>) -> Diagnostic {
        let Unreadable { annotation, value, expected } = self;
        let message = format!("annotation {annotation} is \"{value}\", expected {expected}");
        warning(DiagnosticCode::AnnotationInvalid, Subject::Object(object), message)
            .field(format!("metadata.annotations[{annotation}]"))
            .remedy(format!("set it to {expected}, or remove it"))
    }
}
