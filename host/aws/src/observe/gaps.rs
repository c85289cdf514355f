//! What could not be read.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{IncompletePart, ViewPart};

use super::Seen;
use crate::error::{AwsError, ErrorClass};

/// Parts of the view that could not be read to their end, with the reasons.
#[derive(Debug, Default)]
pub(crate) struct Gaps {
    parts: BTreeMap<ViewPart, BTreeSet<String>>,
    /// Without credentials nothing can be known.
    credentials: Option<AwsError>,
}

impl Gaps {
    /// A part is missing because of an error.
    pub(crate) fn add(&mut self, part: ViewPart, error: AwsError) {
        self.doubt(part, error.to_string());
        if error.class() == ErrorClass::Credentials {
            self.credentials.get_or_insert(error);
        }
    }

    /// A part cannot be trusted.
    pub(crate) fn doubt(&mut self, part: ViewPart, reason: String) {
        self.parts.entry(part).or_default().insert(reason);
    }

    /// Takes over the gaps of a part and answers what was read of it.
    pub(crate) fn merge<T>(&mut self, seen: Seen<T>) -> T {
        for (part, reasons) in seen.gaps.parts {
            self.parts.entry(part).or_default().extend(reasons);
        }
        if self.credentials.is_none() {
            self.credentials = seen.gaps.credentials;
        }
        seen.value
    }

    /// Whether a part is missing.
    pub(crate) fn has(&self, part: ViewPart) -> bool {
        self.parts.contains_key(&part)
    }

    /// Whether everything could be read.
    pub(crate) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// As the contract says it. Of a hundred reasons one is told, and always the same one: Events carry it, and each
    /// other text is another Event. Which call fails first, and how many do, differs from pass to pass.
    ///
    /// # Errors
    /// The lack of credentials.
    pub(crate) fn into_incomplete(self) -> Result<Vec<IncompletePart>, AwsError> {
        if let Some(error) = self.credentials {
            return Err(error);
        }
        let told = |(part, reasons): (ViewPart, BTreeSet<String>)| {
            let reason = reasons.into_iter().next().unwrap_or_default();
            IncompletePart { part, reason }
        };
        Ok(self.parts.into_iter().map(told).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gaps(reasons: &[&str]) -> Gaps {
        let mut gaps = Gaps::default();
        for reason in reasons {
            gaps.doubt(ViewPart::Listeners, (*reason).to_owned());
        }
        gaps
    }

    #[test]
    fn the_same_reason_is_told_whatever_failed_first_and_however_often() {
        for (one, other) in [
            (&["b", "a"][..], &[][..]),
            (&["a", "b", "c", "a"][..], &["b"][..]),
            (&["c"][..], &["b", "a"][..]),
        ] {
            let mut all = gaps(one);
            all.merge(Seen { value: (), gaps: gaps(other) });
            let told = IncompletePart { part: ViewPart::Listeners, reason: "a".to_owned() };
            assert_eq!(all.into_incomplete().unwrap(), [told]);
        }
    }
}
