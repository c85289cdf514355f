//! Tags of ours: whose a resource is, what it is for, and since when it is unneeded. Other tags stay.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{
    AddTags, Operation, RemoveTags, ResourceReference, TAG_GROUP, TAG_INGRESS, TAG_UNNEEDED,
    TAG_UNNEEDED_CERTIFICATE, Tag,
};

use super::{
    actions::{Actions, Draft},
    listeners::Certificates,
    load_balancers::purpose_tags,
};
use crate::{
    grouping::Slot,
    identity::{ownership_tags, tag, tag_value},
    lifecycle::{Fate, certificate_mark},
    observed::{Concern, Observed},
};

/// Sees to the tags of a load balancer and its target groups.
pub fn maintain(
    slot: &Slot<'_>,
    fate: &Fate<'_>,
    certificates: &Certificates,
    observed: &Observed<'_>,
    actions: &mut Actions,
) {
    let Some(owned) = slot.owned else { return };
    let ownership = ownership_tags(&observed.settings.identity, &slot.id);
    if let Some(load_balancer) = owned.load_balancer {
        let mut wanted = ownership.clone();
        wanted.extend(purpose_tags(slot));
        wanted.extend(fate.unneeded_since.map(|since| tag(TAG_UNNEEDED, &since.to_string())));
        let mut after_removal = BTreeSet::new();
        for (arn, since) in &fate.unneeded {
            match certificates.removal(arn) {
                Some(removal) => {
                    after_removal.insert(removal.clone());
                }
                None => wanted.push(tag(&certificate_mark(arn), &since.to_string())),
            }
        }
        for arn in &fate.kept {
            let since = owned.certificate_unneeded_since(arn);
            wanted.extend(since.map(|since| tag(&certificate_mark(arn), &since.to_string())));
        }
        // Where it is not known which certificates are there, or who else needs them, the marks of others stay.
        let knows_certificates = observed.completeness.allows(Concern::RemoveCertificate);
        let is_needed = |mark: &str| slot.needed.keys().any(|arn| certificate_mark(arn) == mark);
        let managed = |key: &str| {
            [TAG_INGRESS, TAG_GROUP, TAG_UNNEEDED].contains(&key)
                || (key.starts_with(TAG_UNNEEDED_CERTIFICATE) && (knows_certificates || is_needed(key)))
        };
        let change = Change {
            what: "load-balancer",
            unneeded: "a load balancer that nobody needs",
            arn: &load_balancer.arn,
            wanted,
            after_removal,
        };
        change.push(&slot.id, &load_balancer.tags, managed, actions);
    }
    for group in &owned.target_groups {
        let what = format!("target-group/{}", group.name);
        let change = Change {
            what: &what,
            unneeded: "a target group that nobody uses",
            arn: &group.arn,
            wanted: ownership.clone(),
            after_removal: BTreeSet::new(),
        };
        // The mark on a target group that its load balancer no longer uses is seen to elsewhere.
        let needless = |key: &str| {
            key == TAG_UNNEEDED && super::fitting(owned, observed).is_some_and(|fits| fits.arn == group.arn)
        };
        change.push(&slot.id, &group.tags, needless, actions);
    }
}

/// Marks what is left of a load balancer that nobody completes.
pub fn mark_leftover(id: &str, fate: &Fate<'_>, observed: &Observed<'_>, actions: &mut Actions) {
    let (Some(owned), Some(since)) = (observed.owned.get(id), fate.unneeded_since) else { return };
    if !observed.completeness.allows(Concern::Remove) {
        return;
    }
    for group in &owned.target_groups {
        mark_target_group(id, &group.arn, &group.name, &group.tags, since, actions);
    }
}

/// Marks a target group as unneeded, unless it is marked.
pub fn mark_target_group(id: &str, arn: &str, name: &str, tags: &[Tag], since: u64, actions: &mut Actions) {
    if tag_value(tags, TAG_UNNEEDED).and_then(|value| value.parse::<u64>().ok()).is_some() {
        return;
    }
    let operation = Operation::AddTags(AddTags {
        resource: ResourceReference::Existing(arn.to_owned()),
        tags: vec![tag(TAG_UNNEEDED, &since.to_string())],
    });
    let reason = "nobody uses it; it is removed when its grace is over";
    actions.push(id, Draft::new(format!("target-group/{name}/mark"), reason, operation));
}

/// The tags of one resource, as they should be.
struct Change<'a> {
    what: &'a str,
    /// What the mark of the unneeded says, in words.
    unneeded: &'a str,
    arn: &'a str,
    wanted: Vec<Tag>,
    after_removal: BTreeSet<String>,
}

impl Change<'_> {
    fn push(self, id: &str, there: &[Tag], managed: impl Fn(&str) -> bool, actions: &mut Actions) {
        let wanted: BTreeMap<&str, &str> =
            self.wanted.iter().map(|tag| (tag.key.as_str(), tag.value.as_str())).collect();
        let adds: Vec<Tag> = wanted
            .iter()
            .filter(|(key, value)| tag_value(there, key) != Some(**value))
            .map(|(key, value)| tag(key, value))
            .collect();
        let mut removes: Vec<String> = there
            .iter()
            .map(|tag| &tag.key)
            .filter(|key| managed(key) && !wanted.contains_key(key.as_str()))
            .cloned()
            .collect();
        removes.sort();
        let resource = ResourceReference::Existing(self.arn.to_owned());
        if !adds.is_empty() {
            let reason = self.reason(adds.iter().map(|tag| tag.key.as_str()), "marks");
            let operation = Operation::AddTags(AddTags { resource: resource.clone(), tags: adds });
            actions.push(id, Draft::new(format!("{}/tags/add", self.what), reason, operation));
        }
        if !removes.is_empty() {
            let reason = self.reason(removes.iter().map(String::as_str), "removes the marks of");
            let operation = Operation::RemoveTags(RemoveTags { resource, keys: removes });
            let draft = Draft::new(format!("{}/tags/remove", self.what), reason, operation);
            actions.push(id, draft.after(self.after_removal));
        }
    }

    /// What tags are about, in words.
    fn reason<'b>(&self, keys: impl Iterator<Item = &'b str>, verb: &str) -> String {
        let mut subjects = BTreeSet::new();
        for key in keys {
            subjects.insert(match key {
                TAG_UNNEEDED => self.unneeded,
                TAG_INGRESS => "the Ingress that has it alone",
                TAG_GROUP => "the group of its members",
                _ if key.starts_with(TAG_UNNEEDED_CERTIFICATE) => "certificates that nobody needs",
                _ => "its owner",
            });
        }
        format!("{verb} {}", subjects.into_iter().collect::<Vec<_>>().join(" and "))
    }
}
