use albatross_contract::{HostedZone, RecordSet, Settings};

use super::{Holder, Ownership, ZoneRecords, ownership_name};
use crate::testing::settings;

fn text(name: &str, value: &str) -> RecordSet {
    RecordSet {
        name: name.into(),
        record_type: "TXT".into(),
        ttl: Some(300),
        values: vec![value.into()],
        ..RecordSet::default()
    }
}

fn zone(record_sets: Vec<RecordSet>) -> HostedZone {
    HostedZone { id: "Z1".into(), name: "example.org".into(), record_sets, ..HostedZone::default() }
}

/// Whether the records of a host are ours, and whether the ownership record names this cluster.
fn holds(settings: &Settings, record: RecordSet, host: &str) -> Option<bool> {
    let zone = zone(vec![record]);
    match Ownership::new(settings).holder(&ZoneRecords::new(&zone), host) {
        Holder::Us { is_current, .. } => Some(is_current),
        Holder::Other(_) | Holder::Nobody => None,
    }
}

#[test]
fn the_ownership_record_of_a_wildcard_has_another_name_than_that_of_its_parent() {
    assert_eq!(ownership_name("shop.example.org"), "_albatross.shop.example.org");
    assert_eq!(ownership_name("*.example.org"), "_albatross-wildcard.example.org");
    assert_eq!(ownership_name("example.org"), "_albatross.example.org");
}

#[test]
fn an_ownership_record_names_cluster_and_controller_and_is_recognized() {
    let settings = settings();
    let value = Ownership::new(&settings).value();
    assert_eq!(value, "\"heritage=albatross,cluster-id=test,cluster-uid=uid,controller-id=albatross\"");
    assert_eq!(holds(&settings, text("_albatross.a.org", &value), "a.org"), Some(true));
    assert_eq!(
        holds(&settings, text("_Albatross.A.org", &value), "a.org"),
        Some(true),
        "case does not matter"
    );
    assert_eq!(holds(&settings, text("_albatross.a.org", &value), "b.org"), None);
    assert_eq!(holds(&settings, text("a.org", &value), "a.org"), None);
}

#[test]
fn long_and_unusual_identities_fit_into_texts_of_255_characters() {
    let mut settings = settings();
    settings.identity.cluster_id = "aws:1/é, \"x\"".into();
    settings.identity.cluster_uid = "u".repeat(256);
    let value = Ownership::new(&settings).value();
    assert!(value.is_ascii() && value.contains("cluster-id=aws:1/%C3%A9%2C%20%22x%22"), "{value}");
    assert!(value.split("\" \"").all(|part| part.trim_matches('"').len() <= 255), "{value}");
    assert_eq!(holds(&settings, text("_albatross.a.org", &value), "a.org"), Some(true));
}

#[test]
fn the_records_of_another_cluster_are_ours_only_if_a_person_takes_it_over() {
    let mut other = settings();
    other.identity.cluster_uid = "another".into();
    let record = text("_albatross.a.org", &Ownership::new(&other).value());
    let mut settings = settings();
    assert_eq!(holds(&settings, record.clone(), "a.org"), None);
    settings.allowances.take_over_cluster.push("another".into());
    assert_eq!(holds(&settings, record, "a.org"), Some(false));
}

#[test]
fn an_ownership_record_with_a_second_value_is_not_ours() {
    let settings = settings();
    let mut record = text("_albatross.a.org", &Ownership::new(&settings).value());
    record.values.push("\"another\"".into());
    assert_eq!(holds(&settings, record, "a.org"), None);
}
