//! Annotations: their names, values and defaults.

use albatross_contract::{
    ANNOTATION_CERTIFICATE, ANNOTATION_PREFIX, ANNOTATION_SCHEME, ANNOTATION_SHARED, Diagnostic,
    DiagnosticCode, Scheme, Severity, Tag,
};

use super::{Name, Wish};
use crate::{identity::tag_value, words};

/// All annotations with our prefix that are read. kube-ingress-aws-controller has more.
const KNOWN: [&str; 3] = [ANNOTATION_CERTIFICATE, ANNOTATION_SCHEME, ANNOTATION_SHARED];

/// The scheme that annotations ask for.
pub fn scheme(annotations: &[Tag], default: Scheme) -> Result<Wish<Scheme>, Unreadable> {
    match tag_value(annotations, ANNOTATION_SCHEME).map(str::trim) {
        None => Ok(Wish::Default(default)),
        Some("internal") => Ok(Wish::Own(Scheme::Internal)),
        Some("internet-facing") => Ok(Wish::Own(Scheme::InternetFacing)),
        Some(value) => Err(Unreadable::new(ANNOTATION_SCHEME, value, "internet-facing or internal")),
    }
}

/// Whether annotations ask for a shared load balancer.
pub fn shared(annotations: &[Tag]) -> Result<Wish<bool>, Unreadable> {
    match tag_value(annotations, ANNOTATION_SHARED).map(str::trim) {
        None => Ok(Wish::Default(true)),
        Some("true") => Ok(Wish::Own(true)),
        Some("false") => Ok(Wish::Own(false)),
        Some(value) => Err(Unreadable::new(ANNOTATION_SHARED, value, "true or false")),
    }
}

/// The certificate that annotations name. An empty value names none.
pub fn certificate(annotations: &[Tag]) -> Option<String> {
    tag_value(annotations, ANNOTATION_CERTIFICATE)
        .map(str::trim)
        .filter(|arn| !arn.is_empty())
        .map(str::to_owned)
}

/// What to tell the person who wrote annotations that begin like ours and are none of them.
pub fn unknown(annotations: &[Tag], name: &Name) -> Option<Diagnostic> {
    let keys = annotations.iter().map(|annotation| annotation.key.as_str());
    let mut keys: Vec<&str> =
        keys.filter(|key| key.starts_with(ANNOTATION_PREFIX) && !KNOWN.contains(key)).collect();
    keys.sort_unstable();
    let (message, them) = match keys.as_slice() {
        [] => return None,
        [key] => (format!("annotation {key} is not known to this version, so it does nothing"), "it"),
        keys => {
            let keys = keys.join(", ");
            (format!("annotations {keys} are not known to this version, so they do nothing"), "them")
        }
    };
    Some(Diagnostic {
        code: DiagnosticCode::AnnotationUnknown,
        severity: Severity::Warning,
        subject: words::ingress(name),
        field: Some("metadata.annotations".to_owned()),
        message,
        remedy: Some(format!("correct the spelling, or remove {them}")),
    })
}

/// An annotation whose value cannot be understood.
pub struct Unreadable {
    annotation: &'static str,
    value: String,
    expected: &'static str,
}

impl Unreadable {
    fn new(annotation: &'static str, value: &str, expected: &'static str) -> Self {
        Unreadable { annotation, value: value.to_owned(), expected }
    }

    /// What to tell the person who wrote it.
    pub fn diagnostic(&self, name: &Name) -> Diagnostic {
        let Unreadable { annotation, value, expected } = self;
        Diagnostic {
            code: DiagnosticCode::AnnotationInvalid,
            severity: Severity::Warning,
            subject: words::ingress(name),
            field: Some(format!("metadata.annotations[{annotation}]")),
            message: format!("annotation {annotation} is \"{value}\", expected {expected}"),
            remedy: Some(format!("set it to {expected}, or remove it")),
        }
    }
}
