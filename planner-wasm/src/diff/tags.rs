//! Our tags: who owns a resource, what it is for, and since when it is unneeded. Other tags stay.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{
    AddTags, Operation, RemoveTags, ResourceReference, TAG_GROUP, TAG_INGRESS, TAG_SERVICE, TAG_UNNEEDED,
    TAG_UNNEEDED_CERTIFICATE, Tag, TargetGroup,
};

use super::{
    actions::{Actions, Draft},
    certificates::Changes,
};
use crate::{
    identity::{is_ours, tag, tag_value},
    observed::target_group_unneeded_since,
    wanted::{Leftover, LoadBalancer, SecurityGroup},
};

/// Compares the tags of a load balancer and its target groups.
pub fn compare(wanted: &LoadBalancer<'_>, changes: &Changes, actions: &mut Actions) {
    let Some(owned) = wanted.owned else { return };
    if let Some(there) = owned.load_balancer {
        let comparison = Comparison {
            what: "load-balancer",
            unneeded: "that no Ingress needs it",
            arn: &there.arn,
            wanted: [&wanted.tags.all, &[]],
            after_removal: changes.actions(&wanted.tags.marks_go_after),
        };
        comparison.push(&wanted.id, &there.tags, |key| wanted.tags.manages(key), actions);
    }
    for group in &owned.target_groups {
        let what = format!("target-group/{}", group.name);
        let described =
            wanted.target_groups.iter().find(|it| it.there.is_some_and(|there| there.arn == group.arn));
        let comparison = Comparison {
            what: &what,
            unneeded: "that no listener uses it",
            arn: &group.arn,
            wanted: [&wanted.ownership, described.map(|it| it.tags.as_slice()).unwrap_or_default()],
            after_removal: BTreeSet::new(),
        };
        // `removal::retire` sets the mark of a target group that is no longer used.
        let is_used = described.is_some_and(|used| used.is_fitting);
        comparison.push(&wanted.id, &group.tags, |key| is_used && key == TAG_UNNEEDED, actions);
    }
    for group in &wanted.firewall.front {
        compare_owner(group, actions);
    }
}

/// Compares the ownership tags of a security group: a person may take over those of another cluster.
pub fn compare_owner(group: &SecurityGroup<'_>, actions: &mut Actions) {
    let Some(there) = group.there else { return };
    let comparison = Comparison {
        what: &format!("security-group/{}", group.name),
        unneeded: "",
        arn: &there.id,
        wanted: [&group.ownership, &[]],
        after_removal: BTreeSet::new(),
    };
    comparison.push(&group.id, &there.tags, |_| false, actions);
}

/// Marks the target groups that are left of a load balancer.
pub fn mark_leftover(left: &Leftover<'_>, actions: &mut Actions) {
    let Some(since) = left.mark else { return };
    for group in &left.owned.target_groups {
        mark_target_group(left.owned.id, group, since, actions);
    }
}

/// Marks a target group as unneeded, unless it is marked already.
pub fn mark_target_group(id: &str, group: &TargetGroup, since: u64, actions: &mut Actions) {
    if target_group_unneeded_since(group).is_some() {
        return;
    }
    let operation = Operation::AddTags(AddTags {
        resource: ResourceReference::Existing(group.arn.clone()),
        tags: vec![tag(TAG_UNNEEDED, &since.to_string())],
    });
    let reason = "no listener uses it; it is deleted when its grace period is over";
    actions.push(id, Draft::new(format!("target-group/{}/mark", group.name), reason, operation));
}

/// The tags of one resource, as they should be.
struct Comparison<'a> {
    what: &'a str,
    /// In words, what the mark as unneeded records.
    unneeded: &'a str,
    arn: &'a str,
    wanted: [&'a [Tag]; 2],
    after_removal: BTreeSet<String>,
}

impl Comparison<'_> {
    fn push(self, id: &str, there: &[Tag], manages: impl Fn(&str) -> bool, actions: &mut Actions) {
        let lacks = |tag: &&Tag| tag_value(there, &tag.key) != Some(&tag.value);
        let wanted = || self.wanted.into_iter().flatten();
        let wants = |key: &str| wanted().any(|tag| tag.key == key);
        let adds: BTreeMap<&str, &str> =
            wanted().filter(lacks).map(|tag| (tag.key.as_str(), tag.value.as_str())).collect();
        let mut removes: Vec<String> =
            there.iter().map(|tag| &tag.key).filter(|key| manages(key) && !wants(key)).cloned().collect();
        removes.sort();
        let resource = ResourceReference::Existing(self.arn.to_owned());
        if !adds.is_empty() {
            let reason = self.reason(adds.keys().copied(), "the tags record");
            let tags = adds.into_iter().map(|(key, value)| tag(key, value)).collect();
            let operation = Operation::AddTags(AddTags { resource: resource.clone(), tags });
            actions.push(id, Draft::new(format!("{}/tags/add", self.what), reason, operation));
        }
        if !removes.is_empty() {
            let reason = self.reason(removes.iter().map(String::as_str), "the tags no longer record");
            let operation = Operation::RemoveTags(RemoveTags { resource, keys: removes });
            let draft = Draft::new(format!("{}/tags/remove", self.what), reason, operation);
            actions.push(id, draft.after(self.after_removal));
        }
    }

    /// In words, what tags record.
    fn reason<'b>(&self, keys: impl Iterator<Item = &'b str>, verb: &str) -> String {
        let mut subjects = BTreeSet::new();
        for key in keys {
            subjects.insert(match key {
                TAG_UNNEEDED => self.unneeded,
                TAG_INGRESS => "which Ingress it serves exclusively",
                TAG_GROUP => "the grouping key of its members",
                TAG_SERVICE => "which Service it serves",
                _ if key.starts_with(TAG_UNNEEDED_CERTIFICATE) => "which certificates no Ingress needs",
                _ if is_ours(key) => "its owner",
                _ => "the tags that annotations or the settings ask for",
            });
        }
        format!("{verb} {}", subjects.into_iter().collect::<Vec<_>>().join(", and "))
    }
}

#[cfg(test)]
mod tests;
