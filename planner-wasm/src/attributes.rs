//! The attributes of load balancers and target groups that we set. Other attributes stay as they are.

use albatross_contract::Tag;

use crate::identity::{tag, tag_value};

/// An attribute that we set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Its key in AWS.
    pub key: &'static str,
    /// Its value.
    pub value: String,
    /// The value that AWS sets by default.
    pub default: &'static str,
    /// In words, why it would be changed.
    pub reason: &'static str,
}

/// Attributes of a resource that have to be changed, in one call.
pub struct Change {
    /// As AWS writes them.
    pub attributes: Vec<Tag>,
    /// In words, why.
    pub reason: String,
}

impl Change {
    /// The change from the attributes that a resource has to the wanted ones. `None`: nothing has to change.
    pub fn of(wanted: &[Attribute], there: &[Tag]) -> Option<Self> {
        let lacking: Vec<&Attribute> = wanted.iter().filter(|attribute| attribute.lacks(there)).collect();
        let reasons: Vec<&str> = lacking.iter().map(|attribute| attribute.reason).collect();
        (!lacking.is_empty()).then(|| Change {
            attributes: lacking.iter().map(|attribute| attribute.tag()).collect(),
            reason: reasons.join("; "),
        })
    }
}

impl Attribute {
    /// Whether a resource with these attributes has another value. An attribute that is not listed has AWS's default.
    fn lacks(&self, there: &[Tag]) -> bool {
        tag_value(there, self.key).unwrap_or(self.default) != self.value
    }

    /// As AWS writes it.
    fn tag(&self) -> Tag {
        tag(self.key, &self.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attribute(key: &'static str, value: &str) -> Attribute {
        Attribute { key, value: value.to_owned(), default: "1", reason: "the settings ask for it" }
    }

    #[test]
    fn an_attribute_that_aws_does_not_list_has_its_default() {
        let (one, two) = (attribute("a", "1"), attribute("a", "2"));
        let there = [tag("a", "2")];
        assert_eq!((one.lacks(&[]), one.lacks(&there)), (false, true));
        assert_eq!((two.lacks(&[]), two.lacks(&there)), (true, false));
    }

    #[test]
    fn all_differences_are_changed_in_one_call() {
        let wanted = [attribute("a", "2"), attribute("b", "1"), attribute("c", "3")];
        let change = Change::of(&wanted, &[tag("c", "3")]).unwrap();
        assert_eq!(change.attributes, [tag("a", "2")]);
        let change = Change::of(&wanted, &[]).unwrap();
        assert_eq!(change.attributes, [tag("a", "2"), tag("c", "3")]);
        assert_eq!(change.reason, "the settings ask for it; the settings ask for it");
        assert!(Change::of(&wanted[1..2], &[]).is_none());
    }
}
