//! The parts of the view that executed operations have changed, so that the next observation reads them again.

use std::collections::BTreeSet;

use albatross_contract::{Operation, ResourceReference, references};

use crate::observe::load_balancer_of;

/// A detail of a load balancer or target group that AWS returns with a call of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Detail {
    Tags,
    Attributes,
    /// The listeners of a load balancer, with their certificates.
    Listeners,
    /// The rules of a load balancer, with their tags.
    Rules,
    Targets,
    /// Of a listener.
    ListenerAttributes,
    WebAcl,
}

/// What the executor changed since the last observation. An operation counts even if it failed: AWS may have executed it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Changed {
    /// Whether the lists of load balancers and target groups changed. They also say which target groups a load balancer
    /// uses.
    pub(crate) load_balancing: bool,
    /// Whether an Auto Scaling Group changed.
    pub(crate) auto_scaling: bool,
    /// Whether a security group or its tags changed.
    pub(crate) security_groups: bool,
    /// Details of load balancers and target groups, by ARN.
    pub(crate) details: BTreeSet<(String, Detail)>,
    /// Listener rules whose tags changed.
    pub(crate) rule_tags: BTreeSet<String>,
    /// Ids of the hosted zones whose records changed.
    pub(crate) hosted_zones: BTreeSet<String>,
}

impl Changed {
    /// An operation begins.
    pub(crate) fn add(&mut self, operation: &Operation) {
        match operation {
            Operation::CreateLoadBalancer(_)
            | Operation::CreateTargetGroup(_)
            | Operation::SetSubnets(_)
            | Operation::SetSecurityGroups(_)
            | Operation::SetIpAddressType(_)
            | Operation::ModifyTargetGroup(_) => self.load_balancing = true,
            Operation::ModifyLoadBalancerAttributes(input)
            | Operation::ModifyTargetGroupAttributes(input) => {
                self.add_details(&input.resource, &[Detail::Attributes]);
            }
            Operation::DeleteLoadBalancer(resource) | Operation::DeleteTargetGroup(resource) => {
                self.load_balancing = true;
                self.add_details(resource, &[Detail::Tags]);
            }
            Operation::CreateListener(input) => {
                self.load_balancing = true;
                self.add_details(&input.load_balancer, &[Detail::Listeners, Detail::Rules]);
            }
            Operation::ModifyListener(input) => {
                self.load_balancing = true;
                self.add_details(&input.listener, &[Detail::Listeners]);
                if let (Some(_), ResourceReference::Existing(listener)) = (input.protocol, &input.listener) {
                    self.details.insert((listener.clone(), Detail::ListenerAttributes));
                }
            }
            Operation::ModifyListenerAttributes(input) => {
                if let ResourceReference::Existing(listener) = &input.resource {
                    self.details.insert((listener.clone(), Detail::ListenerAttributes));
                }
            }
            Operation::AssociateWebAcl(input) => self.add_details(&input.load_balancer, &[Detail::WebAcl]),
            Operation::DisassociateWebAcl(load_balancer) => {
                self.add_details(load_balancer, &[Detail::WebAcl]);
            }
            Operation::AddListenerCertificate(input) | Operation::RemoveListenerCertificate(input) => {
                self.add_details(&input.listener, &[Detail::Listeners]);
            }
            Operation::DeleteListener(resource) => {
                self.load_balancing = true;
                self.add_details(resource, &[Detail::Listeners, Detail::Rules]);
            }
            Operation::CreateRule(input) => {
                self.load_balancing = true;
                self.add_details(&input.listener, &[Detail::Rules]);
            }
            Operation::ModifyRule(input) => {
                self.load_balancing = true;
                self.add_details(&input.rule, &[Detail::Rules]);
            }
            Operation::DeleteRule(resource) => {
                self.load_balancing = true;
                self.add_details(resource, &[Detail::Rules]);
            }
            Operation::SetRulePriorities(priorities) => {
                priorities.iter().for_each(|it| self.add_details(&it.rule, &[Detail::Rules]));
            }
            Operation::RegisterTargets(input) | Operation::DeregisterTargets(input) => {
                self.add_details(&input.target_group, &[Detail::Targets]);
            }
            Operation::AttachTargetGroup(input) | Operation::DetachTargetGroup(input) => {
                self.auto_scaling = true;
                self.add_details(&input.target_group, &[Detail::Targets]);
            }
            Operation::CreateSecurityGroup(_)
            | Operation::AuthorizeSecurityGroupRules(_)
            | Operation::RevokeSecurityGroupRules(_)
            | Operation::DeleteSecurityGroup(_) => self.security_groups = true,
            Operation::AddTags(_) | Operation::RemoveTags(_) => {
                references::existing(operation).into_iter().for_each(|resource| self.add_tags(resource));
            }
            Operation::ChangeRecordSets(input) => _ = self.hosted_zones.insert(input.hosted_zone.clone()),
        }
    }

