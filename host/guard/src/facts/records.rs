//! The records that a plan changes, by action and host, and who holds them.

use std::{borrow::Cow, collections::BTreeMap};

use albatross_contract::{
    ChangeRecordSets, HostedZone, LoadBalancer, OWNERSHIP_RECORD, Operation, RecordSet, RecordSetChange,
    Settings, SourceObject, StatusChange, WILDCARD_OWNERSHIP_RECORD,
};

use super::{
    Facts,
    actions::Actions,
    dns_names::{lower, raw_hostnames},
    index::Map,
    outcomes::{Outcomes, SourceOutcome},
    view::View,
};

/// All changes of records.
pub(crate) struct RecordChanges<'a> {
    /// By the index of the action.
    pub(crate) batches: BTreeMap<usize, Batch<'a>>,
    /// How many hosts have records of ours.
    pub(crate) held: usize,
    /// By host, the indices of the outcomes of the Ingresses that the plan keeps and that have the host.
    askers: Map<Cow<'a, str>, Vec<usize>>,
}

/// The changes of an action.
pub(crate) struct Batch<'a> {
    pub(crate) change: &'a ChangeRecordSets,
    /// Absent: the inventory has no such hosted zone.
    pub(crate) zone: Option<&'a HostedZone>,
    pub(crate) hosts: Vec<OfHost<'a>>,
    /// Changes of records that are neither those of a host nor an ownership record.
    pub(crate) others: Vec<&'a RecordSetChange>,
}

/// The changes for one host.
pub(crate) struct OfHost<'a> {
    pub(crate) host: String,
    pub(crate) holder: Holder,
    /// The address records of the host, as observed.
    pub(crate) before: Vec<&'a RecordSet>,
    /// The name that they point to.
    pub(crate) target: Option<&'a str>,
    /// The changes of address records.
    pub(crate) addresses: Vec<&'a RecordSetChange>,
    /// The changes of the ownership record.
    pub(crate) ownership: Vec<&'a RecordSetChange>,
}

/// Who holds the records of a host, as observed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holder {
    Us,
    Other,
    Nobody,
}

impl<'a> RecordChanges<'a> {
    pub(crate) fn new(view: &View<'a>, actions: &Actions<'a>, outcomes: &Outcomes<'a>) -> Self {
        let inventory = &view.snapshot.inventory;
        let zones: BTreeMap<&str, &HostedZone> =
            inventory.hosted_zones.iter().flatten().map(|zone| (zone.id.as_str(), zone)).collect();
        let mut batches = BTreeMap::new();
        for (index, action) in actions.iter() {
            if let Operation::ChangeRecordSets(change) = &action.operation {
                let zone = zones.get(change.hosted_zone.as_str()).copied();
                batches.insert(index, Batch::new(change, zone, &view.snapshot.settings));
            }
        }
        let is_held = |record: &&RecordSet| {
            owned_host(record).is_some() && holder(record, &view.snapshot.settings) == Holder::Us
        };
        let records = zones.values().flat_map(|zone| &zone.record_sets);
        let mut changes = RecordChanges { batches, held: 0, askers: Map::default() };
        if changes.batches.is_empty() {
            return changes; // the usual case
        }
        changes.held = records.filter(is_held).count();
        for (index, outcome) in outcomes.list.iter().enumerate().filter(|(_, outcome)| outcome.is_kept()) {
            for host in outcome.source.into_iter().flat_map(SourceObject::hosts) {
                changes.askers.entry(lower(host)).or_default().push(index);
            }
        }
        changes
    }

    /// The hosts that lose their records, with the index of the action.
    pub(crate) fn removed(&self) -> impl Iterator<Item = (usize, &OfHost<'a>)> {
        let all =
            self.batches.iter().flat_map(|(index, batch)| batch.hosts.iter().map(|host| (*index, host)));
        all.filter(|(_, host)| host.is_removed())
    }

    /// The Ingresses that the plan keeps and that have a host.
    pub(crate) fn askers<'f>(
        &'f self,
        facts: &'f Facts<'a>,
        host: &str,
    ) -> impl Iterator<Item = &'f SourceOutcome<'a>> {
        let indices = self.askers.get(host).into_iter().flatten();
        indices.map(|index| &facts.outcomes.list[*index])
    }
}

/// The load balancer that the status of an Ingress names after the plan.
pub(crate) fn named_after<'a>(facts: &Facts<'a>, outcome: &SourceOutcome<'a>) -> Option<&'a LoadBalancer> {
    let name = match &outcome.outcome.status {
        StatusChange::Publish(name) => name.as_str(),
        StatusChange::Keep => raw_hostnames(outcome.source?).next()?,
        StatusChange::Withdraw => return None,
    };
    let found = facts.view.load_balancers.by_dns_name(name)?;
    Some(facts.view.load_balancers.get(found))
}

