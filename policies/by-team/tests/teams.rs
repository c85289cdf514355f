//! What the policy promises to an operator.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use albatross_policy::{
    contract::{GroupingInput, GroupingLoadBalancer, GroupingMember, ObjectName, SettledMember, Tag},
    grouping::answer,
    validate_settings,
};
use albatross_policy_by_team::ByTeam;

/// An Ingress of each team, one created after the other, on the load balancer with this index or on none.
fn question(settings: &str, teams: &[(&str, Option<u32>)], keys: &[&str]) -> GroupingInput {
    let member = |(age, (team, load_balancer)): (usize, &(&str, Option<u32>))| GroupingMember {
        object: ObjectName::ingress(team, "web"),
        created_at: Some(age as u64),
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
        members: teams.iter().enumerate().map(member).collect(),
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
fn one_load_balancer_is_shared_and_the_oldest_teams_have_the_others() {
    let all = groups(question(r#"{"most": 2}"#, &[("red", None), ("green", None), ("blue", None)], &[]));
    assert_eq!(all, [("team/red".to_owned(), vec![0]), ("teams/shared".to_owned(), vec![1, 2])]);
    let alone = groups(question(r#"{"most": 1}"#, &[("blue", None), ("green", None)], &[]));
    assert_eq!(alone, [("teams/shared".to_owned(), vec![0, 1])]);
}

/// The load balancers of a group of teams that came one after the other.
const KEYS: &[&str] = &["team/red", "team/green", "teams/shared"];
const PLACED: &[(&str, Option<u32>)] = &[("red", Some(0)), ("green", Some(1)), ("blue", Some(2))];

/// The group of each team.
fn by_team(input: &GroupingInput) -> BTreeMap<String, String> {
    let name = |index: &u32| input.members[*index as usize].object.namespace.clone();
    let answer = answer::<ByTeam>(input.clone()).unwrap();
    let groups = answer.groups.iter();
    groups.flat_map(|group| group.members.iter().map(|index| (name(index), group.key.clone()))).collect()
}

#[test]
fn no_team_moves_because_another_one_comes() {
    let before = by_team(&question(r#"{"most": 3}"#, PLACED, KEYS));
    assert_eq!(before["green"], "team/green");
    for newcomer in ["aqua", "yellow"] {
        let teams = [PLACED, &[(newcomer, None)]].concat();
        let mut after = by_team(&question(r#"{"most": 3}"#, &teams, KEYS));
        assert_eq!(after.remove(newcomer).as_deref(), Some("teams/shared"));
        assert_eq!(after, before, "{newcomer}");
    }
}

#[test]
fn no_team_moves_because_another_one_goes() {
    let before = by_team(&question(r#"{"most": 3}"#, PLACED, KEYS));
    for gone in 0..3 {
        let mut teams = PLACED.to_vec();
        let (gone, _) = teams.remove(gone);
        let after = by_team(&question(r#"{"most": 3}"#, &teams, KEYS));
        assert!(after.iter().all(|(team, key)| before[team] == *key), "without {gone}: {after:?}");
        let teams = [teams.as_slice(), &[("yellow", None)]].concat();
        let expected = if gone == "blue" { "teams/shared" } else { "team/yellow" };
        assert_eq!(by_team(&question(r#"{"most": 3}"#, &teams, KEYS))["yellow"], expected, "without {gone}");
    }
}

#[test]
fn a_team_keeps_its_load_balancer_while_its_ingress_cannot_be_read() {
    let teams = [PLACED, &[("yellow", None)]].concat();
    let mut input = question(r#"{"most": 3}"#, &teams, KEYS);
    input.members[0].settled = Some(SettledMember::Stays);
    assert_eq!(by_team(&input)["yellow"], "teams/shared");
}

#[test]
fn with_fewer_load_balancers_the_oldest_teams_keep_theirs() {
    let after = by_team(&question(r#"{"most": 2}"#, PLACED, KEYS));
    assert_eq!((after["red"].as_str(), after["green"].as_str()), ("team/red", "teams/shared"));
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
        (r#"{"most": 0}"#, "expected a nonzero u32"),
        (r#"{"most": "many"}"#, "expected a nonzero u32"),
        (r#"{"label": ""}"#, "name the label that says the team"),
        (r#"{"labels": "team"}"#, "unknown field `labels`, expected `label` or `most`"),
    ] {
        let refused = validate_settings::<ByTeam>(settings).unwrap_err().message;
        assert!(refused.contains(expected), "{refused}");
    }
}
