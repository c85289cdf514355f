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
fn an_entry_without_a_name_is_refused() {
    let refused = validate_settings::<DedicatedHosts>(r#"{"hosts": ["."]}"#).unwrap_err().message;
    assert!(refused.contains("write a host"), "{refused}");
}
