//! The resources that operations name: those that they create, change or use.

use albatross_contract::{ListenerAction, Operation, RedirectAction, ResourceReference, Tag};

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
    /// The changed resource uses it.
    Used,
}

/// A resource that an operation names.
#[derive(Clone, Copy)]
pub(crate) struct Mention<'a> {
    pub(crate) reference: &'a ResourceReference,
    /// The kinds of resource that it may be.
    pub(crate) kinds: &'static [Kind],
    pub(crate) role: Role,
}

/// The kind and tags of the resource that an operation creates.
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
pub(crate) fn mentions(operation: &Operation) -> impl Iterator<Item = Mention<'_>> {
    let priorities = match operation {
        Operation::SetRulePriorities(priorities) => priorities.as_slice(),
        _ => &[],
    };
    let rules = priorities.iter().map(|priority| (&priority.rule, &[Kind::Rule][..]));
    let changed = changed(operation).into_iter().chain(rules);
    let groups = security_groups(operation).iter().map(|reference| (reference, &[Kind::SecurityGroup][..]));
    let forwards =
        forwards(listener_actions(operation)).map(|(reference, _)| (reference, &[Kind::TargetGroup][..]));
    let mention = |role| move |(reference, kinds)| Mention { reference, kinds, role };
    changed.map(mention(Role::Changed)).chain(groups.chain(forwards).map(mention(Role::Used)))
}

/// The resource that an operation changes, and its possible kinds. Operations on rule priorities are handled separately,
/// since they change several rules.
const fn changed(operation: &Operation) -> Option<(&ResourceReference, &'static [Kind])> {
    use Kind::{Listener, LoadBalancer, Rule, SecurityGroup, TargetGroup};
    Some(match operation {
        Operation::CreateLoadBalancer(_)
        | Operation::CreateTargetGroup(_)
        | Operation::CreateSecurityGroup(_)
        | Operation::ChangeRecordSets(_)
        | Operation::SetRulePriorities(_) => return None,
        Operation::ModifyLoadBalancerAttributes(change) => (&change.resource, &[LoadBalancer]),
        Operation::SetSubnets(change) => (&change.load_balancer, &[LoadBalancer]),
        Operation::SetSecurityGroups(change) => (&change.load_balancer, &[LoadBalancer]),
        Operation::SetIpAddressType(change) => (&change.load_balancer, &[LoadBalancer]),
        Operation::DeleteLoadBalancer(reference) => (reference, &[LoadBalancer]),
        Operation::ModifyTargetGroup(change) => (&change.target_group, &[TargetGroup]),
        Operation::ModifyTargetGroupAttributes(change) => (&change.resource, &[TargetGroup]),
        Operation::DeleteTargetGroup(reference) => (reference, &[TargetGroup]),
        Operation::CreateListener(create) => (&create.load_balancer, &[LoadBalancer]),
        Operation::ModifyListener(change) => (&change.listener, &[Listener]),
        Operation::ModifyListenerAttributes(change) => (&change.resource, &[Listener]),
        Operation::DeleteListener(reference) => (reference, &[Listener]),
        Operation::AddListenerCertificate(change) | Operation::RemoveListenerCertificate(change) => {
            (&change.listener, &[Listener])
        }
        Operation::CreateRule(create) => (&create.listener, &[Listener]),
        Operation::ModifyRule(change) => (&change.rule, &[Rule]),
        Operation::DeleteRule(reference) => (reference, &[Rule]),
        Operation::RegisterTargets(change) | Operation::DeregisterTargets(change) => {
            (&change.target_group, &[TargetGroup])
        }
        Operation::AttachTargetGroup(change) | Operation::DetachTargetGroup(change) => {
            (&change.target_group, &[TargetGroup])
        }
        Operation::AuthorizeSecurityGroupRules(change) | Operation::RevokeSecurityGroupRules(change) => {
            (&change.security_group, &[SecurityGroup])
        }
        Operation::DeleteSecurityGroup(reference) => (reference, &[SecurityGroup]),
        Operation::AssociateWebAcl(change) => (&change.load_balancer, &[LoadBalancer]),
        Operation::DisassociateWebAcl(reference) => (reference, &[LoadBalancer]),
        Operation::AddTags(change) => (&change.resource, Kind::ALL),
        Operation::RemoveTags(change) => (&change.resource, Kind::ALL),
    })
}

/// The security groups that an operation assigns.
fn security_groups(operation: &Operation) -> &[ResourceReference] {
    match operation {
        Operation::CreateLoadBalancer(create) => &create.security_groups,
        Operation::SetSecurityGroups(change) => &change.security_groups,
        _ => &[],
    }
}

/// The actions that an operation gives to a listener or a listener rule.
fn listener_actions(operation: &Operation) -> &[ListenerAction] {
    match operation {
        Operation::CreateListener(create) => &create.default_actions,
        Operation::ModifyListener(change) => &change.default_actions,
        Operation::CreateRule(create) => &create.actions,
        Operation::ModifyRule(change) => &change.actions,
        _ => &[],
    }
}

/// The redirect of all requests to the same host and path over HTTPS, if the actions of a listener are that.
pub(crate) fn redirect_to_https(actions: &[ListenerAction]) -> Option<&RedirectAction> {
    let [ListenerAction::Redirect(redirect)] = actions else { return None };
    let is_same = redirect.host == "#{host}" && redirect.path == "/#{path}";
    (redirect.protocol == "HTTPS" && is_same).then_some(redirect)
}

/// The target groups to which actions of a listener or rule forward, and whether they get any requests. The weight of a
/// single target group does not matter (ELBv2 API reference, `ForwardActionConfig`).
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
