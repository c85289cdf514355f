//! Deletion: only resources that have been unneeded for the grace period, that no status names and that
//! nothing uses.
//!
//! Design: safety, deletion.

use std::collections::BTreeMap;

use albatross_contract::{
    LoadBalancer, LoadBalancerState, Operation, ResourceReference, StatusChange, TAG_RETAIN, TargetGroup,
    ViewPart,
};

use crate::{
    facts::{
        Facts, dns_names::plain_dns_name, load_balancers::our_id, marks::unneeded_since,
        security_groups::admitted, tags::tag,
    },
    violation::{Findings, Rule},
};

/// Seconds that a load balancer may take to become active before it may be replaced: 15 minutes. AWS usually needs two
/// to three minutes.
const PROVISIONING_LIMIT: u64 = 15 * 60;

pub(crate) fn check(facts: &Facts<'_>, found: &mut Findings) {
    for (index, action) in facts.actions.iter() {
        let mut broken = |rule, message| found.action(index, action, rule, message);
        match &action.operation {
            Operation::DeleteLoadBalancer(reference) => match facts.view.load_balancer(reference) {
                Some(load_balancer) => load_balancer_may_go(facts, load_balancer, &mut broken),
                None => broken(Rule::DeletionGrace, not_observed("load balancer")),
            },
            Operation::DeleteTargetGroup(reference) => match facts.view.target_group(reference) {
                Some(group) => {
                    if let Err(message) = target_group_may_go(facts, index, group) {
                        broken(Rule::DeletionInUse, message);
                    }
                }
                None => broken(Rule::DeletionInUse, not_observed("target group")),
            },
            Operation::DeleteSecurityGroup(reference) => {
                if let Err(message) = security_group_may_go(facts, index, reference) {
                    broken(Rule::DeletionInUse, message);
                }
            }
            _ => {}
        }
    }
    listeners_stay(facts, found);
}

/// Only for a resource in the inventory can be known that it is unneeded.
fn not_observed(what: &str) -> String {
    format!("it deletes a {what} that is not in the inventory")
}

fn load_balancer_may_go(
    facts: &Facts<'_>,
    load_balancer: &LoadBalancer,
    broken: &mut impl FnMut(Rule, String),
) {
    let snapshot = facts.view.snapshot;
    let (name, time, grace) = (&load_balancer.name, snapshot.time, snapshot.settings.grace);
    if tag(&load_balancer.tags, TAG_RETAIN) == Some("true") {
        broken(Rule::DeletionProtected, format!("it deletes {name}, which a member retains"));
    }
    let never_served = match load_balancer.state {
        LoadBalancerState::Failed => true,
        LoadBalancerState::Provisioning => {
            time >= load_balancer.created_at.saturating_add(PROVISIONING_LIMIT)
        }
        LoadBalancerState::Active | LoadBalancerState::ActiveImpaired => false,
    };
    match unneeded_since(load_balancer) {
        _ if never_served => {}
        Some(since) if since.saturating_add(grace) <= time => {}
        Some(since) => broken(
            Rule::DeletionGrace,
            format!(
                "{name} has been unneeded since {since}; it may be deleted {grace} s later, and the time is {time}"
            ),
        ),
        None => broken(Rule::DeletionGrace, format!("no tag says since when {name} has been unneeded")),
    }
    if let Some(object) = facts.view.published_by(load_balancer) {
        let message = format!("the status of the {} names {}", object.in_words(), load_balancer.dns_name);
        broken(Rule::DeletionPublished, message);
    }
    if let Some(outcome) = facts.outcomes.on(our_id(load_balancer)).next() {
        broken(Rule::DeletionPublished, format!("the plan places {} on {name}", outcome.name));
    }
    let dns_name = plain_dns_name(&load_balancer.dns_name);
    let publishes =
        |change: &StatusChange| matches!(change, StatusChange::Publish(x) if plain_dns_name(x) == dns_name);
    if let Some(outcome) = facts.outcomes.list.iter().find(|found| publishes(&found.outcome.status)) {
        let message = format!("the plan publishes {dns_name} for {}", outcome.name);
        broken(Rule::DeletionPublished, message);
    }
}

