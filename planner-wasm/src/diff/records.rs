//! Records of Route 53: one batch of changes for each hosted zone, before everything else.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{
    Action, AliasTarget, ChangeRecordSets, Disruption, IpAddressType, ObjectName, Operation, RecordSet,
    RecordSetChange, RecordSetChangeKind, ResourceReference,
};

use crate::{
    dns::{Holder, Records, Wish, Zone, is_ours, ownership_name},
    wanted::Wanted,
};

/// Seconds that resolvers may keep an ownership record, which nothing but controllers asks for.
const OWNERSHIP_TTL: u64 = 300;

/// The most elements, and characters of values, in one call; those of an upsert count twice (Route 53 developer guide,
/// "Quotas": "Maximums on ChangeResourceRecordSets requests").
const MOST_ELEMENTS: usize = 1_000;
const MOST_CHARACTERS: usize = 32_000;

/// Puts the changes of records before other actions. A load balancer is deleted only after no record of ours points to it.
pub fn before(actions: Vec<Action>, records: &Records<'_>, wanted: &Wanted<'_>) -> Vec<Action> {
    let mut batches: Vec<Batch<'_>> = Vec::new();
    for zone in &records.zones {
        let of_hosts = zone.wanted.iter().map(|(host, wish)| wanted_records(host, wish, zone, records));
        let unneeded = zone.unneeded.iter().map(|host| unneeded_records(host, zone, records));
        let changes = of_hosts.chain(unneeded).filter(|it| !it.changes.is_empty());
        batches.extend(batched(zone, changes));
    }
    if batches.is_empty() {
        return actions;
    }
    let mut freed: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for batch in &batches {
        for name in &batch.frees {
            freed.entry(name).or_default().insert(batch.id.clone());
        }
    }
    let names: BTreeMap<&str, &str> = wanted
        .load_balancers
        .iter()
        .filter_map(|found| found.owned?.load_balancer)
        .map(|found| (found.arn.as_str(), found.dns_name.as_str()))
        .collect();
    let waits = |mut action: Action| {
        if let Operation::DeleteLoadBalancer(ResourceReference::Existing(arn)) = &action.operation
            && let Some(before) = names.get(arn.as_str()).and_then(|name| freed.get(name))
        {
            action.depends_on.extend(before.iter().cloned());
            action.depends_on.sort();
        }
        action
    };
    let others: Vec<Action> = actions.into_iter().map(waits).collect();
    batches.into_iter().map(Batch::action).chain(others).collect()
}

/// The changes for one host, which are made together.
#[derive(Default)]
struct OfHost<'a> {
    changes: Vec<RecordSetChange>,
    /// The names that records of the host no longer point to.
    frees: Vec<&'a str>,
    object: Option<ObjectName>,
}

impl<'a> OfHost<'a> {
    fn add(&mut self, kind: RecordSetChangeKind, record_set: RecordSet, before: Option<&'a RecordSet>) {
        let alias = before.and_then(|record| record.alias_target.as_ref());
        self.frees.extend(alias.map(|alias| alias.dns_name.as_str()));
        self.changes.push(RecordSetChange { kind, record_set });
    }
}

/// The changes for a host that needs records.
fn wanted_records<'a>(host: &str, wish: &Wish<'a>, zone: &Zone<'a>, records: &Records<'_>) -> OfHost<'a> {
    let mut of_host = OfHost { object: Some(wish.object.owned()), ..OfHost::default() };
    let there = |kind: &str| zone.there.addresses(host).find(|record| record.record_type == kind);
    for (kind, is_wanted) in address_types(wish.load_balancer.ip_address_type) {
        let after = alias(host, kind, wish);
        match there(kind) {
            None if is_wanted => of_host.add(RecordSetChangeKind::Create, after, None),
            Some(before) if is_wanted && *before != after => {
                of_host.add(RecordSetChangeKind::Upsert, after, Some(before));
            }
            Some(before) if !is_wanted => {
                of_host.add(RecordSetChangeKind::Delete, before.clone(), Some(before));
            }
            None | Some(_) => {}
        }
    }
    let ownership = || RecordSet {
        name: ownership_name(host),
        record_type: "TXT".to_owned(),
        ttl: Some(OWNERSHIP_TTL),
        values: vec![records.ownership.value()],
        ..RecordSet::default()
    };
    match records.ownership.holder(&zone.there, host) {
        Holder::Nobody => of_host.add(RecordSetChangeKind::Create, ownership(), None),
        Holder::Us { is_current: false, .. } => {
            of_host.add(RecordSetChangeKind::Upsert, ownership(), None);
        }
        Holder::Us { .. } | Holder::Other(_) => {}
    }
    of_host
}

