//! Records of Route 53.

use albatross_contract::{
    AliasTarget, OWNERSHIP_RECORD, RecordSet, RecordSetChange, RecordSetChangeKind, WILDCARD_OWNERSHIP_RECORD,
};
use aws_sdk_route53::{
    error::BuildError,
    types::{self as sdk, ChangeAction, ResourceRecord, ResourceRecordSet, RrType},
};

/// Prefix of ids in answers.
const ID_PREFIX: &str = "/hostedzone/";

/// The id of a hosted zone.
pub(crate) fn zone_id(id: &str) -> String {
    id.strip_prefix(ID_PREFIX).unwrap_or(id).to_owned()
}

/// A name as Route 53 answers it: with a dot at its end, and with characters besides letters, digits, `-` and `_` as `\` and
/// three octal digits (Route 53 developer guide, "DNS domain name format").
pub(crate) fn plain_name(answered: &str) -> String {
    let mut bytes = Vec::with_capacity(answered.len());
    let mut rest = answered.strip_suffix('.').unwrap_or(answered);
    while let Some((before, escaped)) = rest.split_once('\\') {
        bytes.extend_from_slice(before.as_bytes());
        match escaped.get(..3).and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &escaped[3..];
            }
            None => {
                bytes.push(b'\\');
                rest = escaped;
            }
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&bytes).to_ascii_lowercase()
}

/// A record, if its name can be that of a host or if it is an ownership record.
pub(crate) fn from_sdk(found: &ResourceRecordSet) -> Option<RecordSet> {
    let name = plain_name(&found.name);
    let is_ownership = || name.starts_with(OWNERSHIP_RECORD) || name.starts_with(WILDCARD_OWNERSHIP_RECORD);
    let concerns_us = match found.r#type {
        RrType::A | RrType::Aaaa | RrType::Cname => true,
        RrType::Txt => is_ownership(),
        _ => false,
    };
    if !concerns_us {
        return None;
    }
    Some(RecordSet {
        record_type: found.r#type.as_str().to_owned(),
        ttl: found.ttl.and_then(|ttl| u64::try_from(ttl).ok()),
        values: found.resource_records().iter().map(|record| record.value.clone()).collect(),
        alias_target: found.alias_target.as_ref().map(|alias| AliasTarget {
            hosted_zone_id: alias.hosted_zone_id.clone(),
            dns_name: plain_name(&alias.dns_name),
            evaluate_target_health: alias.evaluate_target_health,
        }),
        set_identifier: found.set_identifier.clone(),
        name,
    })
}

/// A change of a record.
pub(crate) fn to_sdk(change: &RecordSetChange) -> Result<sdk::Change, BuildError> {
    let record = &change.record_set;
    let action = match change.kind {
        RecordSetChangeKind::Create => ChangeAction::Create,
        RecordSetChangeKind::Upsert => ChangeAction::Upsert,
        RecordSetChangeKind::Delete => ChangeAction::Delete,
    };
    let alias = record.alias_target.as_ref().map(|alias| {
        sdk::AliasTarget::builder()
            .hosted_zone_id(&alias.hosted_zone_id)
            .dns_name(&alias.dns_name)
            .evaluate_target_health(alias.evaluate_target_health)
            .build()
    });
    let values = record.values.iter().map(|value| ResourceRecord::builder().value(value).build());
    let values: Vec<ResourceRecord> = values.collect::<Result<_, _>>()?;
    let found = ResourceRecordSet::builder()
        .name(&record.name)
        .r#type(RrType::from(record.record_type.as_str()))
        .set_ttl(record.ttl.and_then(|ttl| i64::try_from(ttl).ok()))
        .set_resource_records((!values.is_empty()).then_some(values))
        .set_alias_target(alias.transpose()?)
        .set_set_identifier(record.set_identifier.clone())
        .build()?;
    sdk::Change::builder().action(action).resource_record_set(found).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_without_its_last_dot_and_without_escapes() {
        for (answered, expected) in [
            ("Shop.example.org.", "shop.example.org"),
            ("\\052.example.org.", "*.example.org"),
            ("a\\057b.example.org.", "a/b.example.org"),
            ("odd\\9.example.org.", "odd\\9.example.org"),
        ] {
            assert_eq!(plain_name(answered), expected);
        }
    }

    #[test]
    fn records_are_converted_there_and_back_and_other_records_are_left_out() {
        let alias = AliasTarget {
            hosted_zone_id: "Z2".into(),
            dns_name: "albatross-1.elb.amazonaws.com".into(),
            evaluate_target_health: false,
        };
        let record = RecordSet {
            name: "*.example.org".into(),
            record_type: "AAAA".into(),
            alias_target: Some(alias),
            ..RecordSet::default()
        };
        let text = |name: &str| RecordSet {
            name: name.into(),
            record_type: "TXT".into(),
            ttl: Some(300),
            values: vec!["\"a\" \"b\"".into()],
            ..RecordSet::default()
        };
        let back = |record: &RecordSet| {
            let change = RecordSetChange { kind: RecordSetChangeKind::Create, record_set: record.clone() };
            from_sdk(to_sdk(&change).unwrap().resource_record_set().unwrap())
        };
        for record in [record, text("_albatross.example.org"), text("_albatross-wildcard.example.org")] {
            assert_eq!(back(&record).as_ref(), Some(&record));
        }
        assert_eq!(back(&text("example.org")), None);
    }
}
