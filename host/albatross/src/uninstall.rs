//! Removing everything that is ours: no Ingress or RouteGroup is ours any more, and everything that exists may become unneeded.
//!
//! The controller then does what it always does for Ingresses that leave, in the same order and with the same checks: it empties
//! the statuses, marks the load balancers, and deletes them a grace period later, with their target groups, security groups and
//! records.

use albatross_contract::{
    Allowances, IncompletePart, Inventory, ObjectName, Settings, Snapshot, TAG_ID, TAG_RETAIN, Tag, ViewPart,
};

use crate::error::Error;

/// No IngressClass has this controller.
const NO_CONTROLLER: &str = "albatross/uninstalled";

/// The settings with which the controller removes everything that a snapshot contains.
pub fn settings(settings: Settings, snapshot: &Snapshot) -> Settings {
    Settings {
        classes: Vec::new(),
        ingress_class_controller: NO_CONTROLLER.to_owned(),
        allowances: allowances(snapshot),
        ..settings
    }
}

/// Allows by name everything that exists now, and nothing else.
fn allowances(snapshot: &Snapshot) -> Allowances {
    let inventory = &snapshot.inventory;
    let listeners = || inventory.load_balancers.iter().flat_map(|found| &found.listeners);
    let certificates =
        listeners().flat_map(|listener| listener.default_certificate.iter().chain(&listener.certificates));
    let rules = listeners().flat_map(|listener| &listener.rules).map(|rule| &rule.arn);
    let records =
        inventory.hosted_zones.iter().flatten().flat_map(|zone| &zone.record_sets).map(|record| &record.name);
    let mut unneeded: Vec<String> = certificates.chain(rules).chain(records).cloned().collect();
    unneeded.extend(tags(inventory).filter_map(id));
    unneeded.sort();
    unneeded.dedup();
    let mut release: Vec<String> =
        snapshot.cluster.sources().map(|source| ObjectName::of(source).to_string()).collect();
    release.sort();
    Allowances { release, unneeded, ..Allowances::default() }
}

/// The parts of a view that show whether anything is left.
const PARTS: [ViewPart; 4] =
    [ViewPart::LoadBalancers, ViewPart::TargetGroups, ViewPart::SecurityGroups, ViewPart::Tags];

/// Whether nothing is left of a controller. Other parts of the view, such as certificates, may be missing.
pub fn is_over(snapshot: &Snapshot) -> bool {
    let identity = &snapshot.settings.identity;
    let cluster = format!("{}{}", albatross_contract::TAG_CLUSTER, identity.cluster_id);
    let is_ours = |tags: &[Tag]| {
        let has = |key: &str, value: &str| tags.iter().any(|tag| tag.key == key && tag.value == value);
        has(&cluster, "owned")
            && has(albatross_contract::TAG_APPLICATION, &identity.controller_id)
            && tags.iter().any(|tag| tag.key == TAG_ID)
    };
    let sees_all = snapshot.inventory.incomplete.iter().all(|missing| !PARTS.contains(&missing.part));
    sees_all && !tags(&snapshot.inventory).any(is_ours)
}

/// Why nothing is removed while it is not known who uses the load balancers: what an object uses that is not known would neither
/// be released nor removed, and would be removed with the others if the object were forgotten.
pub fn refusal(snapshot: &Snapshot) -> Option<Error> {
    let shows_users =
        |missing: &&IncompletePart| matches!(missing.part, ViewPart::Ingresses | ViewPart::RouteGroups);
    let missing = snapshot.cluster.incomplete.iter().find(shows_users)?;
    Some(Error::UsersUnknown { reason: missing.reason.clone() })
}

/// The load balancers of ours that stay, since an Ingress retains them.
pub fn retained(snapshot: &Snapshot) -> Vec<&str> {
    let is_retained = |tags: &[Tag]| tags.iter().any(|tag| tag.key == TAG_RETAIN && tag.value == "true");
    let all = snapshot.inventory.load_balancers.iter();
    all.filter(|found| is_retained(&found.tags)).map(|found| found.name.as_str()).collect()
}

/// The tags of everything that can be ours.
fn tags(inventory: &Inventory) -> impl Iterator<Item = &[Tag]> {
    let load_balancers = inventory.load_balancers.iter().map(|found| found.tags.as_slice());
    let target_groups = inventory.target_groups.iter().map(|found| found.tags.as_slice());
    load_balancers
        .chain(target_groups)
        .chain(inventory.security_groups.iter().map(|found| found.tags.as_slice()))
}

fn id(tags: &[Tag]) -> Option<String> {
    tags.iter().find(|tag| tag.key == TAG_ID).map(|tag| tag.value.clone())
}
