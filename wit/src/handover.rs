//! How people name a load balancer that they hand over to the controller, or take back.

use crate::{LoadBalancer, TAG_ID, TAG_STACK};

impl LoadBalancer {
    /// Whether a person who writes `name` means this load balancer: it has this name, this ARN, or our id with this value, or
    /// belongs to the CloudFormation stack of this name.
    pub fn is_named(&self, name: &str) -> bool {
        let has = |key: &str| self.tags.iter().any(|tag| tag.key == key && tag.value == name);
        self.name == name || self.arn == name || has(TAG_STACK) || has(TAG_ID)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Tag;

    #[test]
    fn a_load_balancer_is_named_by_its_name_its_arn_its_stack_or_its_id() {
        let tag = |key: &str, value: &str| Tag { key: key.into(), value: value.into() };
        let found = LoadBalancer {
            name: "kube-LB-1".into(),
            arn: "arn:lb".into(),
            tags: vec![tag(TAG_STACK, "stack"), tag(TAG_ID, "id"), tag("team", "shop")],
            ..LoadBalancer::default()
        };
        assert!(["kube-LB-1", "arn:lb", "stack", "id"].iter().all(|name| found.is_named(name)));
        assert!(["kube-LB", "shop", ""].iter().all(|name| !found.is_named(name)));
    }
}
