//! The certificate that an object names.

use albatross_contract::{ANNOTATION_CERTIFICATE, Tag};

use crate::identity::tag_value;

/// The annotations that this module reads.
pub const KNOWN: &[&str] = &[ANNOTATION_CERTIFICATE];

/// The ARN of the certificate that annotations name. An empty value names no certificate.
pub fn certificate(annotations: &[Tag]) -> Option<&str> {
    tag_value(annotations, ANNOTATION_CERTIFICATE).map(str::trim).filter(|arn| !arn.is_empty())
}

#[cfg(test)]
mod tests;
