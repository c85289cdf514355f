use super::*;

fn change(kind: RecordSetChangeKind, host: &str) -> RecordSetChange {
    let record_set = RecordSet {
        name: host.to_owned(),
        record_type: "TXT".to_owned(),
        values: vec!["\"heritage=albatross\"".to_owned()],
        ..RecordSet::default()
    };
    RecordSetChange { kind, record_set }
}

fn size_of(changes: &[RecordSetChange]) -> (usize, usize) {
    let size = Size::default().with(changes);
    (size.elements, size.characters)
}

#[test]
fn elements_and_characters_of_an_upsert_count_twice() {
    assert_eq!(size_of(&[change(RecordSetChangeKind::Create, "a.org")]), (1, 20));
    assert_eq!(size_of(&[change(RecordSetChangeKind::Upsert, "a.org")]), (2, 40));
    assert_eq!(size_of(&[]), (0, 0));
}

#[test]
fn a_call_holds_at_most_a_thousand_elements_and_thirty_two_thousand_characters() {
    let fits = |elements, characters| Size { elements, characters }.fits();
    assert!(fits(1_000, 32_000));
    assert!(!fits(1_001, 1) && !fits(1, 32_001));
}

#[test]
fn a_load_balancer_without_public_ipv4_addresses_has_no_record_of_type_a() {
    let kinds = |of| address_types(of).map(|(_, is_wanted)| is_wanted);
    assert_eq!(kinds(IpAddressType::Ipv4), [true, false]);
    assert_eq!(kinds(IpAddressType::Dualstack), [true, true]);
    assert_eq!(kinds(IpAddressType::DualstackWithoutPublicIpv4), [false, true]);
}
