//! Subnets and security groups that an object names by id or by Name tag.

use std::collections::BTreeMap;

use albatross_contract::{Diagnostic, DiagnosticCode, Inventory, SecurityGroup, Subnet, Tag, ViewPart};

use super::{ObjectName, annotations};
use crate::{
    diagnostics::{Details, Subject, WAIT, warning},
    identity::tag_value,
    words,
};

const INVALID: DiagnosticCode = DiagnosticCode::AnnotationInvalid;

/// Why the subnets or security groups that an annotation names cannot be used.
pub struct Unusable {
    code: DiagnosticCode,
    annotation: &'static str,
    message: String,
    remedy: &'static str,
}

impl Unusable {
    /// The diagnostic for it.
    pub fn diagnostic(&self, object: ObjectName<'_>) -> Diagnostic {
        let message = format!("annotation {} {}", self.annotation, self.message);
        warning(self.code, Subject::Object(object), message)
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
        Err(missing) => {
            return (Vec::new(), Some(unknown(annotation, ViewPart::Subnets, &missing, inventory)));
        }
    };
    let mut by_zone: BTreeMap<&str, &Subnet> = BTreeMap::new();
    let twice = found.iter().find_map(|subnet| {
        let first = by_zone.insert(&subnet.zone, subnet)?;
        Some(format!("names {} and {}, which are both in zone {}", first.id, subnet.id, subnet.zone))
    });
    let wrong = twice.or_else(|| match found.as_slice() {
        [only] => Some(format!(
            "names only {}, but an Application Load Balancer needs subnets in two zones",
            only.id
        )),
        _ => None,
    });
    match wrong {
        None => (found.iter().map(|subnet| subnet.id.as_str()).collect(), None),
        Some(message) => {
            let remedy = "name one subnet in each of at least two zones";
            (Vec::new(), Some(Unusable { code: INVALID, annotation, message, remedy }))
        }
    }
}

/// The security groups that an annotation names.
pub fn security_groups<'a>(
    annotation: &'static str,
    reader: &annotations::Reader<'a>,
    inventory: &'a Inventory,
) -> (Vec<&'a str>, Option<Unusable>) {
    let names = reader.list(annotation);
    if names.is_empty() {
        return (Vec::new(), None);
    }
    let here = inventory.security_groups.iter().filter(|group| group.vpc_id == inventory.vpc.id);
    let all: Vec<(&str, &[Tag], &SecurityGroup)> =
        here.map(|group| (group.id.as_str(), group.tags.as_slice(), group)).collect();
    let found = match find(&names, &all) {
        Ok(found) => found,
        Err(missing) => {
            let part = ViewPart::SecurityGroups;
            return (Vec::new(), Some(unknown(annotation, part, &missing, inventory)));
        }
    };
    if let Some(message) = ambiguous(&names, &all) {
        return (
            Vec::new(),
            Some(Unusable { code: INVALID, annotation, message, remedy: "name it by its id" }),
        );
    }
    let limit = inventory.quotas.security_groups_per_load_balancer as usize;
    if found.len() > limit {
        let message =
            format!("names {} security groups, but the quota is {limit} for each load balancer", found.len());
        let remedy = "name fewer security groups, or raise the quota";
        return (Vec::new(), Some(Unusable { code: INVALID, annotation, message, remedy }));
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

/// Whether a name is the Name tag of several security groups. To have all of them would admit more than a person meant.
fn ambiguous(names: &[&str], all: &[(&str, &[Tag], &SecurityGroup)]) -> Option<String> {
    names.iter().find_map(|name| {
        let named = all.iter().filter(|(_, tags, _)| tag_value(tags, "Name") == Some(name));
        let ids: Vec<&str> = named.map(|(id, _, _)| *id).collect();
        (ids.len() > 1).then(|| format!("names {name}, which is the Name tag of {}", words::list(ids)))
    })
}

/// Names that match no resource. If a part of the resources was not read, these may be there.
fn unknown(annotation: &'static str, part: ViewPart, names: &[&str], inventory: &Inventory) -> Unusable {
    let names = words::list(names.iter().copied());
    let unread = inventory.incomplete.iter().find(|it| it.part == part);
    if let Some(unread) = unread {
        let what = words::not_known(&[part]);
        let message = format!("names {names}, which cannot be found: {what} ({})", unread.reason);
        return Unusable { code: DiagnosticCode::ViewIncomplete, annotation, message, remedy: WAIT };
    }
    let what = if part == ViewPart::Subnets { "subnet" } else { "security group" };
    let message = format!("names {names}, but {} has no such {what}", inventory.vpc.id);
    Unusable { code: INVALID, annotation, message, remedy: "name it by its id or its Name tag" }
}

#[cfg(test)]
mod tests;
