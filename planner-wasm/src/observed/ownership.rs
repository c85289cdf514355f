//! Ownership: what carries all our tags is ours, nothing else is.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{
    DiagnosticCode, Inventory, PlanningError, Settings, TAG_APPLICATION, TAG_CLUSTER_UID, TAG_ID, Tag,
};

use crate::identity::{cluster_tag, tag_value};

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
pub fn check_ids<'a>(ours: impl Iterator<Item = (&'a str, &'a str)>) -> Result<(), PlanningError> {
    let mut seen = BTreeMap::new();
    for (id, arn) in ours {
        if let Some(other) = seen.insert(id, arn) {
            return Err(PlanningError {
                code: DiagnosticCode::SnapshotInvalid,
                message: format!(
                    "two load balancers carry the tag {TAG_ID}={id}: {other} and {arn}; take our tags off the one that \
                     they were copied to"
                ),
            });
        }
    }
    Ok(())
}

/// ARNs and names are unique in AWS; an inventory that repeats one contradicts itself.
pub fn check_unique(inventory: &Inventory) -> Result<(), PlanningError> {
    let mut seen = BTreeSet::new();
    let names = inventory
        .load_balancers
        .iter()
        .map(|found| &found.arn)
        .chain(inventory.target_groups.iter().map(|found| &found.arn))
        .chain(inventory.certificates.iter().map(|found| &found.arn))
        .chain(inventory.auto_scaling_groups.iter().map(|found| &found.name))
        .chain(inventory.subnets.iter().map(|found| &found.id))
        .chain(inventory.security_groups.iter().map(|found| &found.id))
        .chain(inventory.instances.iter().map(|found| &found.id));
    for name in names {
        if !seen.insert(name.as_str()) {
            return Err(PlanningError {
                code: DiagnosticCode::SnapshotInvalid,
                message: format!("the inventory holds {name} twice; remove one"),
            });
        }
    }
    Ok(())
}
