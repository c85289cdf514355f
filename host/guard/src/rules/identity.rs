//! Identity: nothing is written while it is not known for which cluster and controller.
//!
//! Design: safety, identity.

use std::collections::BTreeMap;

use crate::{
    facts::Facts,
    violation::{Findings, Rule},
};

pub(crate) fn check(facts: &Facts<'_>, found: &mut Findings) {
    if !facts.writes() {
        return;
    }
    let identity = &facts.view.snapshot.settings.identity;
    for (value, name) in [
        (&identity.cluster_id, "cluster-id"),
        (&identity.cluster_uid, "cluster-uid"),
        (&identity.controller_id, "controller-id"),
    ] {
        if value.is_empty() {
            found.plan(
                Rule::Identity,
                format!("the setting identity.{name} is empty, so it is not known which resources are ours; set it"),
            );
        }
    }
    let inventory = &facts.view.snapshot.inventory;
    let tagged = inventory
        .load_balancers
        .iter()
        .map(|resource| (&resource.arn, &resource.tags))
        .chain(inventory.target_groups.iter().map(|resource| (&resource.arn, &resource.tags)))
        .chain(inventory.security_groups.iter().map(|resource| (&resource.id, &resource.tags)));
    let mut others: BTreeMap<&str, &str> = BTreeMap::new();
    for (id, tags) in tagged {
        if let Some(uid) = facts.view.ownership.other_cluster(tags) {
            others.entry(uid).or_insert(id);
        }
    }
    for (uid, example) in others {
        found.plan(
            Rule::ClusterUid,
            format!(
                "{example} was created under the cluster uid {uid}, and ours is {}: if that cluster no longer exists, allow the change with --take-over-cluster={uid}",
                identity.cluster_uid
            ),
        );
    }
}
