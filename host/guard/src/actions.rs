//! The actions of a plan, indexed, and what each of them refers to.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{Action, ListenerAction, Operation, Plan, ResourceReference, Tag};

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

/// The actions of a plan, indexed.
pub(crate) struct Actions<'a> {
    pub(crate) list: &'a [Action],
    by_id: BTreeMap<&'a str, usize>,
    dependencies: Vec<Vec<usize>>,
    dependents: Vec<Vec<usize>>,
}

impl<'a> Actions<'a> {
    pub(crate) fn new(plan: &'a Plan) -> Self {
        let mut by_id: BTreeMap<&str, usize> = BTreeMap::new();
        let mut dependencies = Vec::with_capacity(plan.actions.len());
        let mut dependents = vec![Vec::new(); plan.actions.len()];
        for (index, action) in plan.actions.iter().enumerate() {
            let direct: Vec<usize> =
                action.depends_on.iter().filter_map(|id| by_id.get(id.as_str()).copied()).collect();
            direct.iter().for_each(|earlier| dependents[*earlier].push(index));
            dependencies.push(direct);
            by_id.entry(&action.id).or_insert(index);
        }
        Actions { list: &plan.actions, by_id, dependencies, dependents }
    }

    /// With their places in the plan.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, &'a Action)> {
        self.list.iter().enumerate()
    }

    /// The place of the action with an id; of the first, if a plan repeats it.
    pub(crate) fn index(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    /// Whether an action runs only after another has succeeded, directly or through others.
    pub(crate) fn depends(&self, later: usize, earlier: usize) -> bool {
        let mut seen = BTreeSet::new();
        let mut open = vec![later];
        while let Some(index) = open.pop() {
            let direct = &self.dependencies[index];
            if direct.contains(&earlier) {
                return true;
            }
            // Dependencies are earlier in the plan: what lies before `earlier` cannot lead to it.
            open.extend(direct.iter().filter(|next| **next > earlier && seen.insert(**next)));
        }
        false
    }

    /// The actions that an action names as its dependencies, and those that name it.
    pub(crate) fn neighbours(&self, index: usize) -> impl Iterator<Item = &'a Action> {
        self.dependencies[index].iter().chain(&self.dependents[index]).map(|other| &self.list[*other])
    }

    /// Places of the actions that delete a load balancer, by its ARN.
    pub(crate) fn deleted_load_balancers(&self) -> BTreeMap<&'a str, usize> {
        let deletes = self.iter().filter_map(|(index, action)| match &action.operation {
            Operation::DeleteLoadBalancer(ResourceReference::Existing(arn)) => Some((arn.as_str(), index)),
            _ => None,
        });
        deletes.collect()
    }
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
