//! What became of a resource that a list lacks.

use albatross_contract::ViewPart;

use super::gaps::Gaps;
use crate::error::{AwsError, ErrorClass};

/// What AWS says when it is asked for this resource alone.
pub(crate) enum Fate<T> {
    /// It exists.
    Exists(T),
    /// It does not.
    Gone,
    /// Nobody can tell: no answer, or one that this version cannot read.
    Unknown,
}

impl<T> Fate<T> {
    /// Reads the answer. Whatever does not prove that the resource is gone is a gap in its part of the view.
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
                    gaps.doubt(part, format!("the list of AWS lacks {what}, which exists"));
                    Fate::Exists(found)
                }
                Some(None) => {
                    let reason = format!("{what} exists, but this version cannot read what AWS says of it");
                    gaps.doubt(part, format!("{reason}; update Albatross, or undo what was changed there"));
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
