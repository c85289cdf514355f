//! Forwarding: requests move to another target group only when that target group can answer them.
//!
//! AWS does not check the targets of a target group that no listener uses, so a new target group joins the forward action
//! with weight 0 until it is healthy. Design: decisions, target groups.

use std::collections::BTreeSet;

use albatross_contract::{ListenerAction, Operation, ResourceReference, TargetHealth};

use crate::{
    facts::{Facts, operations::forwards, targets::is_running, view::View},
    violation::{Findings, Rule},
};

pub(crate) fn check(facts: &Facts<'_>, found: &mut Findings) {
    let view = &facts.view;
    for (index, action) in facts.actions.iter() {
        let (before, after) = match &action.operation {
            Operation::ModifyListener(change) => {
                let Some(place) = view.listener(&change.listener) else { continue };
                (&place.listener.default_actions, &change.default_actions)
            }
            Operation::ModifyRule(change) => {
                let Some(found) = view.rule(&change.rule) else { continue };
                (&found.rule.actions, &change.actions)
            }
            _ => continue,
        };
        if let Some(group) = unready(view, before, after) {
            let group = match group {
                ResourceReference::Existing(arn) => arn.clone(),
                ResourceReference::CreatedBy(id) => format!("that the action {id} creates"),
            };
            found.action(
                index,
                action,
                Rule::Forwarding,
                format!("it sends requests to the target group {group}, which has no healthy target, instead of to running targets"),
            );
        }
    }
}

/// A target group without a healthy target that would get requests which other target groups answer now.
fn unready<'a>(
    view: &View<'_>,
    before: &[ListenerAction],
    after: &'a [ListenerAction],
) -> Option<&'a ResourceReference> {
    let served: BTreeSet<&ResourceReference> =
        forwards(before).filter(|(_, requests)| *requests).map(|(group, _)| group).collect();
    let has = |group: &ResourceReference, wanted: fn(TargetHealth) -> bool| {
        view.target_group(group).is_some_and(|found| found.targets.iter().any(|target| wanted(target.health)))
    };
    let ours = |group: &ResourceReference| {
        view.target_group(group).is_some_and(|found| view.ownership.owns(&found.tags))
    };
    if !served.iter().any(|group| ours(group) && has(group, is_running)) {
        return None; // no target group of ours serves requests now, so no request can be lost
    }
    forwards(after)
        .filter(|(group, requests)| *requests && !served.contains(group))
        .map(|(group, _)| group)
        .find(|group| !has(group, |health| health == TargetHealth::Healthy))
}