/// The types of address records, and whether a load balancer has addresses of that type.
fn address_types(of: IpAddressType) -> [(&'static str, bool); 2] {
    let (v4, v6) = match of {
        IpAddressType::Ipv4 => (true, false),
        IpAddressType::Dualstack => (true, true),
        IpAddressType::DualstackWithoutPublicIpv4 | IpAddressType::Ipv6 => (false, true),
    };
    [("A", v4), ("AAAA", v6)]
}

/// An alias record. There is no second record for Route 53 to answer with, so it need not look at the targets' health.
fn alias(host: &str, kind: &str, wish: &Wish<'_>) -> RecordSet {
    RecordSet {
        name: host.to_owned(),
        record_type: kind.to_owned(),
        alias_target: Some(AliasTarget {
            hosted_zone_id: wish.load_balancer.canonical_hosted_zone_id.clone(),
            dns_name: wish.load_balancer.dns_name.to_ascii_lowercase(),
            evaluate_target_health: false,
        }),
        ..RecordSet::default()
    }
}

/// The changes for a host that no longer needs its records.
fn unneeded_records<'a>(host: &str, zone: &Zone<'a>, records: &Records<'_>) -> OfHost<'a> {
    let mut of_host = OfHost::default();
    for record in zone.there.addresses(host).filter(|record| is_ours(record)) {
        of_host.add(RecordSetChangeKind::Delete, record.clone(), Some(record));
    }
    if let Holder::Us { record, .. } = records.ownership.holder(&zone.there, host) {
        of_host.add(RecordSetChangeKind::Delete, record.clone(), None);
    }
    of_host
}

/// The changes of one call.
struct Batch<'a> {
    id: String,
    hosted_zone: &'a str,
    changes: Vec<RecordSetChange>,
    frees: BTreeSet<&'a str>,
    objects: BTreeSet<ObjectName>,
    /// Whether records of a host are deleted for good.
    removes: bool,
}

impl Batch<'_> {
    fn action(self) -> Action {
        let reason = match (self.objects.is_empty(), self.removes) {
            (true, _) => "no Ingress needs these records any more",
            (false, false) => "records point to the load balancers that the statuses of their Ingresses name",
            (false, true) => {
                "records point to the load balancers that the statuses of their Ingresses name, and go when no Ingress \
                 needs them"
            }
        };
        Action {
            id: self.id,
            depends_on: Vec::new(),
            load_balancer: String::new(),
            objects: self.objects.into_iter().collect(),
            reason: reason.to_owned(),
            disruption: if self.removes { Disruption::Removal } else { Disruption::None },
            operation: Operation::ChangeRecordSets(ChangeRecordSets {
                hosted_zone: self.hosted_zone.to_owned(),
                changes: self.changes,
            }),
        }
    }
}

/// Puts the changes of a hosted zone into as few calls as possible.
fn batched<'a>(zone: &Zone<'a>, of_hosts: impl Iterator<Item = OfHost<'a>>) -> Vec<Batch<'a>> {
    let mut batches: Vec<Batch<'_>> = Vec::new();
    let mut size = Size::default();
    for of_host in of_hosts {
        let more = size.with(&of_host.changes);
        if batches.is_empty() || !more.fits() {
            let number = batches.len() + 1;
            let end = if number == 1 { String::new() } else { format!("/{number}") };
            batches.push(Batch {
                id: format!("hosted-zone/{}/records{end}", zone.there.zone.id),
                hosted_zone: &zone.there.zone.id,
                changes: Vec::new(),
                frees: BTreeSet::new(),
                objects: BTreeSet::new(),
                removes: false,
            });
            size = Size::default().with(&of_host.changes);
        } else {
            size = more;
        }
        if let Some(batch) = batches.last_mut() {
            batch.changes.extend(of_host.changes);
            batch.frees.extend(of_host.frees);
            batch.removes |= of_host.object.is_none();
            batch.objects.extend(of_host.object);
        }
    }
    batches
}

/// What the quotas of a call count.
#[derive(Clone, Copy, Default)]
struct Size {
    elements: usize,
    characters: usize,
}

impl Size {
    fn with(self, changes: &[RecordSetChange]) -> Size {
        changes.iter().fold(self, |size, change| {
            let times = if change.kind == RecordSetChangeKind::Upsert { 2 } else { 1 };
            let alias = change.record_set.alias_target.iter().map(|alias| alias.dns_name.len());
            let values = change.record_set.values.iter().map(String::len);
            Size {
                elements: size.elements + times * change.record_set.values.len().max(1),
                characters: size.characters + times * alias.chain(values).sum::<usize>(),
            }
        })
    }

    fn fits(self) -> bool {
        self.elements <= MOST_ELEMENTS && self.characters <= MOST_CHARACTERS
    }
}

#[cfg(test)]
mod tests;
