//! Load balancers that are adopted or forgotten: what that changes, and what the controller does afterwards.

use albatross_contract::{
    Action, Inventory, LoadBalancer, Operation, Plan, ResourceReference, Snapshot, Tag,
};

use crate::{
    error::Error,
    pass::{Makers, Pass},
};

/// Whether load balancers become ours or are ours no longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// They become ours.
    Adopt,
    /// They are ours no longer.
    Forget,
}

/// What a person sees before load balancers are handed over.
pub struct Preview {
    /// Whether they become ours.
    pub direction: Direction,
    /// The pass that hands them over. Its plan has no action if there is nothing to do.
    pub now: Pass,
    /// The next pass, when the tags have changed.
    pub then: Pass,
}

impl Preview {
    /// Plans for a snapshot whose allowances name the load balancers.
    ///
    /// # Errors
    /// No plan can be made, or the guard refuses it.
    pub fn new(direction: Direction, snapshot: Snapshot, makers: &Makers) -> Result<Preview, Error> {
        let now = makers.pass(snapshot)?;
        let mut snapshot = now.snapshot.clone();
        snapshot.settings.allowances.adopt = None;
        snapshot.settings.allowances.forget = None;
        if is_handed_over(&now) {
            set_tags(&mut snapshot.inventory, &now.plan);
        }
        let then = makers.pass(snapshot)?;
        Ok(Preview { direction, now, then })
    }

    /// The load balancers that change their owner, as they are now.
    pub fn load_balancers(&self) -> Vec<&LoadBalancer> {
        let is_tagged = |found: &&LoadBalancer| {
            is_handed_over(&self.now)
                && self.now.plan.actions.iter().any(|action| tagged(&action.operation) == Some(&found.arn))
        };
        self.now.snapshot.inventory.load_balancers.iter().filter(is_tagged).collect()
    }
}

/// Whether the plan of a pass hands over a load balancer that the allowances name: then it does nothing else. An ordinary plan
/// may remove the tags of a load balancer too, one that an Ingress retained.
pub fn is_handed_over(pass: &Pass) -> bool {
    let (actions, allowances) = (&pass.plan.actions, &pass.snapshot.settings.allowances);
    let only_tags = actions.iter().all(|action| tagged(&action.operation).is_some());
    let hands_over = |action: &Action| {
        let names = match action.id.rsplit('/').next() {
            Some("adopt") => &allowances.adopt,
            Some("forget") => &allowances.forget,
            _ => &None,
        };
        let of_named = tagged(&action.operation).zip(names.as_ref());
        of_named.is_some_and(|(arn, names)| is_of_any(arn, names, &pass.snapshot.inventory))
    };
    only_tags && actions.iter().any(hands_over)
}

/// Whether a resource is a load balancer with one of these names, or a target group that such a load balancer uses.
fn is_of_any(arn: &String, names: &[String], inventory: &Inventory) -> bool {
    let group = inventory.target_groups.iter().find(|group| group.arn == *arn);
    let mut named =
        inventory.load_balancers.iter().filter(|found| names.iter().any(|name| found.is_named(name)));
    named.any(|found| {
        found.arn == *arn || group.is_some_and(|group| group.load_balancer_arns.contains(&found.arn))
    })
}

/// The ARN of the resource whose tags an operation changes.
fn tagged(operation: &Operation) -> Option<&String> {
    match operation {
        Operation::AddTags(change) => existing(&change.resource),
        Operation::RemoveTags(change) => existing(&change.resource),
        _ => None,
    }
}

fn existing(reference: &ResourceReference) -> Option<&String> {
    match reference {
        ResourceReference::Existing(arn) => Some(arn),
        ResourceReference::CreatedBy(_) => None,
    }
}

/// Changes the tags of an inventory as a plan does.
fn set_tags(inventory: &mut Inventory, plan: &Plan) {
    for action in &plan.actions {
        let Some(arn) = tagged(&action.operation) else { continue };
        let load_balancers = inventory.load_balancers.iter_mut().map(|found| (&found.arn, &mut found.tags));
        let target_groups = inventory.target_groups.iter_mut().map(|found| (&found.arn, &mut found.tags));
        let Some((_, tags)) = load_balancers.chain(target_groups).find(|(of, _)| *of == arn) else {
            continue;
        };
        match &action.operation {
            Operation::AddTags(change) => {
                let is_replaced = |tag: &Tag| change.tags.iter().any(|added| added.key == tag.key);
                tags.retain(|tag| !is_replaced(tag));
                tags.extend(change.tags.iter().cloned());
            }
            Operation::RemoveTags(change) => tags.retain(|tag| !change.keys.contains(&tag.key)),
            _ => {}
        }
    }
}
