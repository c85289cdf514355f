//! Ownership: what carries all our tags is ours, nothing else is.

use std::collections::BTreeSet;

use albatross_contract::{
    DiagnosticCode, Inventory, LoadBalancer, PlanningError, Settings, TAG_APPLICATION, TAG_CLUSTER_UID,
    TAG_ID, Tag,
};

use crate::{
    identity::{cluster_tag, tag_value},
    index::repeated,
};

/// What stands for the uid of a resource that lost the tag.
pub const NO_UID: &str = "";

/// Whose a resource is.
pub enum Owner<'a> {
    /// Ours, with our id.
    Us(&'a str),
    /// Made by the same cluster and controller under another uid: a restored or copied cluster.
    OtherCluster(&'a str),
    /// Anybody's.
    Stranger,
}

/// What our tags look like.
pub struct Ownership<'a> {
    cluster_tag: String,
    controller: &'a str,
    uids: BTreeSet<&'a str>,
}

impl<'a> Ownership<'a> {
    /// The uid of our cluster counts, and those that a person takes over.
    pub fn new(settings: &'a Settings) -> Self {
        let uids = settings.allowances.take_over_cluster.iter().chain([&settings.identity.cluster_uid]);
        Ownership {
            cluster_tag: cluster_tag(&settings.identity),
            controller: &settings.identity.controller_id,
            uids: uids.map(String::as_str).collect(),
        }
    }

    /// Whose a resource with these tags is.
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

/// One id is one load balancer; tags that somebody copied to another one would make members of the two of them one.
pub fn one_id_twice(id: &str, one: &LoadBalancer, other: &LoadBalancer) -> PlanningError {
    PlanningError {
        code: DiagnosticCode::SnapshotInvalid,
        message: format!(
            "two load balancers carry the tag {TAG_ID}={id}: {} and {}; remove our tags from the load balancer \
             that they were copied to",
            one.arn, other.arn
        ),
    }
}

/// ARNs and names are unique in AWS; an inventory that repeats one contradicts itself.
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
            message: format!("the inventory holds {name} twice; remove one"),
        }),
    }
}

#[cfg(test)]
mod tests;
