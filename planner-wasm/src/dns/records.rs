//! The records of a hosted zone, by name.

use std::{borrow::Cow, collections::BTreeMap};

use albatross_contract::{HostedZone, RecordSet};

use crate::source::lower_case;

/// A hosted zone whose records are indexed by name.
pub struct ZoneRecords<'a> {
    /// The hosted zone.
    pub zone: &'a HostedZone,
    by_name: BTreeMap<Cow<'a, str>, Vec<&'a RecordSet>>,
}

impl<'a> ZoneRecords<'a> {
    /// Indexes the records of a hosted zone.
    pub fn new(zone: &'a HostedZone) -> Self {
        let mut by_name: BTreeMap<Cow<'_, str>, Vec<&RecordSet>> = BTreeMap::new();
        for record in &zone.record_sets {
            by_name.entry(lower_case(&record.name)).or_default().push(record);
        }
        // The order of the inventory does not matter.
        by_name.values_mut().for_each(|records| records.sort());
        ZoneRecords { zone, by_name }
    }

    /// The records with a name.
    pub fn named(&self, name: &str) -> impl Iterator<Item = &'a RecordSet> {
        self.by_name.get(name).into_iter().flatten().copied()
    }

    /// The records that answer for the addresses of a host.
    pub fn addresses(&self, host: &str) -> impl Iterator<Item = &'a RecordSet> {
        self.named(host).filter(|record| matches!(record.record_type.as_str(), "A" | "AAAA" | "CNAME"))
    }

    /// The name that the alias records of a host point to.
    pub fn target(&self, host: &str) -> Option<&'a str> {
        let alias = self.addresses(host).find_map(|record| record.alias_target.as_ref());
        alias.map(|alias| alias.dns_name.as_str())
    }
}
