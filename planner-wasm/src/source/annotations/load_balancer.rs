//! What an object asks of its load balancer.

use albatross_contract::{ANNOTATION_SCHEME, ANNOTATION_SHARED, Scheme, Tag};

use super::Unreadable;
use crate::{identity::tag_value, source::Wish};

/// The annotations of this family.
pub const KNOWN: &[&str] = &[ANNOTATION_SCHEME, ANNOTATION_SHARED];

/// The scheme that annotations ask for.
pub fn scheme(annotations: &[Tag], default: Scheme) -> Result<Wish<Scheme>, Unreadable<'_>> {
    match tag_value(annotations, ANNOTATION_SCHEME).map(str::trim) {
        None => Ok(Wish::Default(default)),
        Some("internal") => Ok(Wish::Own(Scheme::Internal)),
        Some("internet-facing") => Ok(Wish::Own(Scheme::InternetFacing)),
        Some(value) => {
            Err(Unreadable { annotation: ANNOTATION_SCHEME, value, expected: "internet-facing or internal" })
        }
    }
}

/// Whether annotations ask for a shared load balancer.
pub fn shared(annotations: &[Tag]) -> Result<Wish<bool>, Unreadable<'_>> {
    match tag_value(annotations, ANNOTATION_SHARED).map(str::trim) {
        None => Ok(Wish::Default(true)),
        Some("true") => Ok(Wish::Own(true)),
        Some("false") => Ok(Wish::Own(false)),
        Some(value) => Err(Unreadable { annotation: ANNOTATION_SHARED, value, expected: "true or false" }),
    }
}

#[cfg(test)]
mod tests;
