//! Annotations: their names, values and defaults.

use albatross_contract::{
    ANNOTATION_CERTIFICATE, ANNOTATION_SCHEME, ANNOTATION_SHARED, Diagnostic, DiagnosticCode, Scheme,
    Severity, Tag,
};

use super::{Name, Wish};
use crate::{identity::tag_value, words};

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
