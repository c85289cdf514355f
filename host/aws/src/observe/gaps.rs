//! Gaps: the parts of the view that could not be read.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{IncompletePart, ViewPart};

use super::Seen;
use crate::error::{AwsError, ErrorClass};

/// Parts of the view that could not be read completely, with the reasons.
#[derive(Debug, Default)]
pub(crate) struct Gaps {
    /// The reasons, by part, and by resource if the part is missing for that resource only.
    parts: BTreeMap<(ViewPart, Option<String>), BTreeSet<String>>,
    /// What is read only in one of the next observations, by part and resource.
    postponed: BTreeSet<(ViewPart, String)>,
    /// Set if the credentials do not work: then nothing can be observed.
    credentials: Option<AwsError>,
}

/// The reason for a part that is read only in one of the next observations.
const POSTPONED: &str =
    "it is read in one of the next passes: the rate budget allows only so many calls a second";

impl Gaps {
    /// Records that a part is missing because of an error.
    pub(crate) fn add(&mut self, part: ViewPart, error: AwsError) {
        self.missing(part, [None], error);
    }

    /// Records that a part of these load balancers or target groups, by ARN, is missing because of an error.
    pub(crate) fn add_of(&mut self, part: ViewPart, arns: impl IntoIterator<Item = String>, error: AwsError) {
        self.missing(part, arns.into_iter().map(Some), error);
    }

    fn missing(
        &mut self,
        part: ViewPart,
        resources: impl IntoIterator<Item = Option<String>>,
        error: AwsError,
    ) {
        let reason = error.to_string();
        for resource in resources {
            self.parts.entry((part, resource)).or_default().insert(reason.clone());
        }
        if error.class() == ErrorClass::Credentials {
            self.credentials.get_or_insert(error);
        }
    }

    /// Records that a part of a load balancer or target group, by ARN, is read only in one of the next observations.
    pub(crate) fn postpone(&mut self, part: ViewPart, arn: &str) {
        self.postponed.insert((part, arn.to_owned()));
    }

    /// Records that a part cannot be trusted.
    pub(crate) fn doubt(&mut self, part: ViewPart, reason: String) {
        self.parts.entry((part, None)).or_default().insert(reason);
    }

    /// Takes over the gaps of a part and returns what was read.
    pub(crate) fn merge<T>(&mut self, seen: Seen<T>) -> T {
        self.add_all(seen.gaps);
        seen.value
    }

    /// Takes over other gaps.
    pub(crate) fn add_all(&mut self, others: Gaps) {
        for (part, reasons) in others.parts {
            self.parts.entry(part).or_default().extend(reasons);
        }
        self.postponed.extend(others.postponed);
        if self.credentials.is_none() {
            self.credentials = others.credentials;
        }
    }

    /// Whether a part is missing as a whole.
    pub(crate) fn has(&self, part: ViewPart) -> bool {
        self.parts.contains_key(&(part, None))
    }

    /// Whether a part of this load balancer or target group is missing because of an error.
    pub(crate) fn has_of(&self, part: ViewPart, arn: &str) -> bool {
        self.parts.contains_key(&(part, Some(arn.to_owned())))
    }

    /// Whether nothing has failed.
    pub(crate) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// The gaps in the form of the contract, each with a single reason. Which calls fail, and in which order, differs from
    /// pass to pass, but the reason is always chosen in the same way: Events carry it, and each different text is another
    /// Event.
    ///
    /// # Errors
    /// The credentials do not work.
    pub(crate) fn into_incomplete(self) -> Result<Vec<IncompletePart>, AwsError> {
        if let Some(error) = self.credentials {
            return Err(error);
        }
        let told = |((part, resource), reasons): ((ViewPart, Option<String>), BTreeSet<String>)| {
            let reason = reasons.into_iter().next().unwrap_or_default();
            IncompletePart { part, resource, reason, expected: None }
        };
        let is_told = |(part, resource): &(ViewPart, String)| {
            self.parts.contains_key(&(*part, None))
                || self.parts.contains_key(&(*part, Some(resource.clone())))
        };
        let postponed =
            self.postponed.iter().filter(|it| !is_told(it)).map(|(part, resource)| IncompletePart {
                part: *part,
                resource: Some(resource.clone()),
                reason: POSTPONED.to_owned(),
                // Nothing is wrong.
                expected: Some(true),
            });
        let postponed: Vec<IncompletePart> = postponed.collect();
        Ok(self.parts.into_iter().map(told).chain(postponed).collect())
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
    fn a_gap_of_one_resource_is_reported_for_that_resource_only() {
        let error = || AwsError::NoRegion;
        let mut gaps = Gaps::default();
        gaps.add_of(ViewPart::Tags, ["arn:2".to_owned(), "arn:1".to_owned()], error());
        assert!(!gaps.has(ViewPart::Tags) && !gaps.is_empty());
        let told: Vec<_> =
            gaps.into_incomplete().unwrap().into_iter().map(|it| (it.part, it.resource)).collect();
        assert_eq!(
            told,
            [(ViewPart::Tags, Some("arn:1".to_owned())), (ViewPart::Tags, Some("arn:2".to_owned()))]
        );
    }

    #[test]
    fn what_is_postponed_is_no_fault_and_an_error_counts_more() {
        let mut gaps = Gaps::default();
        gaps.add_of(ViewPart::Rules, ["arn:1".to_owned()], AwsError::NoRegion);
        for arn in ["arn:1", "arn:2"] {
            gaps.postpone(ViewPart::Rules, arn);
        }
        assert!(!gaps.is_empty());
        let told = gaps.into_incomplete().unwrap();
        let told: Vec<_> = told.iter().map(|it| (it.resource.as_deref(), it.is_fault())).collect();
        assert_eq!(told, [(Some("arn:1"), true), (Some("arn:2"), false)]);
    }

    #[test]
    fn the_same_reason_is_reported_whatever_failed_first_and_however_often() {
        for (one, other) in [
            (&["b", "a"][..], &[][..]),
            (&["a", "b", "c", "a"][..], &["b"][..]),
            (&["c"][..], &["b", "a"][..]),
        ] {
            let mut all = gaps(one);
            all.merge(Seen { value: (), gaps: gaps(other) });
            let told = IncompletePart {
                part: ViewPart::Listeners,
                resource: None,
                reason: "a".to_owned(),
                expected: None,
            };
            assert_eq!(all.into_incomplete().unwrap(), [told]);
        }
    }
}
