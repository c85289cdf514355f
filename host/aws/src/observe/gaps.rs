//! What could not be read.

use std::collections::BTreeMap;

use albatross_contract::{IncompletePart, ViewPart};

use super::Seen;
use crate::error::{AwsError, ErrorClass};

/// Parts of the view that could not be read to their end, with the reasons.
#[derive(Debug, Default)]
pub(crate) struct Gaps {
    parts: BTreeMap<ViewPart, Vec<String>>,
    /// Without credentials nothing can be known.
    credentials: Option<AwsError>,
}

impl Gaps {
    /// A part is missing because of an error.
    pub(crate) fn add(&mut self, part: ViewPart, error: AwsError) {
        let reasons = self.parts.entry(part).or_default();
        let reason = error.to_string();
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
        if error.class() == ErrorClass::Credentials {
            self.credentials.get_or_insert(error);
        }
    }

    /// A part cannot be trusted.
    pub(crate) fn doubt(&mut self, part: ViewPart, reason: String) {
        self.parts.entry(part).or_default().push(reason);
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

    /// Whether everything could be read.
    pub(crate) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// As the contract says it.
    ///
    /// # Errors
    /// The lack of credentials.
    pub(crate) fn into_incomplete(self) -> Result<Vec<IncompletePart>, AwsError> {
        if let Some(error) = self.credentials {
            return Err(error);
        }
        let part = |(part, reasons): (ViewPart, Vec<String>)| IncompletePart { part, reason: told(&reasons) };
        Ok(self.parts.into_iter().map(part).collect())
    }
}

/// The first reason, and how many more there are: a hundred load balancers fail in a hundred ways.
fn told(reasons: &[String]) -> String {
    match reasons {
        [] => String::new(),
        [only] => only.clone(),
        [first, more @ ..] => format!("{first} (and {} more)", more.len()),
    }
}
