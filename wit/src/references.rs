//! References from one action of a plan to the resource that another action creates.

use std::collections::BTreeMap;

use crate::{ListenerAction, Operation, ResourceReference};

/// A reference to an action that created nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("refers to the resource that action {action} creates, but that action created nothing")]
pub struct UnresolvedReference {
    /// The id of that action.
    pub action: String,
}

/// The operation with every `created-by` replaced by the resource that the action created.
///
/// # Errors
/// [`UnresolvedReference`] for the first action that is not in `made`, a map from the id of an action to the ARN or id of
/// the resource that it created.
pub fn resolve(
    operation: &Operation,
    made: &BTreeMap<String, String>,
) -> Result<Operation, UnresolvedReference> {
    let mut operation = operation.clone();
    for reference in references(&mut operation) {
        if let ResourceReference::CreatedBy(action) = reference {
            let Some(resource) = made.get(action) else {
                return Err(UnresolvedReference { action: action.clone() });
            };
            *reference = ResourceReference::Existing(resource.clone());
        }
    }
    Ok(operation)
}

/// The ARNs and ids of the existing resources that an operation names.
pub fn existing(operation: &Operation) -> Vec<String> {
    let mut operation = operation.clone();
    let existing = references(&mut operation).into_iter().filter_map(|reference| match reference {
        ResourceReference::Existing(resource) => Some(resource.clone()),
        ResourceReference::CreatedBy(_) => None,
    });
    existing.collect()
}

/// Every reference of an operation.
fn references(operation: &mut Operation) -> Vec<&mut ResourceReference> {
    match operation {
        Operation::CreateTargetGroup(_)
        | Operation::CreateSecurityGroup(_)
        | Operation::ChangeRecordSets(_) => Vec::new(),
        Operation::CreateLoadBalancer(input) => input.security_groups.iter_mut().collect(),
        Operation::ModifyLoadBalancerAttributes(input)
        | Operation::ModifyTargetGroupAttributes(input)
        | Operation::ModifyListenerAttributes(input) => vec![&mut input.resource],
        Operation::SetSubnets(input) => vec![&mut input.load_balancer],
        Operation::SetSecurityGroups(input) => {
            let mut all = vec![&mut input.load_balancer];
            all.extend(&mut input.security_groups);
            all
        }
        Operation::SetIpAddressType(input) => vec![&mut input.load_balancer],
        Operation::DeleteLoadBalancer(reference)
        | Operation::DeleteTargetGroup(reference)
        | Operation::DeleteListener(reference)
        | Operation::DeleteRule(reference)
        | Operation::DeleteSecurityGroup(reference)
        | Operation::DisassociateWebAcl(reference) => vec![reference],
        Operation::ModifyTargetGroup(input) => vec![&mut input.target_group],
        Operation::CreateListener(input) => {
            with_actions(&mut input.load_balancer, &mut input.default_actions)
        }
        Operation::ModifyListener(input) => with_actions(&mut input.listener, &mut input.default_actions),
        Operation::AddListenerCertificate(input) | Operation::RemoveListenerCertificate(input) => {
            vec![&mut input.listener]
        }
        Operation::CreateRule(input) => with_actions(&mut input.listener, &mut input.actions),
        Operation::ModifyRule(input) => with_actions(&mut input.rule, &mut input.actions),
        Operation::SetRulePriorities(priorities) => priorities.iter_mut().map(|it| &mut it.rule).collect(),
        Operation::RegisterTargets(input) | Operation::DeregisterTargets(input) => {
            vec![&mut input.target_group]
        }
        Operation::AttachTargetGroup(input) | Operation::DetachTargetGroup(input) => {
            vec![&mut input.target_group]
        }
        Operation::AuthorizeSecurityGroupRules(input) | Operation::RevokeSecurityGroupRules(input) => {
            vec![&mut input.security_group]
        }
        Operation::AssociateWebAcl(input) => vec![&mut input.load_balancer],
        Operation::AddTags(input) => vec![&mut input.resource],
        Operation::RemoveTags(input) => vec![&mut input.resource],
    }
}

fn with_actions<'a>(
    owner: &'a mut ResourceReference,
    actions: &'a mut [ListenerAction],
) -> Vec<&'a mut ResourceReference> {
    let mut all = vec![owner];
    for action in actions {
        if let ListenerAction::Forward(forward) = action {
            all.extend(forward.target_groups.iter_mut().map(|it| &mut it.target_group));
        }
    }
    all
}
