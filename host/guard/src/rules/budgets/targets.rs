//! Targets: running targets leave gradually, and only when those that stay can take over.
//!
//! Design: decisions, targets.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{Operation, TAG_SERVICE, Target, TargetGroup, TargetHealth, TargetType};

use super::limits::targets_limit;
use crate::{
    facts::{Facts, endpoints::Endpoints, pods::Pods, tags::tag, targets::is_running},
    violation::{Findings, Rule},
};

/// Targets that leave one target group.
struct Leaving<'a> {
    group: &'a TargetGroup,
    /// The last action that removes a target.
    action: usize,
    targets: BTreeSet<(&'a str, Option<u16>)>,
}

pub(crate) fn check(facts: &Facts<'_>, found: &mut Findings) {
    let mut leaving: BTreeMap<&str, Leaving<'_>> = BTreeMap::new();
    for (index, action) in facts.actions.iter() {
        let (reference, gone): (_, Vec<(&str, Option<u16>)>) = match &action.operation {
            Operation::DeregisterTargets(change) => (
                &change.target_group,
                change.targets.iter().map(|target| (target.id.as_str(), target.port)).collect(),
            ),
            // Detaching deregisters the instances of the Auto Scaling Group (Auto Scaling API reference,
            // `DetachLoadBalancerTargetGroups`).
            Operation::DetachTargetGroup(change) => {
                let group = facts.view.auto_scaling_group(&change.auto_scaling_group);
                let instances = group.map(|group| group.instances.as_slice()).unwrap_or_default();
                (&change.target_group, instances.iter().map(|id| (id.as_str(), None)).collect())
            }
            _ => continue,
        };
        if let Some(group) = facts.view.target_group(reference) {
            let none = || Leaving { group, action: index, targets: BTreeSet::new() };
            let entry = leaving.entry(&group.arn).or_insert_with(none);
            entry.action = index;
            entry.targets.extend(gone);
        }
    }
    let allowed = allowed(facts);
    let ended = Ended { endpoints: Endpoints::new(&facts.view), pods: Pods::new(&facts.view) };
    for leaving in leaving.values() {
        if facts.target_group_uses.is_idle(leaving.group, &facts.actions) {
            continue;
        }
        if let Err(message) = may_leave(leaving, &allowed, &ended) {
            found.action(leaving.action, &facts.actions.list[leaving.action], Rule::BudgetTargets, message);
        }
    }
}

/// Instances that a person allowed to leave, by instance id or by Auto Scaling Group.
fn allowed<'a>(facts: &Facts<'a>) -> BTreeSet<&'a str> {
    let named = &facts.view.snapshot.settings.allowances.targets;
    let of_groups = named
        .iter()
        .filter_map(|name| facts.view.auto_scaling_group(name))
        .flat_map(|group| &group.instances);
    named.iter().chain(of_groups).map(String::as_str).collect()
}

/// Which targets of the type `ip` have no pod any more.
struct Ended<'a> {
    endpoints: Endpoints<'a>,
    pods: Pods<'a>,
}

impl Ended<'_> {
    /// Whether no budget keeps a target. A pod that is being terminated may leave as long as a healthy target stays.
    fn has(&self, target: &Target, group: &TargetGroup, one_stays: bool) -> bool {
        let (id, pods) = (target.id.as_str(), &self.pods);
        let has_ended = match is_of_service(group) {
            true => self.endpoints.has_ended(id) && !pods.has(id),
            false => pods.has_ended(target),
        };
        match self.is_ending(target, group) {
            true => one_stays || target.health != TargetHealth::Healthy,
            false => has_ended,
        }
    }

    fn is_ending(&self, target: &Target, group: &TargetGroup) -> bool {
        match is_of_service(group) {
            true => self.endpoints.is_ending(&target.id),
            false => self.pods.is_ending(&target.id),
        }
    }
}

fn is_of_service(group: &TargetGroup) -> bool {
    tag(&group.tags, TAG_SERVICE).is_some()
}

fn may_leave(leaving: &Leaving<'_>, allowed: &BTreeSet<&str>, ended: &Ended<'_>) -> Result<(), String> {
    let group = leaving.group;
    // A target without a port in the request is the one on the target group's port.
    let leaves = |target: &Target| {
        leaving.targets.contains(&(target.id.as_str(), target.port))
            || (target.port == group.port && leaving.targets.contains(&(target.id.as_str(), None)))
    };
    let one_stays = group.targets.iter().any(|target| {
        target.health == TargetHealth::Healthy && !leaves(target) && !ended.is_ending(target, group)
    });
    let has_ended =
        |target: &Target| group.target_type == TargetType::Ip && ended.has(target, group, one_stays);
    let runs = |target: &&Target| is_running(target.health) && !has_ended(target);
    let running: Vec<&Target> = group.targets.iter().filter(runs).collect();
    let (gone, stay): (Vec<&Target>, Vec<&Target>) = running.iter().partition(|target| leaves(target));
    let counted: Vec<&str> =
        gone.iter().map(|target| target.id.as_str()).filter(|id| !allowed.contains(id)).collect();
    if counted.is_empty() {
        return Ok(());
    }
    let (name, limit) = (&group.name, targets_limit(running.len()));
    let allow = format!("if this is intended: --allow-targets={}", counted.join(","));
    if stay.is_empty() {
        return Err(format!("it removes the last of {} running targets from {name}; {allow}", running.len()));
    }
    if counted.len() > limit {
        return Err(format!(
            "with it, {} of {} running targets leave {name}; the limit for one plan is {limit}; {allow}",
            counted.len(),
            running.len()
        ));
    }
    match stay.iter().find(|target| target.health != TargetHealth::Healthy) {
        Some(target) => Err(format!(
            "targets leave {name} while {}, which stays, is not healthy; wait until it is healthy, or, {allow}",
            target.id
        )),
        None => Ok(()),
    }
}
