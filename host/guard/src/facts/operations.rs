//! What operations name: what they create, change and put to use.

use albatross_contract::{ListenerAction, Operation, ResourceReference, Tag};

/// A kind of resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    LoadBalancer,
    Listener,
    Rule,
    TargetGroup,
    SecurityGroup,
}

impl Kind {
    pub(crate) const ALL: &'static [Kind] =
        &[Kind::LoadBalancer, Kind::Listener, Kind::Rule, Kind::TargetGroup, Kind::SecurityGroup];

    pub(crate) const fn words(self) -> &'static str {
        match self {
            Kind::LoadBalancer => "load balancer",
            Kind::Listener => "listener",
            Kind::Rule => "listener rule",
            Kind::TargetGroup => "target group",
            Kind::SecurityGroup => "security group",
        }
    }
}

/// Why an operation names a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// It is changed or deleted.
    Changed,
    /// It is put to use by what is changed.
    Used,
}

/// A resource that an operation names.
#[derive(Clone, Copy)]
pub(crate) struct Mention<'a> {
    pub(crate) reference: &'a ResourceReference,
    /// What it can be.
    pub(crate) kinds: &'static [Kind],
    pub(crate) role: Role,
}

/// What an operation creates.
pub(crate) fn created(operation: &Operation) -> Option<(Kind, &[Tag])> {
    match operation {
        Operation::CreateLoadBalancer(create) => Some((Kind::LoadBalancer, &create.tags)),
        Operation::CreateListener(create) => Some((Kind::Listener, &create.tags)),
        Operation::CreateRule(create) => Some((Kind::Rule, &create.tags)),
        Operation::CreateTargetGroup(create) => Some((Kind::TargetGroup, &create.tags)),
        Operation::CreateSecurityGroup(create) => Some((Kind::SecurityGroup, &create.tags)),
        _ => None,
    }
}

/// All resources that an operation names.
pub(crate) fn mentions(operation: &Operation) -> Vec<Mention<'_>> {
    use Kind::{Listener, LoadBalancer, Rule, SecurityGroup, TargetGroup};
    let changed = |reference, kinds| vec![Mention { reference, kinds, role: Role::Changed }];
    match operation {
        Operation::CreateLoadBalancer(create) => with_groups(Vec::new(), &create.security_groups),
        Operation::CreateTargetGroup(_) | Operation::CreateSecurityGroup(_) => Vec::new(),
        Operation::ModifyLoadBalancerAttributes(change) => changed(&change.resource, &[LoadBalancer]),
        Operation::SetSubnets(change) => changed(&change.load_balancer, &[LoadBalancer]),
        Operation::SetSecurityGroups(change) => {
            with_groups(changed(&change.load_balancer, &[LoadBalancer]), &change.security_groups)
        }
        Operation::SetIpAddressType(change) => changed(&change.load_balancer, &[LoadBalancer]),
        Operation::DeleteLoadBalancer(reference) => changed(reference, &[LoadBalancer]),
        Operation::ModifyTargetGroup(change) => changed(&change.target_group, &[TargetGroup]),
        Operation::ModifyTargetGroupAttributes(change) => changed(&change.resource, &[TargetGroup]),
        Operation::DeleteTargetGroup(reference) => changed(reference, &[TargetGroup]),
        Operation::CreateListener(create) => {
            with_forwards(changed(&create.load_balancer, &[LoadBalancer]), &create.default_actions)
        }
        Operation::ModifyListener(change) => {
            with_forwards(changed(&change.listener, &[Listener]), &change.default_actions)
        }
        Operation::ModifyListenerAttributes(change) => changed(&change.resource, &[Listener]),
        Operation::DeleteListener(reference) => changed(reference, &[Listener]),
        Operation::AddListenerCertificate(change) | Operation::RemoveListenerCertificate(change) => {
            changed(&change.listener, &[Listener])
        }
        Operation::CreateRule(create) => {
            with_forwards(changed(&create.listener, &[Listener]), &create.actions)
        }
        Operation::ModifyRule(change) => with_forwards(changed(&change.rule, &[Rule]), &change.actions),
        Operation::SetRulePriorities(priorities) => {
            priorities.iter().flat_map(|priority| changed(&priority.rule, &[Rule])).collect()
        }
        Operation::DeleteRule(reference) => changed(reference, &[Rule]),
        Operation::RegisterTargets(change) | Operation::DeregisterTargets(change) => {
            changed(&change.target_group, &[TargetGroup])
        }
        Operation::AttachTargetGroup(change) | Operation::DetachTargetGroup(change) => {
            changed(&change.target_group, &[TargetGroup])
        }
        Operation::AuthorizeSecurityGroupRules(change) | Operation::RevokeSecurityGroupRules(change) => {
            changed(&change.security_group, &[SecurityGroup])
        }
        Operation::DeleteSecurityGroup(reference) => changed(reference, &[SecurityGroup]),
        Operation::AddTags(change) => changed(&change.resource, Kind::ALL),
        Operation::RemoveTags(change) => changed(&change.resource, Kind::ALL),
    }
}

fn with_groups<'a>(mut mentions: Vec<Mention<'a>>, groups: &'a [ResourceReference]) -> Vec<Mention<'a>> {
    let used =
        groups.iter().map(|reference| Mention { reference, kinds: &[Kind::SecurityGroup], role: Role::Used });
    mentions.extend(used);
    mentions
}

fn with_forwards<'a>(mut mentions: Vec<Mention<'a>>, actions: &'a [ListenerAction]) -> Vec<Mention<'a>> {
    mentions.extend(forwards(actions).map(|(reference, _)| Mention {
        reference,
        kinds: &[Kind::TargetGroup],
        role: Role::Used,
    }));
    mentions
}

/// The target groups that actions of a listener or rule forward to, with whether any request goes there. The weight
/// of a single target group does not matter (ELBv2 API reference, `ForwardActionConfig`).
pub(crate) fn forwards(actions: &[ListenerAction]) -> impl Iterator<Item = (&ResourceReference, bool)> {
    let forwards = actions.iter().filter_map(|action| match action {
        ListenerAction::Forward(forward) => Some(forward),
        _ => None,
    });
    forwards.flat_map(|forward| {
        let single = forward.target_groups.len() == 1;
        forward.target_groups.iter().map(move |group| (&group.target_group, single || group.weight > 0))
    })
}
