//! What a plan does to security groups.

use albatross_contract::{
    Direction, LoadBalancer, Operation, ResourceReference, SecurityGroupPeer, SecurityGroupRule,
};

use super::{
    actions::Actions,
    index::Map,
    view::{View, existing},
};

/// Rules of a security group that an action adds.
struct Added<'a> {
    action: usize,
    to: &'a ResourceReference,
    rules: &'a [SecurityGroupRule],
}

/// The changes of security groups.
#[derive(Default)]
pub(crate) struct SecurityGroupChanges<'a> {
    /// Rules that are removed, with the action, by security group.
    removed: Map<&'a str, Vec<(usize, &'a SecurityGroupRule)>>,
    added: Vec<Added<'a>>,
    /// The security groups that load balancers get, with the action, by ARN.
    set: Map<&'a str, (usize, &'a [ResourceReference])>,
    /// Security groups that new load balancers get.
    of_new: Vec<&'a ResourceReference>,
    /// Security groups that are deleted, with the action.
    deleted: Map<&'a str, usize>,
}

impl<'a> SecurityGroupChanges<'a> {
    pub(crate) fn new(actions: &Actions<'a>) -> Self {
        let mut changes = SecurityGroupChanges::default();
        for (action, it) in actions.iter() {
            match &it.operation {
                Operation::AuthorizeSecurityGroupRules(change) => {
                    changes.added.push(Added { action, to: &change.security_group, rules: &change.rules });
                }
                Operation::RevokeSecurityGroupRules(change) => {
                    let group = existing(&change.security_group).unwrap_or_default();
                    let removed = changes.removed.entry(group).or_default();
                    removed.extend(change.rules.iter().map(|rule| (action, rule)));
                }
                Operation::SetSecurityGroups(change) => {
                    let load_balancer = existing(&change.load_balancer).unwrap_or_default();
                    changes.set.insert(load_balancer, (action, &change.security_groups));
                }
                Operation::CreateLoadBalancer(create) => changes.of_new.extend(&create.security_groups),
                Operation::DeleteSecurityGroup(reference) => {
                    changes.deleted.insert(existing(reference).unwrap_or_default(), action);
                }
                _ => {}
            }
        }
        changes
    }

    /// The rules of a security group when an action runs: without those that any action of the plan removes, and with those
    /// that an action adds on which this action depends.
    pub(crate) fn rules<'b>(
        &'b self,
        group: &'b ResourceReference,
        at: usize,
        view: &View<'a>,
        actions: &'b Actions<'a>,
    ) -> impl Iterator<Item = &'b SecurityGroupRule> + use<'a, 'b> {
        let removed =
            existing(group).and_then(|id| self.removed.get(id)).map(Vec::as_slice).unwrap_or_default();
        let there = view.security_group(group).map(|found| found.rules.as_slice()).unwrap_or_default();
        let stays = |rule: &&SecurityGroupRule| !removed.iter().any(|(_, gone)| is_the_same(gone, rule));
        let added =
            self.added.iter().filter(move |added| added.to == group && actions.depends(at, added.action));
        there.iter().filter(stays).chain(added.flat_map(|added| added.rules))
    }

    /// The security groups that a load balancer has when an action runs.
    pub(crate) fn of(
        &self,
        load_balancer: &LoadBalancer,
        at: usize,
        actions: &Actions<'_>,
    ) -> Vec<ResourceReference> {
        match self.set.get(load_balancer.arn.as_str()) {
            Some((set, groups)) if actions.depends(at, *set) => groups.to_vec(),
            _ => {
                let groups = load_balancer.security_groups.iter();
                groups.map(|id| ResourceReference::Existing(id.clone())).collect()
            }
        }
    }

    /// Whether the plan gives a security group to a load balancer.
    pub(crate) fn is_given(&self, id: &str) -> bool {
        let set = self.set.values().flat_map(|(_, groups)| *groups);
        set.chain(self.of_new.iter().copied()).any(|group| existing(group) == Some(id))
    }

    /// The action that removes a rule of a security group, or the whole security group.
    pub(crate) fn end_of(&self, group: &str, rule: &SecurityGroupRule) -> Option<usize> {
        let removed = self.removed.get(group).into_iter().flatten();
        let removed = removed.filter(|(_, gone)| is_the_same(gone, rule)).map(|(action, _)| *action).next();
        removed.or_else(|| self.deleted.get(group).copied())
    }
}

/// EC2 removes a rule by its id, or without one by its content, whatever its description (API_RevokeSecurityGroupIngress).
fn is_the_same(revoked: &SecurityGroupRule, rule: &SecurityGroupRule) -> bool {
    if revoked.id.is_some() {
        return revoked.id == rule.id;
    }
    let content = |it: &SecurityGroupRule| (it.direction, it.from_port, it.to_port);
    revoked.protocol == rule.protocol && revoked.peer == rule.peer && content(revoked) == content(rule)
}

/// Whether a rule admits requests to a TCP port (EC2 `IpPermission`, `IpProtocol`: 6 is TCP, -1 is all, with all ports).
pub(crate) fn admits(rule: &SecurityGroupRule, port: u16) -> bool {
    let is_for_port = match rule.protocol.as_str() {
        "-1" => true,
        "tcp" | "6" => {
            rule.from_port.is_none_or(|first| first <= port) && rule.to_port.is_none_or(|last| port <= last)
        }
        _ => false,
    };
    rule.direction == Direction::Inbound && is_for_port
}

/// The security group whose members a rule admits. `None`: it admits others.
pub(crate) fn admitted(rule: &SecurityGroupRule) -> Option<&str> {
    match &rule.peer {
        SecurityGroupPeer::SecurityGroup(id) => Some(id),
        _ => None,
    }
}
