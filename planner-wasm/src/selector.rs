//! Label selectors, as kubectl and the Kubernetes API take them in texts.
//!
//! The grammar and the meaning are those of `k8s.io/apimachinery/pkg/labels` (`Parse` and `Requirement.Matches`), so that a plan
//! from manifests selects the same pods as the API server.

mod reading;
#[cfg(test)]
mod tests;

use albatross_contract::Tag;

use crate::identity::tag_value;

/// A label selector: an object must meet all requirements.
#[derive(Debug, PartialEq, Eq)]
pub struct Selector(Vec<Requirement>);

/// What a selector asks of one label.
#[derive(Debug, PartialEq, Eq)]
struct Requirement {
    key: String,
    test: Test,
}

/// The test of the value of a label.
#[derive(Debug, PartialEq, Eq)]
enum Test {
    /// `key`: the label exists.
    Exists,
    /// `!key`: it does not exist.
    Missing,
    /// `key = value` and `key in (value, value)`: it has one of the values.
    OneOf(Vec<String>),
    /// `key != value` and `key notin (value, value)`: it has none of the values, or does not exist.
    NoneOf(Vec<String>),
    /// `key > number`.
    Above(i64),
    /// `key < number`.
    Below(i64),
}

impl Selector {
    /// Reads a selector. An empty one, which would select everything, is an error.
    pub fn read(text: &str) -> Result<Selector, String> {
        reading::requirements(text).map(Selector)
    }

    /// Whether an object with these labels is selected.
    pub fn matches(&self, labels: &[Tag]) -> bool {
        self.0.iter().all(|requirement| requirement.is_met(tag_value(labels, &requirement.key)))
    }
}

impl Requirement {
    fn is_met(&self, value: Option<&str>) -> bool {
        let number = || value.and_then(|value| value.parse::<i64>().ok());
        match &self.test {
            Test::Exists => value.is_some(),
            Test::Missing => value.is_none(),
            Test::OneOf(values) => value.is_some_and(|value| values.iter().any(|it| it == value)),
            Test::NoneOf(values) => value.is_none_or(|value| values.iter().all(|it| it != value)),
            Test::Above(limit) => number().is_some_and(|number| number > *limit),
            Test::Below(limit) => number().is_some_and(|number| number < *limit),
        }
    }
}
