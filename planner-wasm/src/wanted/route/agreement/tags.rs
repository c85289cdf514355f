//! Tags that annotations ask for, within the quota of AWS for the tags of a resource.
//!
//! A tag stays on a resource when its annotation is removed, since a person may have set it as well. So the tags that are there
//! count: without this, a resource would reach the quota over the years, and AWS would refuse each further tag. Tags that the
//! resource has come first, then those of the oldest members, so that no Ingress displaces a tag of another.

use std::cmp::Reverse;

use albatross_contract::{Diagnostic, DiagnosticCode, TAG_SERVICE, Tag};

use super::{Agreed, by_key};
use crate::{
    backends::ServiceTargets,
    diagnostics::{Details, Subject, warning},
    grouping::Group,
    identity::{is_ours, tag, tag_value},
    observed::Observed,
    source::{self, ObjectName},
    wanted::route::Member,
    words,
};

/// Tags that stay free on each resource, for tags of ours: owner, terms, and marks of unneeded certificates.
const RESERVED: u32 = 20;

/// The room of a resource for tags that annotations ask for.
struct Room<'a> {
    /// The tags that it has.
    there: &'a [Tag],
    /// The most tags besides ours.
    most: usize,
    /// How many of them it has that no annotation asks for.
    unasked: usize,
}

impl<'a> Room<'a> {
    fn new(there: &'a [Tag], observed: &Observed<'_>, is_asked: impl Fn(&str) -> bool) -> Self {
        let is_known = |key: &str| is_ours(key) || is_of_settings(key, observed) || is_asked(key);
        let quota = observed.inventory.quotas.tags_per_resource;
        let most = (quota.saturating_sub(RESERVED) as usize).saturating_sub(observed.settings.tags.len());
        Room { there, most, unasked: there.iter().filter(|tag| !is_known(&tag.key)).count() }
    }

    fn has(&self, key: &str) -> bool {
        tag_value(self.there, key).is_some()
    }

    /// Whether there is room for a tag behind so many others that are asked for.
    fn fits(&self, place: usize, key: &str) -> bool {
        self.has(key) || place + self.unasked < self.most
    }
}

/// Whether the settings name a tag with this key: then annotations cannot change it.
fn is_of_settings(key: &str, observed: &Observed<'_>) -> bool {
    tag_value(&observed.settings.tags, key).is_some()
}

impl<'a> Agreed<'a> {
    /// The tags of the load balancer, those that it has first, then by the age of the members that ask for them.
    pub(super) fn tags(&mut self, members: &[Member<'a>], group: &Group<'a>, observed: &Observed<'_>) {
        let mut asked = by_key(members, |routing| Some(&routing.load_balancer.tags));
        for (key, asked) in asked.extract_if(.., |key, _| is_of_settings(key, observed)) {
            let objects = asked.iter().map(|(member, _)| member.claim.object);
            self.told.extend(objects.map(|object| (object, named_by_settings(object, key))));
        }
        let there = group.owned().and_then(|owned| owned.load_balancer);
        let there = there.map(|found| found.tags.as_slice()).unwrap_or_default();
        let room = Room::new(there, observed, |key| asked.contains_key(key));
        let mut in_order: Vec<_> = asked.iter().collect();
        in_order.sort_by_key(|(key, asked)| {
            let oldest = asked.iter().map(|(member, _)| member.claim.age()).min();
            (Reverse(room.has(key)), oldest, **key)
        });
        for (place, (key, asked)) in in_order.into_iter().enumerate() {
            if !room.fits(place, key) {
                for (member, _) in asked {
                    let object = member.claim.object;
                    self.told.push((object, too_many(object, key, &room)));
                }
                continue;
            }
            let settled = self.settle(source::TAGS, &format!(" {key}"), asked, |value| (*value).to_owned());
            self.tags.extend(settled.map(|(_, value)| tag(key, value)));
        }
    }
}

/// The tags of a target group besides those of the settings: those of its Service, and then those of the load balancer. `there`:
/// the tags that it has. Tags for which there is no room are left out.
pub fn target_group_tags(
    agreed: &[Tag],
    targets: &ServiceTargets<'_>,
    there: &[Tag],
    observed: &Observed<'_>,
) -> Vec<Tag> {
    let of_service = &targets.tags;
    let of_group = agreed.iter().filter(|tag| !of_service.contains_key(&tag.key)).cloned();
    let of_service = of_service.iter().map(|(key, value)| tag(key, value));
    let mut asked: Vec<Tag> = of_service.chain(of_group).collect();
    asked.retain(|tag| !is_of_settings(&tag.key, observed));
    let room = Room::new(there, observed, |key| asked.iter().any(|tag| tag.key == key));
    asked.sort_by_key(|tag| Reverse(room.has(&tag.key)));
    let fitting = asked.into_iter().enumerate().filter(|(place, tag)| room.fits(*place, &tag.key));
    let mut tags: Vec<Tag> = fitting.map(|(_, tag)| tag).collect();
    tags.extend(targets.form.service.as_ref().map(|service| tag(TAG_SERVICE, service)));
    tags.sort();
    tags
}

fn named_by_settings(object: ObjectName<'_>, key: &str) -> Diagnostic {
    let annotation = source::TAGS;
    let message = format!("annotation {annotation} asks for the tag {key}, but the settings name that tag");
    warning(DiagnosticCode::AnnotationInvalid, Subject::Object(object), message)
        .field(format!("metadata.annotations[{annotation}]"))
        .remedy("remove the tag from the annotation, or use another key")
}

fn too_many(object: ObjectName<'_>, key: &str, room: &Room<'_>) -> Diagnostic {
    let annotation = source::TAGS;
    let unasked = match room.unasked {
        0 => String::new(),
        unasked => format!(", and has {} that no Ingress asks for", words::count(unasked, "tag", "tags")),
    };
    let message = format!(
        "annotation {annotation} asks for the tag {key}, but the load balancer can have only {} tags besides those of \
         Albatross{unasked}",
        room.most
    );
    warning(DiagnosticCode::QuotaExhausted, Subject::Object(object), message)
        .field(format!("metadata.annotations[{annotation}]"))
        .remedy(match room.unasked {
            0 => "use fewer tags in the Ingresses of the group, or another group",
            _ => "remove tags from the load balancer that nobody needs, or use fewer tags in the Ingresses of the group",
        })
}