    /// An operation failed. Its cause may be that a list is out of date.
    pub(crate) fn add_failure(&mut self) {
        self.load_balancing = true;
        self.auto_scaling = true;
    }

    /// Details of a load balancer or target group, or of the load balancer of a listener or rule. A resource that the plan
    /// creates is in no cache.
    fn add_details(&mut self, resource: &ResourceReference, details: &[Detail]) {
        if let ResourceReference::Existing(arn) = resource {
            let owner = load_balancer_of(arn).unwrap_or_else(|| arn.clone());
            self.details.extend(details.iter().map(|detail| (owner.clone(), *detail)));
        }
    }

    fn add_tags(&mut self, resource: String) {
        if resource.starts_with("sg-") {
            self.security_groups = true;
        } else if let Some(load_balancer) = load_balancer_of(&resource) {
            self.details.insert((load_balancer, Detail::Rules));
            self.rule_tags.insert(resource);
        } else {
            self.details.insert((resource, Detail::Tags));
        }
    }
}

#[cfg(test)]
mod tests {
    use albatross_contract::{AddTags, AttributeChange, RulePriority};

    use super::*;

    const ELB: &str = "arn:aws:elasticloadbalancing:eu-central-1:123456789012";

    fn at(resource: &str) -> ResourceReference {
        ResourceReference::Existing(resource.to_owned())
    }

    fn changed(operation: &Operation) -> Changed {
        let mut changed = Changed::default();
        changed.add(operation);
        changed
    }

    #[test]
    fn a_rule_changes_the_rules_of_its_load_balancer_and_which_target_groups_the_load_balancer_uses() {
        let load_balancer = format!("{ELB}:loadbalancer/app/albatross-1/0a");
        let rule = format!("{ELB}:listener-rule/app/albatross-1/0a/1b/2c");
        let rules = [(load_balancer, Detail::Rules)];
        let deleted = changed(&Operation::DeleteRule(at(&rule)));
        assert_eq!(
            deleted,
            Changed { load_balancing: true, details: rules.clone().into(), ..Changed::default() }
        );

        let moved =
            changed(&Operation::SetRulePriorities(vec![RulePriority { rule: at(&rule), priority: 1 }]));
        assert_eq!(moved, Changed { details: rules.clone().into(), ..Changed::default() });

        let tagged = AddTags { resource: at(&rule), tags: Vec::new() };
        let tagged = changed(&Operation::AddTags(tagged));
        assert_eq!(tagged, Changed { details: rules.into(), rule_tags: [rule].into(), ..Changed::default() });
    }

    #[test]
    fn only_the_changed_details_are_read_again() {
        let group = format!("{ELB}:targetgroup/albatross-1/0a");
        let attributes = AttributeChange { resource: at(&group), attributes: Vec::new() };
        let changed = changed(&Operation::ModifyTargetGroupAttributes(attributes));
        let expected = [(group, Detail::Attributes)].into();
        assert_eq!(changed, Changed { details: expected, ..Changed::default() });
    }

    #[test]
    fn tags_of_a_security_group_change_the_security_groups() {
        let tagged = changed(&Operation::AddTags(AddTags { resource: at("sg-1"), tags: Vec::new() }));
        assert_eq!(tagged, Changed { security_groups: true, ..Changed::default() });
    }
}
