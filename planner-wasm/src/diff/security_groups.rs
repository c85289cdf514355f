//! Security groups: created, their rules added and removed, deleted.
//!
//! Rules are added before a load balancer gets the security group, and removed after the rules that replace them are added.

use albatross_contract::{
    self as contract, CreateSecurityGroup, Direction, Disruption, ObjectName, Operation, ResourceReference,
    SecurityGroupRule, SecurityGroupRuleChange,
};

use super::{
    actions::{Actions, Draft, made_security_group, makes_security_group},
    tags,
};
use crate::wanted::{LoadBalancer, SecurityGroup, SecurityGroupRules, Targets, admits_the_same};

/// The start of the ids of actions on a security group, after the load balancer's.
fn on(name: &str) -> String {
    format!("security-group/{name}")
}

/// What a comparison of rules results in.
struct Changes {
    add: Vec<SecurityGroupRule>,
    remove: Vec<SecurityGroupRule>,
}

impl Changes {
    /// As many rules are added as the security group has room for. A rule is not removed while a rule for its ports is still
    /// to be added in a later pass.
    fn between(rules: &SecurityGroupRules, there: Option<&contract::SecurityGroup>) -> Self {
        let there = there.map(|group| group.rules.as_slice()).unwrap_or_default();
        let has = |rule: &&SecurityGroupRule| there.iter().any(|it| admits_the_same(it, rule));
        let count = there.iter().filter(|rule| rule.direction == Direction::Inbound).count();
        let mut add: Vec<SecurityGroupRule> =
            rules.wanted.iter().filter(|rule| !has(rule)).cloned().collect();
        let later = add.split_off(rules.limit.saturating_sub(count).min(add.len()));
        let is_wanted = |rule: &&SecurityGroupRule| rules.wanted.iter().any(|it| admits_the_same(it, rule));
        let is_replaced_later = |rule: &&SecurityGroupRule| later.iter().any(|it| overlaps(it, rule));
        let goes = |rule: &&SecurityGroupRule| {
            rules.may_revoke && rules.has(rule) && !is_wanted(rule) && !is_replaced_later(rule)
        };
        let remove = there.iter().filter(goes).cloned().collect();
        Changes { add, remove }
    }
}

fn overlaps(left: &SecurityGroupRule, right: &SecurityGroupRule) -> bool {
    left.from_port <= right.to_port && right.from_port <= left.to_port
}

/// Creates the shared security group and opens the security groups of the targets. Returns the ids of the actions after which
/// load balancers may rely on that.
pub fn open_targets(targets: &Targets<'_>, actions: &mut Actions) -> Vec<String> {
    let mut done = Vec::new();
    let Some(shared) = &targets.shared else { return done };
    done.extend(create(shared, &[], actions));
    tags::compare_owner(shared, actions);
    for admission in &targets.admissions {
        let group = admission.group;
        let changes = Changes::between(&admission.rules, Some(group));
        if changes.add.is_empty() {
            continue;
        }
        let reference = ResourceReference::Existing(group.id.clone());
        let reason = "the targets of load balancers and their health checks use these ports";
        let operation = authorize(reference, changes.add);
        done.push(
            actions.push(&shared.id, Draft::new(format!("{}/authorize", on(&group.id)), reason, operation)),
        );
    }
    done
}

/// Closes the security groups of the targets for what no load balancer needs, and deletes the shared security group when none
/// needs it. `opened`: the ids of the actions that add rules.
pub fn close_targets(targets: &Targets<'_>, opened: &[String], actions: &mut Actions) {
    let id = targets.id.as_str();
    let mut before = Vec::new();
    for admission in &targets.admissions {
        let group = admission.group;
        let changes = Changes::between(&admission.rules, Some(group));
        if changes.remove.is_empty() {
            continue;
        }
        let reference = ResourceReference::Existing(group.id.clone());
        let reason = "no load balancer needs these ports";
        let draft =
            Draft::new(format!("{}/revoke", on(&group.id)), reason, revoke(reference, changes.remove));
        before.push(actions.push(id, draft.after(opened.iter().cloned())));
    }
    if let Some(shared) = targets.goes {
        delete(id, shared, "no load balancer needs it", before, actions);
    }
}