impl<'a> Batch<'a> {
    fn new(change: &'a ChangeRecordSets, zone: Option<&'a HostedZone>, settings: &Settings) -> Self {
        let mut by_name: Map<Cow<'_, str>, Vec<&RecordSet>> = Map::default();
        for record in zone.into_iter().flat_map(|zone| &zone.record_sets) {
            by_name.entry(lower(&record.name)).or_default().push(record);
        }
        let mut of_hosts: BTreeMap<String, OfHost<'_>> = BTreeMap::new();
        let mut others = Vec::new();
        for one in &change.changes {
            let record = &one.record_set;
            let (host, is_address) = match (owned_host(record), record.record_type.as_str()) {
                (Some(host), _) => (host, false),
                (None, "A" | "AAAA") => (lower(&record.name).into_owned(), true),
                (None, _) => {
                    others.push(one);
                    continue;
                }
            };
            let of_host =
                of_hosts.entry(host).or_insert_with_key(|host| OfHost::new(host, &by_name, settings));
            if is_address { of_host.addresses.push(one) } else { of_host.ownership.push(one) }
        }
        Batch { change, zone, hosts: of_hosts.into_values().collect(), others }
    }
}

impl<'a> OfHost<'a> {
    fn new(host: &str, by_name: &Map<Cow<'a, str>, Vec<&'a RecordSet>>, settings: &Settings) -> Self {
        let named = |name: &str| by_name.get(name).into_iter().flatten().copied();
        let is_address = |record: &&RecordSet| matches!(record.record_type.as_str(), "A" | "AAAA" | "CNAME");
        let before: Vec<&RecordSet> = named(host).filter(is_address).collect();
        let mark = match host.strip_prefix("*.") {
            Some(rest) => format!("{WILDCARD_OWNERSHIP_RECORD}{rest}"),
            None => format!("{OWNERSHIP_RECORD}{host}"),
        };
        let mut marks = named(&mark).filter(|record| record.record_type == "TXT");
        let target = before.iter().find_map(|record| record.alias_target.as_ref());
        OfHost {
            host: host.to_owned(),
            holder: marks.next().map_or(Holder::Nobody, |mark| holder(mark, settings)),
            target: target.map(|alias| alias.dns_name.as_str()),
            before,
            addresses: Vec::new(),
            ownership: Vec::new(),
        }
    }

    /// Whether the host has no address record of ours after the change, or none that is marked as ours.
    pub(crate) fn is_removed(&self) -> bool {
        let deletes = |change: &&RecordSetChange| is_deletion(change);
        let loses = |record: &&RecordSet| {
            self.addresses.iter().any(|change| deletes(change) && change.record_set == **record)
        };
        let adds = self.addresses.iter().any(|change| !is_deletion(change));
        let loses_all = !self.before.is_empty() && self.before.iter().all(loses);
        self.ownership.iter().any(|change| is_deletion(change)) || (loses_all && !adds)
    }
}

pub(crate) fn is_deletion(change: &RecordSetChange) -> bool {
    change.kind == albatross_contract::RecordSetChangeKind::Delete
}

/// The host of an ownership record, lower case.
fn owned_host(record: &RecordSet) -> Option<String> {
    let name = lower(&record.name);
    let wildcard = || Some(format!("*.{}", name.strip_prefix(WILDCARD_OWNERSHIP_RECORD)?));
    let host = || name.strip_prefix(OWNERSHIP_RECORD).map(str::to_owned);
    if record.record_type == "TXT" { wildcard().or_else(host) } else { None }
}

/// Who an ownership record names.
fn holder(record: &RecordSet, settings: &Settings) -> Holder {
    let accepted = settings.allowances.take_over_cluster.iter().chain([&settings.identity.cluster_uid]);
    let mut accepted = accepted.map(|uid| expected(settings, uid));
    let is_ours = record.set_identifier.is_none() && accepted.any(|text| says(record, &text));
    if is_ours { Holder::Us } else { Holder::Other }
}

/// Whether a record is the ownership record that we write now.
pub(crate) fn is_our_mark(record: &RecordSet, settings: &Settings) -> bool {
    let text = expected(settings, &settings.identity.cluster_uid);
    record.set_identifier.is_none() && record.alias_target.is_none() && says(record, &text)
}

fn says(record: &RecordSet, expected: &str) -> bool {
    match record.values.as_slice() {
        // A long text is in several quoted parts.
        [value] => value.split("\" \"").collect::<String>().trim_matches('"') == expected,
        _ => false,
    }
}

/// The text of an ownership record: characters with a meaning in it, or in a TXT record, are written as `%` and two
/// hexadecimal digits.
fn expected(settings: &Settings, uid: &str) -> String {
    let plain = |text: &str| -> String {
        let keep = |byte: u8| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':' | b'/' | b'+' | b'@')
        };
        text.bytes()
            .map(|byte| if keep(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
            .collect()
    };
    let identity = &settings.identity;
    format!(
        "heritage=albatross,cluster-id={},cluster-uid={},controller-id={}",
        plain(&identity.cluster_id),
        plain(uid),
        plain(&identity.controller_id)
    )
}
