//! Deletion protection: a tag says that we turned it on. The tag is there as long as the protection may be: otherwise, after a
//! crash, our own protection would count as that of somebody else, and keep the load balancer for ever.

use albatross_contract::{
    AddTags, AttributeChange, LoadBalancer as Found, Operation, PROTECTED_FOR_INGRESS, RemoveTags,
    ResourceReference, TAG_DELETION_PROTECTION,
};

use super::actions::{Actions, Draft};
use crate::{
    attributes::DELETION_PROTECTION,
    identity::{tag, tag_value},
    observed::has_deletion_protection,
    wanted::{DeletionProtection, LoadBalancer},
};

/// Turns on the deletion protection of a load balancer that the action `made` creates, with a tag of ours with the value `mark`.
pub fn protect_new(id: &str, mark: &str, made: String, actions: &mut Actions) {
    let turn_on = switch(ResourceReference::CreatedBy(made.clone()), true, asks(mark));
    actions.push(id, turn_on.after([made]));
}

/// Compares the deletion protection of a load balancer with the wanted one.
pub fn compare(wanted: &LoadBalancer<'_>, there: &Found, actions: &mut Actions) {
    let reference = || ResourceReference::Existing(there.arn.clone());
    let marked = tag_value(&there.tags, TAG_DELETION_PROTECTION);
    let is_on = has_deletion_protection(there);
    match wanted.deletion_protection {
        Some(DeletionProtection::On(mark)) => {
            let marked = (marked != Some(mark)).then(|| {
                let tags = vec![tag(TAG_DELETION_PROTECTION, mark)];
                let operation = Operation::AddTags(AddTags { resource: reference(), tags });
                let reason = "the tag records that the controller turns deletion protection on";
                actions
                    .push(&wanted.id, Draft::new("load-balancer/deletion-protection/mark", reason, operation))
            });
            if !is_on {
                let turn_on = switch(reference(), true, asks(mark));
                actions.push(&wanted.id, turn_on.after(marked));
            }
        }
        Some(DeletionProtection::Off) => {
            let off = is_on.then(|| {
                let reason = match marked {
                    Some(PROTECTED_FOR_INGRESS) => "an annotation turns it off",
                    _ => "nobody asks for it any more",
                };
                let turn_off = switch(reference(), false, reason);
                actions.push(&wanted.id, turn_off)
            });
            let keys = vec![TAG_DELETION_PROTECTION.to_owned()];
            let operation = Operation::RemoveTags(RemoveTags { resource: reference(), keys });
            let reason = "the controller has turned deletion protection off";
            let unmark = Draft::new("load-balancer/deletion-protection/unmark", reason, operation);
            actions.push(&wanted.id, unmark.after(off));
        }
        None => {}
    }
}

/// Turns off our deletion protection of a load balancer that is deleted, and returns the id of the action.
pub fn release(id: &str, there: &Found, actions: &mut Actions) -> Option<String> {
    let is_ours = tag_value(&there.tags, TAG_DELETION_PROTECTION).is_some();
    is_ours.then(|| {
        let reference = ResourceReference::Existing(there.arn.clone());
        actions.push(id, switch(reference, false, "the load balancer is deleted"))
    })
}

fn asks(mark: &str) -> &'static str {
    match mark {
        PROTECTED_FOR_INGRESS => "an annotation asks for it",
        _ => "the settings ask for it",
    }
}

fn switch(resource: ResourceReference, on: bool, reason: &str) -> Draft {
    let value = if on { "true" } else { "false" };
    let attributes = vec![tag(DELETION_PROTECTION, value)];
    let operation = Operation::ModifyLoadBalancerAttributes(AttributeChange { resource, attributes });
    Draft::new("load-balancer/deletion-protection", reason, operation)
}

#[cfg(test)]
mod tests;
