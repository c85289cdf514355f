//! Our ownership tags, and who owns a resource by its tags.

use std::collections::BTreeSet;

use albatross_contract::{Settings, TAG_APPLICATION, TAG_CLUSTER, TAG_CLUSTER_UID, TAG_ID, Tag};

use super::tags::tag;

/// The values of our ownership tags.
pub(crate) struct Ownership<'a> {
    cluster_key: String,
    controller: &'a str,
    uid: &'a str,
    taken_over: BTreeSet<&'a str>,
}

impl<'a> Ownership<'a> {
    pub(crate) fn new(settings: &'a Settings) -> Self {
        Ownership {
            cluster_key: format!("{TAG_CLUSTER}{}", settings.identity.cluster_id),
            controller: &settings.identity.controller_id,
            uid: &settings.identity.cluster_uid,
            taken_over: settings.allowances.take_over_cluster.iter().map(String::as_str).collect(),
        }
    }

    /// Whether a resource with these tags is ours, or belongs to a cluster that a person takes over.
    pub(crate) fn owns(&self, tags: &[Tag]) -> bool {
        self.of_this_controller(tags) && tag(tags, TAG_CLUSTER_UID).is_some_and(|uid| self.accepts(uid))
    }

    /// The uid of another cluster with the same cluster id and controller id that owns a resource with these tags.
    pub(crate) fn other_cluster<'b>(&self, tags: &'b [Tag]) -> Option<&'b str> {
        let uid = tag(tags, TAG_CLUSTER_UID).unwrap_or("(none)");
        (self.of_this_controller(tags) && !self.accepts(uid)).then_some(uid)
    }

    fn of_this_controller(&self, tags: &[Tag]) -> bool {
        tag(tags, &self.cluster_key) == Some("owned")
            && tag(tags, TAG_APPLICATION) == Some(self.controller)
            && tag(tags, TAG_ID).is_some_and(|id| !id.is_empty())
    }

    fn accepts(&self, uid: &str) -> bool {
        uid == self.uid || self.taken_over.contains(uid)
    }

    /// The required ownership tags, except `albatross/id`.
    pub(crate) fn required(&self) -> [(&str, &str); 3] {
        [(&self.cluster_key, "owned"), (TAG_APPLICATION, self.controller), (TAG_CLUSTER_UID, self.uid)]
    }
}
