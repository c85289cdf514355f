//! Removal, in the order that AWS needs: the load balancer with its listeners, then its target groups and security groups.

use albatross_contract::{AutoScalingAttachment, Disruption, Operation, ResourceReference, TargetGroup};

use super::{
    There,
    actions::{Actions, Draft},
    deletion_protection, security_groups, tags,
};
use crate::{lifecycle::Retirement, observed::Owned, wanted::LoadBalancer, words};

/// Removes a load balancer, or what is left of one.
pub fn remove(owned: &Owned<'_>, there: &There<'_>, actions: &mut Actions) {
    let since = owned.unneeded_since().unwrap_or(there.time);
    let reason =
        format!("no Ingress has needed it for {}", words::duration(there.time.saturating_sub(since)));
    let deleted = owned.load_balancer.map(|found| {
        let released = deletion_protection::release(owned.id, found, actions);
        let operation = Operation::DeleteLoadBalancer(ResourceReference::Existing(found.arn.clone()));
        let draft = Draft::new("load-balancer/delete", reason.clone(), operation);
        actions.push(owned.id, draft.disrupting(Disruption::Removal).after(released))
    });
    for group in owned.target_groups.iter().filter(|group| owned.user_elsewhere(group).is_none()) {
        remove_target_group(owned.id, group, deleted.as_ref(), &reason, there, actions);
    }
    for group in &owned.free_security_groups {
        security_groups::delete(owned.id, group, "its load balancer is gone", deleted.clone(), actions);
    }
}

fn remove_target_group(
    id: &str,
    group: &TargetGroup,
    after: Option<&String>,
    reason: &str,
    there: &There<'_>,
    actions: &mut Actions,
) {
    let target_group = ResourceReference::Existing(group.arn.clone());
    let mut before: Vec<String> = after.into_iter().cloned().collect();
    let attached = there.attachments.of(group).iter();
    let detached: Vec<String> = attached
        .map(|found| {
            let operation = Operation::DetachTargetGroup(AutoScalingAttachment {
                auto_scaling_group: found.name.clone(),
                target_group: target_group.clone(),
            });
            let draft = Draft::new(
                format!("target-group/{}/auto-scaling-group/{}/detach", group.name, found.name),
                "its target group is deleted",
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

/// Target groups that a load balancer no longer uses: they are marked, and removed a grace period later.
pub fn retire(wanted: &LoadBalancer<'_>, there: &There<'_>, actions: &mut Actions) {
    for (group, retirement) in &wanted.retired {
        match retirement {
            Retirement::Over { since } => {
                let unused = words::duration(there.time.saturating_sub(*since));
                let reason = format!("no listener has used it for {unused}");
                remove_target_group(&wanted.id, group, None, &reason, there, actions);
            }
            Retirement::Marked { .. } => tags::mark_target_group(&wanted.id, group, there.time, actions),
        }
    }
}

#[cfg(test)]
mod tests;
