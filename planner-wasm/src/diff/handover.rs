//! The tags of load balancers that are handed over, or that stay when nobody needs them.
//!
//! A load balancer is ours if it carries our tags: of several resources it is the last that gets them, and the first that loses
//! them.

use albatross_contract::{
    Action, AddTags, LoadBalancer, Operation, RemoveTags, ResourceReference, TAG_APPLICATION, Tag,
    TargetGroup,
};

use super::actions::{Actions, Draft};
use crate::{
    handover::{Adopted, Forgotten, Handover},
    identity::tag_value,
    observed::Owned,
};

/// Every tag key of ours begins with this.
const TAG_PREFIX: &str = "albatross/";

/// The actions that hand load balancers over.
pub fn hand_over(handover: &Handover<'_>) -> Vec<Action> {
    let mut actions = Actions::default();
    handover.adopted.iter().for_each(|adopted| adopt(adopted, &mut actions));
    handover.forgotten.iter().for_each(|forgotten| forget(forgotten, &mut actions));
    actions.into_list()
}

fn adopt(adopted: &Adopted<'_>, actions: &mut Actions) {
    let Adopted { id, load_balancer, target_groups, ownership, terms } = adopted;
    let mut after = Vec::new();
    for group in target_groups {
        let end = format!("target-group/{}/adopt", group.name);
        let step = Step {
            id,
            end,
            arn: &group.arn,
            there: &group.tags,
            reason: "its load balancer is adopted",
            after: &[],
        };
        after.extend(step.add(ownership, actions));
    }
    let wanted: Vec<Tag> = ownership.iter().chain(terms).cloned().collect();
    let LoadBalancer { arn, tags, .. } = load_balancer;
    let (end, reason) = ("load-balancer/adopt".to_owned(), "a person named it to be adopted");
    Step { id, end, arn, there: tags, reason, after: &after }.add(&wanted, actions);
}

fn forget(forgotten: &Forgotten<'_>, actions: &mut Actions) {
    let Forgotten { id, load_balancer, target_groups, controller } = forgotten;
    let reasons = ["a person named it to be forgotten", "its load balancer is forgotten"];
    leave(&Left { id, load_balancer, target_groups, controller }, reasons, actions);
}

/// Leaves a load balancer that nobody needs, and that its last member retained. `ownership`: the tags of its owner.
pub fn release(owned: &Owned<'_>, ownership: &[Tag], actions: &mut Actions) {
    let Some(load_balancer) = owned.load_balancer else { return };
    let controller = tag_value(ownership, TAG_APPLICATION).unwrap_or_default();
    let left = Left { id: owned.id, load_balancer, target_groups: &owned.target_groups, controller };
    let reasons = ["no Ingress needs it, and the last one retained it", "its load balancer is released"];
    leave(&left, reasons, actions);
}

/// A load balancer that is ours no longer.
struct Left<'a> {
    id: &'a str,
    load_balancer: &'a LoadBalancer,
    target_groups: &'a [&'a TargetGroup],
    controller: &'a str,
}

/// Removes our tags from a load balancer, and then from its target groups; `reasons` are those of both.
fn leave(left: &Left<'_>, reasons: [&'static str; 2], actions: &mut Actions) {
    let Left { id, load_balancer, target_groups, controller } = *left;
    let LoadBalancer { arn, tags, .. } = load_balancer;
    let [reason, of_group] = reasons;
    let end = "load-balancer/forget".to_owned();
    let first = Step { id, end, arn, there: tags, reason, after: &[] }.remove(controller, actions);
    let after: Vec<String> = first.into_iter().collect();
    for group in target_groups {
        let end = format!("target-group/{}/forget", group.name);
        Step { id, end, arn: &group.arn, there: &group.tags, reason: of_group, after: &after }
            .remove(controller, actions);
    }
}

/// A change of the tags of one resource.
struct Step<'a> {
    /// Our id of its load balancer.
    id: &'a str,
    /// The end of the id of the action.
    end: String,
    arn: &'a str,
    /// Its present tags.
    there: &'a [Tag],
    reason: &'static str,
    /// Ids of the actions that come before.
    after: &'a [String],
}

impl Step<'_> {
    /// Adds the tags that are missing. Returns the id of the action, if there is one.
    fn add(self, wanted: &[Tag], actions: &mut Actions) -> Option<String> {
        let lacks = |tag: &&Tag| tag_value(self.there, &tag.key) != Some(&tag.value);
        let mut tags: Vec<Tag> = wanted.iter().filter(lacks).cloned().collect();
        tags.sort();
        let resource = ResourceReference::Existing(self.arn.to_owned());
        (!tags.is_empty()).then(|| self.push(Operation::AddTags(AddTags { resource, tags }), actions))
    }

    /// Removes our tags. The tag with the controller id goes with the others, and alone it is not ours.
    fn remove(self, controller: &str, actions: &mut Actions) -> Option<String> {
        let is_of_controller = |tag: &&Tag| tag.key == TAG_APPLICATION && tag.value == controller;
        let ours = self.there.iter().filter(|tag| tag.key.starts_with(TAG_PREFIX));
        let mut keys: Vec<String> = ours.map(|tag| tag.key.clone()).collect();
        if keys.is_empty() {
            return None;
        }
        keys.extend(self.there.iter().find(is_of_controller).map(|tag| tag.key.clone()));
        keys.sort();
        let resource = ResourceReference::Existing(self.arn.to_owned());
        Some(self.push(Operation::RemoveTags(RemoveTags { resource, keys }), actions))
    }

    fn push(self, operation: Operation, actions: &mut Actions) -> String {
        let draft = Draft::new(self.end, self.reason, operation);
        actions.push(self.id, draft.after(self.after.iter().cloned()))
    }
}
