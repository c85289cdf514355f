//! What the policy promises to an operator.

#![allow(clippy::unwrap_used)]

use albatross_policy::{
    contract::{GroupingInput, GroupingLoadBalancer, GroupingMember, ObjectName, Tag},
    grouping::answer,
    validate_settings,
};
use albatross_policy_by_team::ByTeam;

/// An Ingress of each team, on the load balancer with this index or on none.
fn question(settings: &str, teams: &[(&str, Option<u32>)], keys: &[&str]) -> GroupingInput {
    let member = |(team, load_balancer): &(&str, Option<u32>)| GroupingMember {
        object: ObjectName::ingress(team, "web"),
        labels: vec![Tag { key: "team".to_owned(), value: (*team).to_owned() }],
        load_balancer: *load_balancer,
        ..GroupingMember::default()
    };
    let load_balancer = |key: &&str| GroupingLoadBalancer {
        group: Some((*key).to_owned()),
        ..GroupingLoadBalancer::default()
    };
    GroupingInput {
        settings: settings.to_owned(),
        members: teams.iter().map(member).collect(),
        load_balancers: keys.iter().map(load_balancer).collect(),
    }
}

fn groups(input: GroupingInput) -> Vec<(String, Vec<u32>)> {
    let answer = answer::<ByTeam>(input).unwrap();
    answer.groups.into_iter().map(|group| (group.key, group.members)).collect()
}

#[test]
fn each_team_has_its_own_load_balancer() {
    let all = groups(question("", &[("blue", None), ("red", None), ("blue", None)], &[]));
    assert_eq!(all, [("team/blue".to_owned(), vec![0, 2]), ("team/red".to_owned(), vec![1])]);
}

#[test]
fn beyond_the_ceiling_teams_share_one() {
    let all = groups(question(r#"{"most": 2}"#, &[("blue", None), ("green", None), ("red", None)], &[]));
    assert_eq!(all, [("team/blue".to_owned(), vec![0]), ("teams/shared".to_owned(), vec![1, 2])]);
}

#[test]
fn a_team_that_has_a_load_balancer_keeps_it() {
    let all = groups(question(
        r#"{"most": 2}"#,
        &[("blue", None), ("green", None), ("red", Some(0))],
        &["team/red"],
    ));
    assert_eq!(all, [("team/red".to_owned(), vec![2]), ("teams/shared".to_owned(), vec![0, 1])]);
}

#[test]
fn an_ingress_without_a_team_is_left_to_the_planner() {
    let mut input = question("", &[("blue", None)], &[]);
    input.members[0].labels.clear();
    assert_eq!(answer::<ByTeam>(input).unwrap().by_default, [0]);
}

#[test]
fn settings_that_make_no_sense_are_refused() {
    for (settings, expected) in [
        (r#"{"most": 0}"#, "allow at least one load balancer"),
        (r#"{"most": "many"}"#, "expected usize"),
        (r#"{"labels": "team"}"#, "unknown field `labels`, expected `label` or `most`"),
    ] {
        let refused = validate_settings::<ByTeam>(settings).unwrap_err().message;
        assert!(refused.contains(expected), "{refused}");
    }
}
