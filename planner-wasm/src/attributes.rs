//! The attributes of load balancers and target groups that we set. Other attributes stay as they are.

pub mod known;

use std::borrow::Cow;

use albatross_contract::Tag;

use crate::identity::{tag, tag_value};
use known::Known;

/// The attribute of a load balancer for deletion protection.
pub const DELETION_PROTECTION: &str = "deletion_protection.enabled";

/// An attribute that we set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Its key in AWS.
    pub key: Cow<'static, str>,
    /// Its value.
    pub value: String,
    /// The value that AWS sets by default. `None`: the default is not known, so the attribute is set only where AWS lists
    /// it. A key that AWS does not know makes the whole call fail.
    pub default: Option<&'static str>,
    /// In words, why it would be changed.
    pub reason: Cow<'static, str>,
}

/// Attributes of a resource that have to be changed, in one call.
pub struct Change {
    /// As AWS writes them.
    pub attributes: Vec<Tag>,
    /// In words, why.
    pub reason: String,
    /// For attributes that AWS refuses for reasons outside of the load balancer: what distinguishes this call from the
    /// call for all other attributes.
    pub family: Option<&'static str>,
}

/// Logs go to S3 buckets, whose policy may forbid it: then the call fails. Attributes of each kind of log are set in a call
/// of their own, so that all others are not affected.
const LOGS: [&str; 3] = ["access_logs", "connection_logs", "health_check_logs"];

impl Change {
    /// The changes from the attributes that a resource has to the wanted ones.
    pub fn all(wanted: &[Attribute], there: &[Tag]) -> Vec<Self> {
        let lacking: Vec<&Attribute> = wanted.iter().filter(|attribute| attribute.lacks(there)).collect();
        let families = [None].into_iter().chain(LOGS.into_iter().map(Some));
        let change = |family: Option<&'static str>| {
            let of_family = lacking.iter().copied().filter(|attribute| attribute.family() == family);
            let of_family: Vec<&Attribute> = of_family.collect();
            let mut reasons: Vec<&str> =
                of_family.iter().map(|attribute| attribute.reason.as_ref()).collect();
            reasons.dedup();
            (!of_family.is_empty()).then(|| Change {
                attributes: of_family.iter().map(|attribute| attribute.tag()).collect(),
                reason: reasons.join("; "),
                family,
            })
        };
        families.filter_map(change).collect()
    }
}

impl Attribute {
    /// An attribute that somebody asks for by its key.
    pub fn asked(all: &'static [Known], key: &str, value: &str, reason: String) -> Self {
        let known = known::find(all, key);
        Attribute {
            key: known.map_or_else(|| Cow::Owned(key.to_owned()), |known| Cow::Borrowed(known.key)),
            value: value.to_owned(),
            default: known.and_then(|known| known.default),
            reason: Cow::Owned(reason),
        }
    }

    /// Whether a resource with these attributes has another value. An attribute that is not listed has AWS's default.
    fn lacks(&self, there: &[Tag]) -> bool {
        tag_value(there, &self.key).or(self.default).is_some_and(|value| value != self.value)
    }

    /// Whether neither this version nor AWS, which lists these attributes, knows it.
    pub fn is_unknown(&self, there: &[Tag]) -> bool {
        matches!(self.key, Cow::Owned(_)) && tag_value(there, &self.key).is_none()
    }

    fn family(&self) -> Option<&'static str> {
        let first = self.key.split('.').next();
        LOGS.into_iter().find(|family| Some(*family) == first)
    }

    /// As AWS writes it.
    fn tag(&self) -> Tag {
        tag(&self.key, &self.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attribute(key: &'static str, value: &str) -> Attribute {
        let reason = "the settings ask for it".into();
        Attribute { key: key.into(), value: value.to_owned(), default: Some("1"), reason }
    }

    #[test]
    fn an_attribute_that_aws_does_not_list_has_its_default() {
        let (one, two) = (attribute("a", "1"), attribute("a", "2"));
        let there = [tag("a", "2")];
        assert_eq!((one.lacks(&[]), one.lacks(&there)), (false, true));
        assert_eq!((two.lacks(&[]), two.lacks(&there)), (true, false));
    }

    #[test]
    fn an_attribute_without_a_known_default_is_set_only_where_aws_lists_it() {
        let new = Attribute { default: None, ..attribute("a", "2") };
        assert_eq!((new.lacks(&[]), new.lacks(&[tag("a", "1")])), (false, true));
    }

    #[test]
    fn all_differences_are_changed_in_one_call() {
        let wanted = [attribute("a", "2"), attribute("b", "1"), attribute("c", "3")];
        let changes = Change::all(&wanted, &[tag("c", "3")]);
        assert_eq!((changes.len(), changes[0].attributes.as_slice()), (1, [tag("a", "2")].as_slice()));
        let changes = Change::all(&wanted, &[]);
        assert_eq!(changes[0].attributes, [tag("a", "2"), tag("c", "3")]);
        assert_eq!(changes[0].reason, "the settings ask for it");
        assert!(Change::all(&wanted[1..2], &[]).is_empty());
    }

    #[test]
    fn attributes_that_a_bucket_may_refuse_are_changed_in_a_call_of_their_own() {
        let wanted = [attribute("access_logs.s3.enabled", "true"), attribute("idle", "2")];
        let changes = Change::all(&wanted, &[]);
        let told: Vec<_> = changes.iter().map(|it| (it.family, it.attributes[0].key.as_str())).collect();
        assert_eq!(told, [(None, "idle"), (Some("access_logs"), "access_logs.s3.enabled")]);
    }
}