/// A target group may be deleted when nothing uses it: each listener and rule that uses it is deleted or changed by an
/// action that must have succeeded before.
fn target_group_may_go(facts: &Facts<'_>, index: usize, group: &TargetGroup) -> Result<(), String> {
    let name = &group.name;
    if facts.target_group_uses.is_planned(&group.arn) {
        return Err(format!("the plan forwards to the target group {name}"));
    }
    for used in facts.target_group_uses.of(&group.arn) {
        if !used.ended.iter().any(|end| facts.actions.depends(index, *end)) {
            return Err(format!(
                "{} of {} forwards to the target group {name}, and no action that this action depends on changes that",
                used.by, used.load_balancer.name
            ));
        }
    }
    for arn in &group.load_balancer_arns {
        let goes_first = facts.actions.deletion(arn).is_some_and(|end| facts.actions.depends(index, end));
        // The listeners and rules of a load balancer that is not ours are never read completely.
        let ours = facts.view.load_balancers.by_arn(arn).is_some_and(|found| facts.view.owns(found));
        let parts = [ViewPart::Listeners, ViewPart::Rules];
        let stays_without_it = ours && facts.view.missing(&parts, &[arn]).is_none();
        if !(goes_first || stays_without_it) {
            return Err(format!(
                "{arn} uses the target group {name}, and not all listeners and rules of {arn} are known"
            ));
        }
    }
    Ok(())
}

/// A security group may be deleted when nothing uses it: no load balancer, node or rule, each as observed or after actions that
/// must have succeeded before.
fn security_group_may_go(
    facts: &Facts<'_>,
    index: usize,
    reference: &ResourceReference,
) -> Result<(), String> {
    let Some(group) = facts.view.security_group(reference) else {
        return Err(not_observed("security group"));
    };
    let inventory = &facts.view.snapshot.inventory;
    if facts.security_groups.is_given(&group.id) {
        return Err(format!("the plan gives the security group {} to a load balancer", group.id));
    }
    for found in inventory.load_balancers.iter().filter(|it| it.security_groups.contains(&group.id)) {
        let is_gone = facts.actions.deletion(&found.arn).is_some_and(|end| facts.actions.depends(index, end));
        let groups = facts.security_groups.of(found, index, &facts.actions);
        if !is_gone && groups.contains(reference) {
            return Err(format!("{} uses the security group {}", found.name, group.id));
        }
    }
    if let Some(node) = inventory.instances.iter().find(|it| it.security_groups.contains(&group.id)) {
        return Err(format!("{} uses the security group {}", node.id, group.id));
    }
    for other in inventory.security_groups.iter().filter(|other| other.id != group.id) {
        for rule in other.rules.iter().filter(|rule| admitted(rule) == Some(&group.id)) {
            let end = facts.security_groups.end_of(&other.id, rule);
            if !end.is_some_and(|end| facts.actions.depends(index, end)) {
                return Err(format!("a rule of {} names the security group {}", other.id, group.id));
            }
        }
    }
    Ok(())
}

/// A load balancer that a status names, or on which the plan places an Ingress, keeps a listener.
fn listeners_stay(facts: &Facts<'_>, found: &mut Findings) {
    let mut left: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, action) in facts.actions.iter() {
        match &action.operation {
            Operation::CreateListener(create) => {
                if let Some(load_balancer) = facts.view.load_balancer(&create.load_balancer) {
                    *left.entry(&load_balancer.arn).or_insert(load_balancer.listeners.len()) += 1;
                }
            }
            Operation::DeleteListener(reference) => {
                let Some(place) = facts.view.listener(reference) else { continue };
                let load_balancer = place.load_balancer;
                let count = left.entry(&load_balancer.arn).or_insert(load_balancer.listeners.len());
                *count = count.saturating_sub(1);
                let needed = facts.view.published_by(load_balancer).is_some()
                    || facts.outcomes.any_on(our_id(load_balancer));
                if *count == 0 && needed {
                    let message = format!(
                        "it deletes the last listener of {}, which its members use",
                        load_balancer.name
                    );
                    found.action(index, action, Rule::DeletionPublished, message);
                }
            }
            _ => {}
        }
    }
}
