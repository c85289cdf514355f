//! Records of Route 53.
//!
//! Pages: Route 53 API_ChangeResourceRecordSets; its developer guide, "Quotas". Messages about records that exist, or that do
//! not match, are worded as in kubernetes-sigs/external-dns issue 732 and boto/boto issue 2887.

use std::collections::BTreeSet;

use albatross_contract::{
    ChangeRecordSets, HostedZone, LoadBalancer, RecordSet, RecordSetChange, RecordSetChangeKind,
};

use crate::{AwsError, account::Account};

const MOST_ELEMENTS: usize = 1_000;
const MOST_CHARACTERS: usize = 32_000;

impl Account {
    /// Route 53 API_ChangeResourceRecordSets: all changes or none.
    pub(crate) fn change_record_sets(&mut self, input: &ChangeRecordSets) -> Result<(), AwsError> {
        let zones = self.inventory.hosted_zones.iter_mut().flatten();
        let Some(zone) = zones.into_iter().find(|zone| zone.id == input.hosted_zone) else {
            return Err(AwsError::new(
                "NoSuchHostedZone",
                format!("No hosted zone found with ID: {}", input.hosted_zone),
            ));
        };
        check_size(&input.changes)?;
        let mut records = zone.record_sets.clone();
        let mut refusals = Vec::new();
        for change in &input.changes {
            let result = check(&change.record_set, zone, &self.inventory.load_balancers)
                .and_then(|()| apply(change, &mut records));
            refusals.extend(result.err());
        }
        refusals.extend(conflicts(&records, &zone.name));
        if !refusals.is_empty() {
            return Err(invalid(&refusals));
        }
        records.sort();
        zone.record_sets = records;
        Ok(())
    }
}

fn invalid(refusals: &[String]) -> AwsError {
    AwsError::new("InvalidChangeBatch", format!("[{}]", refusals.join(", ")))
}

/// Elements and characters of an upsert count twice.
fn check_size(changes: &[RecordSetChange]) -> Result<(), AwsError> {
    let times = |change: &RecordSetChange| if change.kind == RecordSetChangeKind::Upsert { 2 } else { 1 };
    let elements: usize =
        changes.iter().map(|change| times(change) * change.record_set.values.len().max(1)).sum();
    let characters: usize = changes
        .iter()
        .map(|change| times(change) * change.record_set.values.iter().map(String::len).sum::<usize>())
        .sum();
    if changes.is_empty() {
        return Err(AwsError::new("InvalidInput", "The request must contain at least one change"));
    }
    if elements > MOST_ELEMENTS {
        return Err(invalid(&[format!("Number of records limit of {MOST_ELEMENTS} exceeded.")]));
    }
    if characters > MOST_CHARACTERS {
        return Err(invalid(&["Maximum data length of 32000 characters exceeded.".to_owned()]));
    }
    Ok(())
}

/// The checks of a record on its own.
fn check(record: &RecordSet, zone: &HostedZone, load_balancers: &[LoadBalancer]) -> Result<(), String> {
    let (name, kind) = (&record.name, &record.record_type);
    if name != &zone.name && !name.ends_with(&format!(".{}", zone.name)) {
        return Err(format!("RRSet with DNS name {name}. is not permitted in zone {}.", zone.name));
    }
    let is_label = |label: &str| (1..=63).contains(&label.len());
    if name.len() > 253 || !name.split('.').all(is_label) {
        return Err(format!("FATAL problem: DomainLabelTooLong encountered with '{name}'"));
    }
    match &record.alias_target {
        Some(_) if record.ttl.is_some() || !record.values.is_empty() => {
            Err(format!("Invalid request: an alias record has no TTL and no values for {name}."))
        }
        Some(alias) => {
            let is_target = |found: &&LoadBalancer| {
                alias.dns_name.trim_start_matches("dualstack.").eq_ignore_ascii_case(&found.dns_name)
            };
            let zone_of_target = load_balancers.iter().find(is_target);
            let fits = zone_of_target.is_none_or(|it| it.canonical_hosted_zone_id == alias.hosted_zone_id);
            match fits {
                true => Ok(()),
                false => Err(format!(
                    "Tried to create an alias that targets {}., type {kind} in zone {}, but the alias target name does not lie within the target zone",
                    alias.dns_name, alias.hosted_zone_id
                )),
            }
        }
        None if record.ttl.is_none() || record.values.is_empty() => {
            Err(format!("Missing field 'ResourceRecords' in Change with [name='{name}.', type='{kind}']"))
        }
        None => Ok(()),
    }
}

fn same_place(one: &RecordSet, other: &RecordSet) -> bool {
    (&one.name, &one.record_type, &one.set_identifier)
        == (&other.name, &other.record_type, &other.set_identifier)
}

fn apply(change: &RecordSetChange, records: &mut Vec<RecordSet>) -> Result<(), String> {
    let record = &change.record_set;
    let place = records.iter().position(|found| same_place(found, record));
    let described = format!("resource record set [name='{}.', type='{}']", record.name, record.record_type);
    match (change.kind, place) {
        (RecordSetChangeKind::Create, Some(_)) => {
            return Err(format!("Tried to create {described} but it already exists"));
        }
        (RecordSetChangeKind::Delete, None) => {
            return Err(format!("Tried to delete {described} but it was not found"));
        }
        (RecordSetChangeKind::Delete, Some(at)) if records[at] != *record => {
            return Err(format!(
                "Tried to delete {described} but the values provided do not match the current values"
            ));
        }
        (RecordSetChangeKind::Delete, Some(at)) => _ = records.remove(at),
        (RecordSetChangeKind::Upsert, Some(at)) => records[at] = record.clone(),
        (RecordSetChangeKind::Create | RecordSetChangeKind::Upsert, None) => records.push(record.clone()),
    }
    Ok(())
}

/// A name with a CNAME record has no other record.
fn conflicts(records: &[RecordSet], zone: &str) -> Option<String> {
    let cnames = records.iter().filter(|record| record.record_type == "CNAME");
    let cnames: BTreeSet<&str> = cnames.map(|record| record.name.as_str()).collect();
    let other = records.iter().find(|it| it.record_type != "CNAME" && cnames.contains(it.name.as_str()))?;
    Some(format!(
        "RRSet of type {} with DNS name {}. is not permitted because a conflicting RRSet of type CNAME with the same DNS name already exists in zone {zone}.",
        other.record_type, other.name
    ))
}
