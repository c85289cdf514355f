//! Whether a resource that is missing from a list still exists.

use albatross_contract::ViewPart;

use super::gaps::Gaps;
use crate::error::{AwsError, ErrorClass};

/// What AWS says about this single resource.
pub(crate) enum Fate<T> {
    /// The resource exists.
    Exists(T),
    /// The resource does not exist.
    Gone,
    /// There is no answer, or this version cannot read the answer.
    Unknown,
}

impl<T> Fate<T> {
    /// Reads the answer. Unless the answer proves that the resource is gone, records a gap in this part of the view.
    pub(crate) fn of<S>(
        what: &str,
        answer: Result<Option<Vec<S>>, AwsError>,
        from_sdk: impl Fn(&S) -> Option<T>,
        part: ViewPart,
        gaps: &mut Gaps,
    ) -> Fate<T> {
        match answer {
            Ok(found) => match found.unwrap_or_default().first().map(from_sdk) {
                Some(Some(found)) => {
                    gaps.doubt(part, format!("AWS does not list {what}, although it exists"));
                    Fate::Exists(found)
                }
                Some(None) => {
                    let reason =
                        format!("{what} exists, but this version cannot read AWS's description of it");
                    gaps.doubt(part, format!("{reason}; update Albatross, or undo the change to {what}"));
                    Fate::Unknown
                }
                None => Fate::Gone,
            },
            Err(error) if error.class() == ErrorClass::NotFound => Fate::Gone,
            Err(error) => {
                gaps.add(part, error);
                Fate::Unknown
            }
        }
    }
}
