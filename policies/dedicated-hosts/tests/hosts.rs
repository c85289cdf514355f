//! What the policy promises to an operator.

#![allow(clippy::unwrap_used)]

use albatross_policy::{
    contract::{GroupingInput, GroupingMember, ObjectName},
    grouping::answer,
    validate_settings,
};
use albatross_policy_dedicated_hosts::DedicatedHosts;

fn key(hosts: &[&str]) -> Option<String> {
    let member = GroupingMember {
        object: ObjectName::ingress("shop", "web"),
        hosts: hosts.iter().map(|host| (*host).to_owned()).collect(),
        ..GroupingMember::default()
    };
    let settings = r#"{"hosts": ["pay.example.org", ".example.net"]}"#.to_owned();
    let answer = answer::<DedicatedHosts>(GroupingInput {
        settings,
        members: vec![member],
        ..GroupingInput::default()
    });
    answer.unwrap().groups.first().map(|group| group.key.clone())
}

#[test]
fn a_listed_host_has_its_own_load_balancer() {
    assert_eq!(key(&["pay.example.org"]).as_deref(), Some("host/pay.example.org"));
    assert_eq!(key(&["shop.example.org", "PAY.example.org"]).as_deref(), Some("host/pay.example.org"));
}

#[test]
fn all_hosts_below_a_listed_domain_share_one() {
    assert_eq!(key(&["a.example.net"]).as_deref(), Some("host/.example.net"));
    assert_eq!(key(&["*.example.net"]).as_deref(), Some("host/.example.net"));
    assert_eq!(key(&["anexample.net"]), None, "a domain ends at a dot");
}

#[test]
fn every_other_ingress_is_left_to_the_planner() {
    assert_eq!(key(&["shop.example.org"]), None);
    assert_eq!(key(&[]), None);
}

#[test]
fn an_entry_that_is_no_host_is_refused_before_any_ingress_waits_for_it() {
    let too_long = format!("{}.example.org", "a".repeat(112));
    for entry in
        [".", "", "*.example.org", "shop..example.org", "shop.example.org.", "shop example", &too_long]
    {
        let settings = format!(r#"{{"hosts": ["pay.example.org", "{entry}"]}}"#);
        let refused = validate_settings::<DedicatedHosts>(&settings).unwrap_err().message;
        assert!(refused.contains(&format!("hosts has {entry:?}: write a host")), "{refused}");
    }
}

#[test]
fn every_entry_that_is_accepted_makes_a_key() {
    let longest = format!("{}.example.org", "a".repeat(111));
    for entry in ["pay.example.org", ".example.org", "a_b.example.org", &longest] {
        let settings = format!(r#"{{"hosts": ["{entry}"]}}"#);
        assert_eq!(validate_settings::<DedicatedHosts>(&settings), Ok(()), "{entry}");
        let host = if entry.starts_with('.') { format!("a{entry}") } else { entry.to_owned() };
        let member = GroupingMember { hosts: vec![host], ..GroupingMember::default() };
        let input = GroupingInput { settings, members: vec![member], ..GroupingInput::default() };
        assert_eq!(answer::<DedicatedHosts>(input).unwrap().groups.len(), 1, "{entry}");
    }
}
