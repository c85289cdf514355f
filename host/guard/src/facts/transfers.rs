//! Which actions change the owner of a resource.

use albatross_contract::{Action, AddTags, Operation, RemoveTags, ResourceReference, TAG_ID, Tag};

use super::view::View;

/// What an action does to the owner of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transfer {
    /// The resource becomes ours.
    Adopts,
    /// The resource is ours no longer.
    Forgets,
}

/// Whether an action makes a load balancer or target group ours, or ours no longer.
pub(crate) fn transfer(view: &View<'_>, action: &Action) -> Option<Transfer> {
    match &action.operation {
        Operation::AddTags(AddTags { resource, tags }) => {
            let present = tags_of(view, resource)?;
            let adopts = !view.ownership.owns(present) && tags.iter().any(|tag| tag.key == TAG_ID);
            adopts.then_some(Transfer::Adopts)
        }
        Operation::RemoveTags(RemoveTags { resource, keys }) => {
            tags_of(view, resource)?;
            keys.iter().any(|key| key == TAG_ID).then_some(Transfer::Forgets)
        }
        _ => None,
    }
}

/// The tags of a load balancer or target group.
pub(crate) fn tags_of<'a>(view: &View<'a>, reference: &ResourceReference) -> Option<&'a [Tag]> {
    let of_load_balancer = view.load_balancer(reference).map(|found| found.tags.as_slice());
    of_load_balancer.or_else(|| view.target_group(reference).map(|found| found.tags.as_slice()))
}
