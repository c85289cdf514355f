//! Removal, in the order that AWS needs: the load balancer with its listeners, then its target groups.

use std::collections::BTreeSet;

use albatross_contract::{
    AutoScalingAttachment, Disruption, ListenerAction, Operation, ResourceReference, TAG_UNNEEDED,
    TargetGroup,
};

use super::{
    Context, Forwarding,
    actions::{Actions, Draft},
    tags,
};
use crate::{
    grouping::Slot,
    identity::tag_value,
    observed::{Concern, Observed},
    words,
};

/// Removes a load balancer, or what is left of one.
pub fn remove(id: &str, observed: &Observed<'_>, actions: &mut Actions) {
    let Some(owned) = observed.owned.get(id) else { return };
    let since = owned.unneeded_since().unwrap_or(observed.time);
    let reason = format!("nobody has needed it for {}", words::duration(observed.time.saturating_sub(since)));
    let deleted = owned.load_balancer.map(|found| {
        let operation = Operation::DeleteLoadBalancer(ResourceReference::Existing(found.arn.clone()));
        let draft = Draft::new("load-balancer/delete", reason.clone(), operation);
        actions.push(id, draft.disrupting(Disruption::Removal))
    });
    for group in owned.target_groups.iter().filter(|group| owned.user_elsewhere(group).is_none()) {
        remove_target_group(id, group, deleted.as_ref(), &reason, observed, actions);
    }
}

fn remove_target_group(
    id: &str,
    group: &TargetGroup,
    after: Option<&String>,
    reason: &str,
    observed: &Observed<'_>,
    actions: &mut Actions,
) {
    let target_group = ResourceReference::Existing(group.arn.clone());
    let mut before: Vec<String> = after.into_iter().cloned().collect();
    let attached =
        observed.auto_scaling_groups.values().filter(|found| found.target_groups.contains(&group.arn));
    let detached: Vec<String> = attached
        .map(|found| {
            let operation = Operation::DetachTargetGroup(AutoScalingAttachment {
                auto_scaling_group: found.name.clone(),
                target_group: target_group.clone(),
            });
            let draft = Draft::new(
                format!("target-group/{}/auto-scaling-group/{}/detach", group.name, found.name),
                "its target group goes",
                operation,
            );
            actions.push(id, draft.after(before.clone()))
        })
        .collect();
    before.extend(detached);
    let operation = Operation::DeleteTargetGroup(target_group);
    let draft = Draft::new(format!("target-group/{}/delete", group.name), reason, operation);
    actions.push(id, draft.after(before));
}

/// Target groups of a load balancer that stays but uses others now: marked, and removed one grace later. Answers when
/// the next grace ends.
pub fn retire_target_groups(
    slot: &Slot<'_>,
    forwarding: &Forwarding,
    context: &Context<'_, '_>,
    actions: &mut Actions,
) -> Option<u64> {
    let observed = context.observed;
    let (Some(owned), true) = (slot.owned, observed.completeness.allows(Concern::Remove)) else {
        return None;
    };
    let wanted: BTreeSet<&str> =
        forwarding.groups.iter().filter_map(|group| arn(&group.target_group)).collect();
    let in_use: BTreeSet<&str> = owned
        .load_balancer
        .into_iter()
        .flat_map(|found| &found.listeners)
        .flat_map(|listener| {
            listener.default_actions.iter().chain(listener.rules.iter().flat_map(|rule| &rule.actions))
        })
        .filter_map(|action| match action {
            ListenerAction::Forward(forward) => Some(&forward.target_groups),
            _ => None,
        })
        .flatten()
        .filter_map(|group| arn(&group.target_group))
        .collect();
    let current = forwarding.current.as_ref().and_then(arn);
    let mut next = None;
    for group in &owned.target_groups {
        let arn = group.arn.as_str();
        if wanted.contains(arn)
            || in_use.contains(arn)
            || current == Some(arn)
            || owned.user_elsewhere(group).is_some()
        {
            continue;
        }
        let since = tag_value(&group.tags, TAG_UNNEEDED).and_then(|value| value.parse::<u64>().ok());
        match since {
            Some(since) if since.saturating_add(observed.settings.grace) <= observed.time => {
                let reason = format!(
                    "no listener has used it for {}",
                    words::duration(observed.time.saturating_sub(since))
                );
                remove_target_group(&slot.id, group, None, &reason, observed, actions);
            }
            _ => {
                tags::mark_target_group(&slot.id, arn, &group.name, &group.tags, observed.time, actions);
                let end = since.unwrap_or(observed.time).saturating_add(observed.settings.grace);
                next = Some(next.map_or(end, |next: u64| next.min(end)));
            }
        }
    }
    next
}

fn arn(reference: &ResourceReference) -> Option<&str> {
    match reference {
        ResourceReference::Existing(arn) => Some(arn),
        ResourceReference::CreatedBy(_) => None,
    }
}
