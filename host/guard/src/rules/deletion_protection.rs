//! Deletion protection: we turn off only what we turned on, and a tag says what we turned on as long as the protection lasts.
//!
//! Design: safety, budgets and deletion.

use albatross_contract::{
    AddTags, AttributeChange, Operation, RemoveTags, ResourceReference, TAG_DELETION_PROTECTION,
};

use crate::{
    facts::{
        Facts,
        load_balancers::{
            DELETION_PROTECTION, has_deletion_protection, has_own_protection, is_protected,
            is_protected_by_others,
        },
        operations::created,
        tags::tag,
        transfers::{Transfer, transfer},
    },
    violation::{Findings, Rule},
};

pub(crate) fn check(facts: &Facts<'_>, found: &mut Findings) {
    for (index, action) in facts.actions.iter() {
        let verdict = match &action.operation {
            Operation::ModifyLoadBalancerAttributes(change) => may_switch(facts, index, change),
            Operation::AddTags(change) => may_mark(facts, change),
            // Whoever owns it next also owns the protection. The rules for handing over judge such an action.
            Operation::RemoveTags(_) if transfer(&facts.view, action) == Some(Transfer::Forgets) => continue,
            Operation::RemoveTags(change) => may_unmark(facts, index, change),
            Operation::DeleteLoadBalancer(reference) => may_delete(facts, index, reference),
            _ => continue,
        };
        if let Err(message) = verdict {
            found.action(index, action, Rule::DeletionProtected, message);
        }
    }
}

fn may_switch(facts: &Facts<'_>, index: usize, change: &AttributeChange) -> Result<(), String> {
    let Some(value) = tag(&change.attributes, DELETION_PROTECTION) else { return Ok(()) };
    let observed = facts.view.load_balancer(&change.resource);
    match (value == "true", observed) {
        (false, Some(found)) if is_protected_by_others(found) => Err(format!(
            "it turns off the deletion protection of {}, which somebody else turned on",
            found.name
        )),
        // An annotation may ask for it: then it counts as that of the person who wrote the annotation.
        (true, _) if !facts.view.snapshot.settings.deletion_protection.unwrap_or_default() => Ok(()),
        (true, found) if found.is_none_or(|found| !has_own_protection(found)) => {
            let marks = facts.actions.iter().any(|(before, action)| {
                facts.actions.depends(index, before) && marks(&action.operation, &action.id, &change.resource)
            });
            let message =
                "it turns on deletion protection, and no tag says before that the controller did it";
            marks.then_some(()).ok_or_else(|| message.to_owned())
        }
        _ => Ok(()),
    }
}

/// Whether an operation, that of the action with this id, sets our tag on a load balancer.
fn marks(operation: &Operation, id: &str, load_balancer: &ResourceReference) -> bool {
    let has_tag = |tags| tag(tags, TAG_DELETION_PROTECTION).is_some();
    match (operation, load_balancer) {
        (Operation::AddTags(change), _) => change.resource == *load_balancer && has_tag(&change.tags),
        (_, ResourceReference::CreatedBy(maker)) => {
            maker == id && created(operation).is_some_and(|(_, tags)| has_tag(tags))
        }
        _ => false,
    }
}

fn may_mark(facts: &Facts<'_>, change: &AddTags) -> Result<(), String> {
    let is_mark = tag(&change.tags, TAG_DELETION_PROTECTION).is_some();
    match facts.view.load_balancer(&change.resource).filter(|found| is_mark && is_protected_by_others(found))
    {
        Some(found) => Err(format!(
            "it records that the controller protects {}, which somebody else protects",
            found.name
        )),
        None => Ok(()),
    }
}

fn may_unmark(facts: &Facts<'_>, index: usize, change: &RemoveTags) -> Result<(), String> {
    let is_mark = change.keys.iter().any(|key| key == TAG_DELETION_PROTECTION);
    let protected = facts.view.load_balancer(&change.resource).filter(|found| has_deletion_protection(found));
    match protected.filter(|_| is_mark && !is_turned_off_before(facts, index, &change.resource)) {
        Some(found) => {
            Err(format!("it removes the tag that says who protects {}, which stays protected", found.name))
        }
        None => Ok(()),
    }
}

fn may_delete(facts: &Facts<'_>, index: usize, reference: &ResourceReference) -> Result<(), String> {
    match facts.view.load_balancer(reference) {
        Some(found) if is_protected(found) => {
            Err(format!("{} has deletion protection, which the settings did not turn on", found.name))
        }
        Some(found) if has_deletion_protection(found) && !is_turned_off_before(facts, index, reference) => {
            Err(format!("no action before it turns off our deletion protection of {}", found.name))
        }
        _ => Ok(()),
    }
}

/// Whether an action that must have succeeded before turns off the deletion protection of a load balancer.
fn is_turned_off_before(facts: &Facts<'_>, index: usize, load_balancer: &ResourceReference) -> bool {
    facts.actions.iter().any(|(before, action)| match &action.operation {
        Operation::ModifyLoadBalancerAttributes(change) => {
            change.resource == *load_balancer
                && tag(&change.attributes, DELETION_PROTECTION) == Some("false")
                && facts.actions.depends(index, before)
        }
        _ => false,
    })
}
