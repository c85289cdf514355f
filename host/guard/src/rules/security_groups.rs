//! Rules of security groups: none is removed that a load balancer needs.
//!
//! A load balancer that stays keeps a rule for the port of each of its listeners, and its targets keep a rule that admits it.

use std::collections::BTreeSet;

use albatross_contract::{
    Instance, InstanceState, LoadBalancer, Operation, ResourceReference, SecurityGroupRule,
    SecurityGroupRuleChange, TargetGroup,
};

use crate::{
    facts::{
        Facts,
        security_groups::{admits, admitted},
        view::existing,
    },
    violation::{Findings, Rule},
};

pub(crate) fn check(facts: &Facts<'_>, found: &mut Findings) {
    for (index, action) in facts.actions.iter() {
        let Operation::RevokeSecurityGroupRules(change) = &action.operation else { continue };
        let Some(id) = existing(&change.security_group) else { continue };
        let revocation = Revocation { facts, index, id, change };
        if let Some(message) = revocation.closes_a_listener().or_else(|| revocation.closes_a_target()) {
            found.action(index, action, Rule::SecurityGroupRuleNeeded, message);
        }
    }
}

/// Rules that an action removes from a security group.
struct Revocation<'f, 'a> {
    facts: &'f Facts<'a>,
    index: usize,
    /// The security group.
    id: &'a str,
    change: &'a SecurityGroupRuleChange,
}

impl<'a> Revocation<'_, 'a> {
    /// Load balancers of ours that stay and have a security group.
    fn load_balancers(&self, group: &str) -> impl Iterator<Item = &'a LoadBalancer> {
        let all = self.facts.view.snapshot.inventory.load_balancers.iter();
        all.filter(move |found| {
            found.security_groups.iter().any(|id| id == group)
                && self.facts.actions.deletion(&found.arn).is_none()
        })
    }

    fn rules_of(&self, group: &ResourceReference) -> Vec<SecurityGroupRule> {
        let facts = self.facts;
        let rules = facts.security_groups.rules(group, self.index, &facts.view, &facts.actions);
        rules.cloned().collect()
    }

    fn is_about(&self, port: u16) -> bool {
        self.change.rules.iter().any(|rule| admits(rule, port))
    }

    fn closes_a_listener(&self) -> Option<String> {
        for found in self.load_balancers(self.id) {
            let ports = found.listeners.iter().map(|listener| listener.port);
            let ports: Vec<u16> = ports.filter(|port| self.is_about(*port)).collect();
            if ports.is_empty() {
                continue;
            }
            let groups = self.facts.security_groups.of(found, self.index, &self.facts.actions);
            let left: Vec<SecurityGroupRule> = groups.iter().flat_map(|group| self.rules_of(group)).collect();
            if let Some(port) = ports.iter().find(|port| !left.iter().any(|rule| admits(rule, **port))) {
                let name = &found.name;
                return Some(format!(
                    "{name} listens on port {port}, and no rule would be left for this port"
                ));
            }
        }
        None
    }

    fn closes_a_target(&self) -> Option<String> {
        let inventory = &self.facts.view.snapshot.inventory;
        let is_alive = |it: &&Instance| matches!(it.state, InstanceState::Pending | InstanceState::Running);
        let nodes = inventory.instances.iter().filter(is_alive);
        let nodes = nodes.filter(|it| it.security_groups.iter().any(|id| id == self.id));
        let of_nodes: BTreeSet<&[String]> = nodes.map(|node| node.security_groups.as_slice()).collect();
        if of_nodes.is_empty() {
            return None;
        }
        let sources: BTreeSet<&str> = self.change.rules.iter().filter_map(admitted).collect();
        for found in sources.iter().flat_map(|source| self.load_balancers(source)) {
            let targets =
                inventory.target_groups.iter().filter(|it| it.load_balancer_arns.contains(&found.arn));
            let ports: BTreeSet<u16> = targets.flat_map(ports).filter(|port| self.is_about(*port)).collect();
            for groups in &of_nodes {
                let references = groups.iter().map(|id| ResourceReference::Existing(id.clone()));
                let left: Vec<SecurityGroupRule> =
                    references.flat_map(|group| self.rules_of(&group)).collect();
                let may_reach = |rule: &&SecurityGroupRule| {
                    admitted(rule).is_none_or(|id| found.security_groups.iter().any(|own| own == id))
                };
                let is_closed = |port: &&u16| !left.iter().filter(may_reach).any(|rule| admits(rule, **port));
                if let Some(port) = ports.iter().find(is_closed) {
                    let name = &found.name;
                    return Some(format!(
                        "targets of {name} use port {port}, and no rule would be left that admits it"
                    ));
                }
            }
        }
        None
    }
}

/// The ports of the targets of a target group and of their health checks.
fn ports(group: &TargetGroup) -> impl Iterator<Item = u16> {
    let of_targets = group.targets.iter().filter_map(|target| target.port);
    group.port.into_iter().chain(group.health_check.port.parse::<u16>()).chain(of_targets)
}
