//! Attributes of load balancers and target groups, as far as we set them. Others stay as they are.

use albatross_contract::{Settings, Tag};

use crate::identity::{tag, tag_value};

/// An attribute that we set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Its key in AWS.
    pub key: &'static str,
    /// Its value.
    pub value: String,
    /// What AWS sets when nobody says otherwise.
    pub default: &'static str,
    /// Why it would be changed, in words.
    pub reason: &'static str,
}

/// Attributes that something lacks, to be changed in one call.
pub struct Change {
    /// As AWS writes them.
    pub attributes: Vec<Tag>,
    /// Why, in words.
    pub reason: String,
}

impl Change {
    /// What has to change where these attributes are there. `None`: nothing.
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
    /// Whether something that has these attributes lacks this one. One that is not listed has AWS's default.
    fn lacks(&self, there: &[Tag]) -> bool {
        tag_value(there, self.key).unwrap_or(self.default) != self.value
    }

    /// As AWS writes it.
    fn tag(&self) -> Tag {
        tag(self.key, &self.value)
    }
}

/// Those of a load balancer (ELBv2 LoadBalancerAttribute).
pub fn of_load_balancers(settings: &Settings) -> Vec<Attribute> {
    vec![Attribute {
        key: "idle_timeout.timeout_seconds",
        value: settings.idle_timeout.to_string(),
        default: "60",
        reason: "the settings ask for another idle timeout",
    }]
}

/// Those of a target group (ELBv2 TargetGroupAttribute).
pub fn of_target_groups(settings: &Settings) -> Vec<Attribute> {
    vec![Attribute {
        key: "deregistration_delay.timeout_seconds",
        value: settings.proxy.deregistration_delay.to_string(),
        default: "300",
        reason: "the settings ask for another deregistration delay",
    }]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attribute_that_aws_does_not_list_has_its_default() {
        let sixty = of_load_balancers(&Settings { idle_timeout: 60, ..Settings::default() });
        let ninety = of_load_balancers(&Settings { idle_timeout: 90, ..Settings::default() });
        let there = [tag("idle_timeout.timeout_seconds", "90")];
        assert_eq!((sixty[0].lacks(&[]), sixty[0].lacks(&there)), (false, true));
        assert_eq!((ninety[0].lacks(&[]), ninety[0].lacks(&there)), (true, false));
    }
    #[test]
    fn all_that_lacks_is_changed_in_one_call() {
        let attribute = |key, value: &str| Attribute {
            key,
            value: value.to_owned(),
            default: "1",
            reason: "the settings ask for it",
        };
        let wanted = [attribute("a", "2"), attribute("b", "1"), attribute("c", "3")];
        let change = Change::of(&wanted, &[tag("c", "3")]).unwrap();
        assert_eq!(change.attributes, [tag("a", "2")]);
        let change = Change::of(&wanted, &[]).unwrap();
        assert_eq!(change.attributes, [tag("a", "2"), tag("c", "3")]);
        assert_eq!(change.reason, "the settings ask for it; the settings ask for it");
        assert!(Change::of(&wanted[1..2], &[]).is_none());
    }
}
