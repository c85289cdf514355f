//! What the policy promises to an operator.

#![allow(clippy::unwrap_used)]

use albatross_policy::{
    contract::{Scheme, SubnetAnswer, SubnetCandidate, SubnetInput, Tag},
    subnets::answer,
};
use albatross_policy_tagged_subnets::TaggedSubnets;

/// Subnets by zone and value of the tag.
fn chosen(scheme: Scheme, subnets: &[(&str, &str)], by_default: &[u32]) -> SubnetAnswer {
    let candidate = |(number, (zone, value)): (usize, &(&str, &str))| SubnetCandidate {
        id: format!("subnet-{number}"),
        zone: (*zone).to_owned(),
        tags: vec![Tag { key: "load-balancers".to_owned(), value: (*value).to_owned() }],
        ..SubnetCandidate::default()
    };
    let candidates = subnets.iter().enumerate().map(candidate).collect();
    let by_default = by_default.to_vec();
    answer::<TaggedSubnets>(SubnetInput { scheme, candidates, by_default, ..SubnetInput::default() }).unwrap()
}

const ALL: &[(&str, &str)] = &[
    ("a", "internet-facing"),
    ("a", "internal"),
    ("b", "none"),
    ("b", "internet-facing"),
    ("c", "internal"),
];

#[test]
fn each_scheme_has_its_subnets_one_in_each_zone() {
    let answer = chosen(Scheme::InternetFacing, ALL, &[]);
    assert_eq!(
        (answer.subnets.as_slice(), answer.reason.as_str()),
        ([0, 3].as_slice(), "tag load-balancers=internet-facing")
    );
    assert_eq!(chosen(Scheme::Internal, ALL, &[]).subnets, [1, 4]);
}

#[test]
fn of_two_in_a_zone_the_one_that_the_planner_prefers_is_chosen() {
    let twins = [("a", "internal"), ("a", "internal")];
    assert_eq!(chosen(Scheme::Internal, &twins, &[1]).subnets, [1]);
    assert_eq!(chosen(Scheme::Internal, &twins, &[]).subnets, [0]);
}

#[test]
fn without_a_tagged_subnet_none_is_chosen() {
    assert!(chosen(Scheme::Internal, &[("a", "none")], &[0]).subnets.is_empty());
}