/// Creates the security groups of a load balancer and adds rules. Returns the ids of the actions.
pub fn open(wanted: &LoadBalancer<'_>, waiting: &[ObjectName], actions: &mut Actions) -> Vec<String> {
    let mut done = Vec::new();
    for group in &wanted.firewall.front {
        done.extend(create(group, waiting, actions));
        let changes = Changes::between(&group.rules, group.there);
        if changes.add.is_empty() {
            continue;
        }
        let reference = match group.there {
            Some(there) => ResourceReference::Existing(there.id.clone()),
            None => made_security_group(&group.id, &group.name),
        };
        let reason = "Ingresses of the load balancer admit these clients";
        let draft =
            Draft::new(format!("{}/authorize", on(&group.name)), reason, authorize(reference, changes.add));
        let made = group.there.is_none().then(|| done.last().cloned()).flatten();
        done.push(actions.push(&group.id, draft.after(made).for_objects(waiting)));
    }
    done
}

/// Removes the rules of a load balancer's security groups that no member needs, and its security groups that it no longer
/// has. `opened`: the ids of the actions that add rules; `set`: the id of the action that sets its security groups.
pub fn close(wanted: &LoadBalancer<'_>, opened: &[String], set: Option<&String>, actions: &mut Actions) {
    for group in &wanted.firewall.front {
        let Some(there) = group.there else { continue };
        let changes = Changes::between(&group.rules, Some(there));
        if changes.remove.is_empty() {
            continue;
        }
        let reference = ResourceReference::Existing(there.id.clone());
        let reason = "no Ingress of the load balancer admits these clients";
        let draft =
            Draft::new(format!("{}/revoke", on(&group.name)), reason, revoke(reference, changes.remove));
        let draft = draft.disrupting(Disruption::Removal);
        // Another security group may have the rules that replace them.
        actions.push(&group.id, draft.after(opened.iter().chain(set).cloned()));
    }
    for group in &wanted.firewall.surplus {
        delete(&wanted.id, group, "its load balancer no longer needs it", set.cloned(), actions);
    }
}

/// Deletes a security group of ours.
pub fn delete(
    id: &str,
    group: &contract::SecurityGroup,
    reason: &str,
    after: impl IntoIterator<Item = String>,
    actions: &mut Actions,
) {
    let operation = Operation::DeleteSecurityGroup(ResourceReference::Existing(group.id.clone()));
    actions.push(id, Draft::new(format!("{}/delete", on(&group.name)), reason, operation).after(after));
}

/// Creates a security group, unless it exists. Returns the id of the action.
fn create(group: &SecurityGroup<'_>, waiting: &[ObjectName], actions: &mut Actions) -> Option<String> {
    if group.there.is_some() {
        return None;
    }
    let operation = Operation::CreateSecurityGroup(CreateSecurityGroup {
        name: group.name.clone(),
        description: group.description.to_owned(),
        vpc_id: group.vpc.to_owned(),
        tags: group.ownership.clone(),
    });
    let draft = Draft::new(makes_security_group(&group.name), group.reason.as_str(), operation);
    Some(actions.push(&group.id, draft.for_objects(waiting)))
}

fn authorize(security_group: ResourceReference, rules: Vec<SecurityGroupRule>) -> Operation {
    Operation::AuthorizeSecurityGroupRules(SecurityGroupRuleChange { security_group, rules })
}

fn revoke(security_group: ResourceReference, rules: Vec<SecurityGroupRule>) -> Operation {
    Operation::RevokeSecurityGroupRules(SecurityGroupRuleChange { security_group, rules })
}

#[cfg(test)]
mod tests;
