//! HTTP without certificates, if an object in proxy mode asks for that.

use albatross_contract::{ANNOTATION_CERTIFICATE, ANNOTATION_HTTP_ONLY, Diagnostic, DiagnosticCode};

use super::{proxy_wishes::SSL_POLICY, values::Reader};
use crate::{
    diagnostics::{Details, Subject, warning},
    source::{ObjectName, Wish},
    words,
};

/// The annotations that this module reads.
pub const KNOWN: &[&str] = &[ANNOTATION_HTTP_ONLY];

/// Annotations that name something of HTTPS.
const OF_HTTPS: [&str; 2] = [ANNOTATION_CERTIFICATE, SSL_POLICY];

/// Whether annotations ask for HTTP only. Nobody is served without encryption who does not ask for that: a missing certificate
/// is no reason.
pub fn http_only(reader: &mut Reader<'_>) -> Wish<bool> {
    if reader.text(ANNOTATION_HTTP_ONLY).is_none() {
        return Wish::Default(false);
    }
    let choices = [("true", true), ("false", false)];
    reader.choice(ANNOTATION_HTTP_ONLY, &choices, "true or false").map_or(Wish::Unreadable, Wish::Own)
}

/// The diagnostic for an object that asks for HTTP only and for something of HTTPS.
pub fn contradiction(reader: &Reader<'_>, object: ObjectName<'_>) -> Option<Diagnostic> {
    let is_named = |annotation: &&str| reader.text(annotation).is_some_and(|value| !value.is_empty());
    let named: Vec<&str> = OF_HTTPS.into_iter().filter(is_named).collect();
    let (of_https, annotations, ask) = match named.as_slice() {
        [] => return None,
        [one] => ((*one).to_owned(), "annotation", "asks"),
        several => (words::list(several.iter().copied()), "annotations", "ask"),
    };
    let message = format!(
        "annotation {ANNOTATION_HTTP_ONLY} is \"true\", but {annotations} {of_https} {ask} for HTTPS: it is not known whether \
         the Ingress may be served without encryption"
    );
    let diagnostic = warning(DiagnosticCode::AnnotationInvalid, Subject::Object(object), message)
        .field(format!("metadata.annotations[{ANNOTATION_HTTP_ONLY}]"))
        .remedy(format!("remove {of_https}, or remove {ANNOTATION_HTTP_ONLY}"));
    Some(diagnostic)
}

#[cfg(test)]
mod tests;
