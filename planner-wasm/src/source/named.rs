//! Subnets and security groups that an object names by id or by Name tag.

use std::collections::BTreeSet;

use albatross_contract::{Diagnostic, DiagnosticCode, Inventory, SecurityGroup, Subnet, Tag};

use super::{ObjectName, annotations};
use crate::{
    diagnostics::{Details, Subject, warning},
    identity::tag_value,
    words,
};

/// Why the subnets or security groups that an annotation names cannot be used.
pub struct Unusable {
    annotation: &'static str,
    message: String,
    remedy: &'static str,
}

impl Unusable {
    /// The diagnostic for it.
    pub fn diagnostic(&self, object: ObjectName<'_>) -> Diagnostic {
        let message = format!("annotation {} {}", self.annotation, self.message);
        warning(DiagnosticCode::AnnotationInvalid, Subject::Object(object), message)
            .field(format!("metadata.annotations[{}]", self.annotation))
            .remedy(self.remedy)
    }
}

/// The subnets that annotations name. ELBv2 requires that each is in another zone (API_CreateLoadBalancer, `Subnets`).
pub fn subnets<'a>(
    reader: &annotations::Reader<'a>,
    inventory: &'a Inventory,
) -> (Vec<&'a str>, Option<Unusable>) {
    let annotation = annotations::SUBNETS;
    let here = inventory.subnets.iter().filter(|subnet| subnet.vpc_id == inventory.vpc.id);
    let all: Vec<(&str, &[Tag], &Subnet)> =
        here.map(|subnet| (subnet.id.as_str(), subnet.tags.as_slice(), subnet)).collect();
    let found = match find(&reader.list(annotation), &all) {
        Ok(found) => found,
        Err(missing) => return (Vec::new(), Some(unknown(annotation, "subnet", &missing, inventory))),
    };
    let zones: BTreeSet<&str> = found.iter().map(|subnet| subnet.zone.as_str()).collect();
    let ids: Vec<&str> = found.iter().map(|subnet| subnet.id.as_str()).collect();
    let wrong = if zones.len() < found.len() {
        Some("names two subnets in the same zone")
    } else if found.len() == 1 {
        Some("names one subnet, but an Application Load Balancer needs subnets in two zones")
    } else {
        None
    };
    match wrong {
        None => (ids, None),
        Some(wrong) => {
            let remedy = "name one subnet in each of at least two zones";
            (Vec::new(), Some(Unusable { annotation, message: wrong.to_owned(), remedy }))
        }
    }
}

/// The security groups that annotations name.
pub fn security_groups<'a>(
    reader: &annotations::Reader<'a>,
    inventory: &'a Inventory,
) -> (Vec<&'a str>, Option<Unusable>) {
    let annotation = annotations::SECURITY_GROUPS;
    let here = inventory.security_groups.iter().filter(|group| group.vpc_id == inventory.vpc.id);
    let all: Vec<(&str, &[Tag], &SecurityGroup)> =
        here.map(|group| (group.id.as_str(), group.tags.as_slice(), group)).collect();
    let found = match find(&reader.list(annotation), &all) {
        Ok(found) => found,
        Err(missing) => {
            return (Vec::new(), Some(unknown(annotation, "security group", &missing, inventory)));
        }
    };
    let limit = inventory.quotas.security_groups_per_load_balancer as usize;
    if found.len() > limit {
        let message =
            format!("names {} security groups, but the quota is {limit} for each load balancer", found.len());
        let remedy = "name fewer security groups, or raise the quota";
        return (Vec::new(), Some(Unusable { annotation, message, remedy }));
    }
    (found.iter().map(|group| group.id.as_str()).collect(), None)
}

/// The resources with these ids or Name tags, in the order of their ids and without duplicates; or the names that match no
/// resource.
fn find<'a, T>(names: &[&'a str], all: &[(&'a str, &[Tag], &'a T)]) -> Result<Vec<&'a T>, Vec<&'a str>> {
    let is = |(id, tags, _): &&(&str, &[Tag], &T), name: &str| {
        *id == name || tag_value(tags, "Name") == Some(name)
    };
    let missing: Vec<&str> =
        names.iter().copied().filter(|name| !all.iter().any(|it| is(&it, name))).collect();
    if !missing.is_empty() {
        return Err(missing);
    }
    let mut found: Vec<&(&str, &[Tag], &T)> =
        all.iter().filter(|it| names.iter().any(|name| is(it, name))).collect();
    found.sort_by_key(|(id, _, _)| *id);
    Ok(found.into_iter().map(|(_, _, it)| *it).collect())
}

fn unknown(annotation: &'static str, what: &str, names: &[&str], inventory: &Inventory) -> Unusable {
    let names = words::list(names.iter().copied());
    let message = format!("names {names}, but {} has no such {what}", inventory.vpc.id);
    Unusable { annotation, message, remedy: "name it by its id or its Name tag" }
}

#[cfg(test)]
mod tests;
