//! Ownership tags: creates set them, nothing changes or removes them, and tags of others are never removed.
//!
//! Design: safety, ownership.

use albatross_contract::{Action, Operation, ResourceReference, TAG_CLUSTER_UID, TAG_ID, Tag};

use crate::{
    facts::{
        Facts,
        operations::created,
        tags::tag,
        transfers::{Transfer, transfer},
        view::View,
    },
    violation::{Findings, Rule},
};

/// Every tag key of ours begins with this.
const TAG_PREFIX: &str = "albatross/";

pub(crate) fn check(facts: &Facts<'_>, found: &mut Findings) {
    for (index, action) in facts.actions.iter() {
        if let Err(message) = tags_are_kept(facts, action) {
            found.action(index, action, Rule::OwnershipTags, message);
        }
    }
}

fn tags_are_kept(facts: &Facts<'_>, action: &Action) -> Result<(), String> {
    let ownership = &facts.view.ownership;
    if let Some((kind, tags)) = created(&action.operation) {
        for (key, value) in ownership.required().into_iter().chain([(TAG_ID, action.load_balancer.as_str())])
        {
            if value.is_empty() || tag(tags, key) != Some(value) {
                return Err(format!(
                    "it creates a {} without setting the tag {key}={value} in the same call",
                    kind.words()
                ));
            }
        }
    }
    match &action.operation {
        Operation::AddTags(change) => {
            let observed = tags_of(&facts.view, &change.resource).and_then(|tags| tag(tags, TAG_ID));
            let id = observed.unwrap_or(&action.load_balancer);
            let wrong = change.tags.iter().find(|tag| {
                let mut fixed = ownership.required().into_iter().chain([(TAG_ID, id)]);
                fixed.any(|(key, value)| tag.key == key && tag.value != value)
            });
            wrong.map_or(Ok(()), |tag| {
                Err(format!("it changes the ownership tag {} to {}", tag.key, tag.value))
            })
        }
        // The rule for handing over judges it.
        Operation::RemoveTags(_) if transfer(&facts.view, action) == Some(Transfer::Forgets) => Ok(()),
        Operation::RemoveTags(change) => {
            let wrong = change.keys.iter().find(|key| {
                !key.starts_with(TAG_PREFIX) || key.as_str() == TAG_ID || key.as_str() == TAG_CLUSTER_UID
            });
            wrong.map_or(Ok(()), |key| {
                Err(format!("it removes the tag {key}, which is an ownership tag or not ours"))
            })
        }
        _ => Ok(()),
    }
}

fn tags_of<'a>(view: &View<'a>, reference: &ResourceReference) -> Option<&'a [Tag]> {
    let tags = view
        .load_balancer(reference)
        .map(|found| &found.tags)
        .or_else(|| view.listener(reference).map(|found| &found.listener.tags))
        .or_else(|| view.rule(reference).map(|found| &found.rule.tags))
        .or_else(|| view.target_group(reference).map(|found| &found.tags))
        .or_else(|| view.security_group(reference).map(|found| &found.tags));
    tags.map(Vec::as_slice)
}
