//! Ownership of records: a TXT record beside the records of a host says who created them.
//!
//! The TXT record has a name of its own, since a name with a CNAME record can have no other record.

use std::borrow::Cow;

use albatross_contract::{HostedZone, OWNERSHIP_RECORD, RecordSet, Settings, WILDCARD_OWNERSHIP_RECORD};

use super::ZoneRecords;
use crate::source::lower_case;

/// Characters of a text of a TXT record (Route 53 developer guide, "TXT record type"); a longer text is split.
const LONGEST_TEXT: usize = 255;

/// The name of the ownership record of a host.
pub fn ownership_name(host: &str) -> String {
    match host.strip_prefix("*.") {
        Some(rest) => format!("{WILDCARD_OWNERSHIP_RECORD}{rest}"),
        None => format!("{OWNERSHIP_RECORD}{host}"),
    }
}

/// The host that an ownership record is about. `None`: it is no ownership record.
fn covered_host(record: &RecordSet) -> Option<Cow<'_, str>> {
    if record.record_type != "TXT" {
        return None;
    }
    let name = lower_case(&record.name);
    let wildcard = name.strip_prefix(WILDCARD_OWNERSHIP_RECORD).map(|rest| Cow::Owned(format!("*.{rest}")));
    wildcard.or_else(|| match name {
        Cow::Borrowed(name) => name.strip_prefix(OWNERSHIP_RECORD).map(Cow::Borrowed),
        Cow::Owned(name) => name.strip_prefix(OWNERSHIP_RECORD).map(|rest| Cow::Owned(rest.to_owned())),
    })
}

/// Who holds the records of a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holder<'a> {
    /// This controller. The uid is that of this cluster, or of a cluster that it takes over.
    Us {
        /// The ownership record.
        record: &'a RecordSet,
        /// Whether it names this cluster.
        is_current: bool,
    },
    /// Another controller, or another cluster, as the ownership record says.
    Other(String),
    /// There is no ownership record.
    Nobody,
}

/// The identity that our ownership records carry.
pub struct Ownership<'a> {
    settings: &'a Settings,
}

impl<'a> Ownership<'a> {
    /// The texts for the identity of the settings.
    pub fn new(settings: &'a Settings) -> Self {
        Ownership { settings }
    }

    /// The value of our ownership records.
    pub fn value(&self) -> String {
        let text = self.text(&self.settings.identity.cluster_uid);
        // The text is ASCII, so every part is.
        let parts = text.as_bytes().chunks(LONGEST_TEXT).map(String::from_utf8_lossy);
        let quoted: Vec<String> = parts.map(|part| format!("\"{part}\"")).collect();
        quoted.join(" ")
    }

    fn text(&self, uid: &str) -> String {
        let identity = &self.settings.identity;
        format!(
            "heritage=albatross,cluster-id={},cluster-uid={},controller-id={}",
            encoded(&identity.cluster_id),
            encoded(uid),
            encoded(&identity.controller_id)
        )
    }

    /// Who holds the records of a host in a hosted zone.
    pub fn holder<'b>(&self, zone: &ZoneRecords<'b>, host: &str) -> Holder<'b> {
        let found = zone.named(&ownership_name(host)).find(|record| record.record_type == "TXT");
        found.map_or(Holder::Nobody, |record| self.holder_by(record))
    }

    /// Who holds records, as an ownership record says.
    fn holder_by<'b>(&self, record: &'b RecordSet) -> Holder<'b> {
        let other = || Holder::Other(record.values.join(" "));
        let ([value], None) = (record.values.as_slice(), &record.set_identifier) else { return other() };
        let found = joined(value);
        if found == self.text(&self.settings.identity.cluster_uid) {
            return Holder::Us { record, is_current: true };
        }
        let taken_over = &self.settings.allowances.take_over_cluster;
        match taken_over.iter().any(|uid| found == self.text(uid)) {
            true => Holder::Us { record, is_current: false },
            false => other(),
        }
    }

    /// The hosts of a hosted zone whose records are ours.
    pub fn held_hosts<'b>(&self, zone: &'b HostedZone) -> impl Iterator<Item = Cow<'b, str>> {
        zone.record_sets.iter().filter_map(|record| {
            let host = covered_host(record)?;
            matches!(self.holder_by(record), Holder::Us { .. }).then_some(host)
        })
    }

    /// In words, why the records of a host may not be changed.
    pub fn taken(&self, records: &ZoneRecords<'_>, host: &str) -> Option<String> {
        let zone = records.zone;
        match self.holder(records, host) {
            Holder::Other(value) => Some(format!(
                "the TXT record {} in hosted zone {} says that they belong to {value}",
                ownership_name(host),
                zone.id
            )),
            Holder::Us { .. } => records.addresses(host).find(|record| !is_ours(record)).map(|record| {
                format!("hosted zone {} has a {} for this name that is not ours", zone.id, kind_of(record))
            }),
            Holder::Nobody => records.addresses(host).next().map(|record| {
                format!(
                    "hosted zone {} has a {} for this name, and no TXT record {} that says that it is ours",
                    zone.id,
                    kind_of(record),
                    ownership_name(host)
                )
            }),
        }
    }

    /// What to do about the records of others.
    pub fn remedy(&self, host: &str) -> String {
        format!(
            "delete that record, or let Albatross take it over with a TXT record {} whose value is {}",
            ownership_name(host),
            self.value()
        )
    }
}

/// Whether a record, under a name that is ours, can be ours: we create neither CNAME records nor several records with one
/// name and type.
pub fn is_ours(record: &RecordSet) -> bool {
    record.record_type != "CNAME" && record.set_identifier.is_none()
}

fn kind_of(record: &RecordSet) -> String {
    let several = if record.set_identifier.is_some() { " with a set identifier" } else { "" };
    format!("record of type {}{several}", record.record_type)
}

/// The texts of a value of a TXT record, as one text.
fn joined(value: &str) -> String {
    // Quoted texts with spaces between them: what is in quotation marks is every second part.
    value.split('"').skip(1).step_by(2).collect()
}

/// A value without characters that have a meaning in a TXT record or in our text.
fn encoded(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.:/+@".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}
