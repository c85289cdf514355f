//! Records of Route 53.

use albatross_contract::{
    AliasTarget, ChangeRecordSets, HostedZone, Operation, RecordSet, RecordSetChange, RecordSetChangeKind,
};
use albatross_embedded_cloud::{AwsError, EmbeddedCloud};

use RecordSetChangeKind::{Create, Delete, Upsert};

fn address(name: &str, value: &str) -> RecordSet {
    RecordSet {
        name: name.to_owned(),
        record_type: "A".to_owned(),
        ttl: Some(60),
        values: vec![value.to_owned()],
        ..RecordSet::default()
    }
}

fn alias(name: &str) -> RecordSet {
    RecordSet {
        name: name.to_owned(),
        record_type: "A".to_owned(),
        alias_target: Some(AliasTarget {
            hosted_zone_id: "Z2".to_owned(),
            dns_name: "elsewhere.example.net".to_owned(),
            evaluate_target_health: false,
        }),
        ..RecordSet::default()
    }
}

/// A cloud with the hosted zone `example.org`, which has an address for `www`.
fn cloud() -> EmbeddedCloud {
    let mut inventory = crate::shop::inventory();
    inventory.hosted_zones = Some(vec![HostedZone {
        id: "Z1".to_owned(),
        name: "example.org".to_owned(),
        record_sets: vec![address("www.example.org", "192.0.2.1")],
        ..HostedZone::default()
    }]);
    EmbeddedCloud::new(inventory)
}

fn change(
    cloud: &mut EmbeddedCloud,
    hosted_zone: &str,
    changes: &[(RecordSetChangeKind, RecordSet)],
) -> Result<(), AwsError> {
    let changes = changes
        .iter()
        .map(|(kind, record_set)| RecordSetChange { kind: *kind, record_set: record_set.clone() });
    let change = ChangeRecordSets { hosted_zone: hosted_zone.to_owned(), changes: changes.collect() };
    cloud.execute(&Operation::ChangeRecordSets(change)).map(drop)
}

fn records(cloud: &mut EmbeddedCloud) -> Vec<RecordSet> {
    cloud.inventory().hosted_zones.as_ref().expect("hosted zones")[0].record_sets.clone()
}

#[test]
fn records_are_created_replaced_and_deleted() {
    let mut cloud = cloud();
    let (www, shop) = (address("www.example.org", "192.0.2.1"), alias("shop.example.org"));
    let other = address("www.example.org", "192.0.2.2");
    change(&mut cloud, "Z1", &[(Create, shop.clone()), (Upsert, other.clone())]).expect("accepted");
    assert_eq!(records(&mut cloud), [shop.clone(), other.clone()]);
    change(&mut cloud, "Z1", &[(Delete, shop), (Delete, other), (Create, www.clone())]).expect("accepted");
    assert_eq!(records(&mut cloud), [www]);
}

#[test]
fn a_batch_with_one_bad_change_changes_nothing() {
    let www = || address("www.example.org", "192.0.2.1");
    let cname = RecordSet { record_type: "CNAME".to_owned(), ..address("www.example.org", "a.example.net") };
    let cases = [
        (
            Create,
            www(),
            "Tried to create resource record set [name='www.example.org.', type='A'] but it already exists",
        ),
        (Delete, address("a.example.org", "192.0.2.1"), "but it was not found"),
        (
            Delete,
            address("www.example.org", "192.0.2.9"),
            "but the values provided do not match the current values",
        ),
        (Create, address("www.example.net", "192.0.2.1"), "is not permitted in zone example.org."),
        (Create, address("notexample.org", "192.0.2.1"), "is not permitted in zone example.org."),
        (Create, cname, "a conflicting RRSet of type CNAME"),
        (Create, RecordSet { ttl: None, ..address("a.example.org", "192.0.2.1") }, "Missing field"),
        (Create, RecordSet { ttl: Some(60), ..alias("a.example.org") }, "an alias record has no TTL"),
    ];
    for (kind, record, expected) in cases {
        let mut cloud = cloud();
        let good = (Create, alias("shop.example.org"));
        let error = change(&mut cloud, "Z1", &[good, (kind, record)]).expect_err(expected);
        assert_eq!(error.code, "InvalidChangeBatch");
        assert!(error.message.contains(expected), "{error}");
        assert_eq!(records(&mut cloud), [www()]);
    }
}

#[test]
fn a_call_has_limits_and_needs_an_existing_hosted_zone() {
    let many = |kind, count: usize| -> Vec<(RecordSetChangeKind, RecordSet)> {
        (0..count).map(|number| (kind, address(&format!("{number}.example.org"), "192.0.2.1"))).collect()
    };
    let code = |zone, changes: &[_]| change(&mut cloud(), zone, changes).map_err(|error| error.code);
    assert_eq!(code("Z1", &many(Create, 1_000)), Ok(()));
    assert_eq!(code("Z1", &many(Create, 1_001)), Err("InvalidChangeBatch".to_owned()));
    assert_eq!(
        code("Z1", &many(Upsert, 501)),
        Err("InvalidChangeBatch".to_owned()),
        "an upsert counts twice"
    );
    assert_eq!(code("Z9", &many(Create, 1)), Err("NoSuchHostedZone".to_owned()));
}
