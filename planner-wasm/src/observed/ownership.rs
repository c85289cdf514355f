//! Ownership: a resource is ours if and only if it carries all our tags.

use std::collections::BTreeSet;

use albatross_contract::{
    DiagnosticCode, Identity, Inventory, LoadBalancer, PlanningError, Settings, TAG_APPLICATION,
    TAG_CLUSTER_UID, TAG_ID, Tag,
};

use crate::{
    identity::{cluster_tag, tag_value},
    index::repeated,
};

/// The uid of a resource without the tag for the cluster uid.
pub const NO_UID: &str = "";

/// The owner of a resource.
pub enum Owner<'a> {
    /// Ours, with our id.
    Us(&'a str),
    /// A cluster with the same cluster id and controller id, but another uid: a restored or copied cluster.
    OtherCluster(&'a str),
    /// Somebody else.
    Stranger,
}

/// The values of our ownership tags.
pub struct Ownership<'a> {
    cluster_tag: String,
    controller: &'a str,
    uids: BTreeSet<&'a str>,
}

impl<'a> Ownership<'a> {
    /// The uid of our cluster and the uids that a person takes over count as ours.
    pub fn new(settings: &'a Settings) -> Self {
        let uids = settings.allowances.take_over_cluster.iter().chain([&settings.identity.cluster_uid]);
        Ownership {
            cluster_tag: cluster_tag(&settings.identity),
            controller: &settings.identity.controller_id,
            uids: uids.map(String::as_str).collect(),
        }
    }

    /// The owner of a resource with these tags.
    pub fn of<'b>(&self, tags: &'b [Tag]) -> Owner<'b> {
        let cluster = tag_value(tags, &self.cluster_tag) == Some("owned");
        let controller = tag_value(tags, TAG_APPLICATION) == Some(self.controller);
        let id = tag_value(tags, TAG_ID).filter(|id| !id.is_empty());
        match (cluster && controller, id, tag_value(tags, TAG_CLUSTER_UID)) {
            (true, Some(id), Some(uid)) if self.uids.contains(uid) => Owner::Us(id),
            (true, Some(_), uid) => Owner::OtherCluster(uid.unwrap_or(NO_UID)),
            _ => Owner::Stranger,
        }
    }
}

/// Whether these are the tags of a resource that was ours and that we have left on purpose: of our tags it has only that of the
/// cluster. Who removes tags by hand, or sees a new resource before its tags, finds others.
pub fn is_left(tags: &[Tag], identity: &Identity) -> bool {
    tag_value(tags, &cluster_tag(identity)) == Some("owned")
        && tags.iter().all(|tag| tag.key != TAG_APPLICATION && !tag.key.starts_with("albatross/"))
}

/// Two load balancers with the same id: somebody copied the tags, and it is not known which of them serves the members.
pub fn one_id_twice(id: &str, one: &LoadBalancer, other: &LoadBalancer) -> PlanningError {
    PlanningError {
        code: DiagnosticCode::SnapshotInvalid,
        field: None,
        message: format!(
            "two load balancers carry the tag {TAG_ID}={id}: {} and {}; remove our tags from the load balancer \
             that they were copied to",
            one.arn, other.arn
        ),
    }
}

/// ARNs and names are unique in AWS, so an inventory with duplicates contradicts itself.
pub fn check_unique(inventory: &Inventory) -> Result<(), PlanningError> {
    fn texts<'a, T>(list: &'a [T], text: impl Fn(&'a T) -> &'a String + 'a) -> Option<&'a str> {
        repeated(list.iter().map(move |item| text(item).as_str()))
    }
    let twice = texts(&inventory.load_balancers, |found| &found.arn)
        .or_else(|| texts(&inventory.target_groups, |found| &found.arn))
        .or_else(|| texts(&inventory.certificates, |found| &found.arn))
        .or_else(|| texts(&inventory.auto_scaling_groups, |found| &found.name))
        .or_else(|| texts(&inventory.subnets, |found| &found.id))
        .or_else(|| texts(&inventory.security_groups, |found| &found.id))
        .or_else(|| texts(&inventory.instances, |found| &found.id));
    match twice {
        None => Ok(()),
        Some(name) => Err(PlanningError {
            code: DiagnosticCode::SnapshotInvalid,
            field: None,
            message: format!("the inventory holds {name} twice; remove one"),
        }),
    }
}

#[cfg(test)]
mod tests;
