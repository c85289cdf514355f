//! What the policy promises to an operator.

use albatross_policy::{
    Answered,
    contract::{GroupingAnswer, GroupingInput, GroupingMember, Mode, ObjectName, Scheme},
    grouping::answer,
    validate_settings,
};
use albatross_policy_one_per_namespace::OnePerNamespace;

fn group(input: &GroupingInput) -> Answered<GroupingAnswer> {
    answer::<OnePerNamespace>(input.clone())
}

fn ingress(namespace: &str, name: &str) -> GroupingMember {
    GroupingMember {
        object: ObjectName::ingress(namespace, name),
        class: None,
        annotations: Vec::new(),
        labels: Vec::new(),
        hosts: vec![format!("{name}.example.org")],
        scheme: Scheme::InternetFacing,
        mode: Mode::Proxy,
        unit: None,
        group: None,
        rules: 0,
        target_groups: Vec::new(),
        certificates: Vec::new(),
        created_at: None,
        load_balancer: None,
        settled: None,
    }
}

fn question(members: Vec<GroupingMember>) -> GroupingInput {
    GroupingInput { settings: String::new(), members, load_balancers: Vec::new() }
}

#[test]
fn ingresses_of_one_namespace_share_a_load_balancer_and_those_of_another_do_not() {
    let answer = group(&question(vec![
        ingress("shop", "checkout"),
        ingress("tools", "wiki"),
        ingress("shop", "returns"),
    ]))
    .unwrap();
    let groups: Vec<_> = answer.groups.iter().map(|g| (g.key.as_str(), g.members.as_slice())).collect();
    assert_eq!(groups, [("shop", [0, 2].as_slice()), ("tools", [1].as_slice())]);
    assert!(answer.rejected.is_empty());
    assert_eq!(answer.groups[0].reason, "namespace shop has its own load balancers");
}

#[test]
fn a_new_namespace_leaves_the_groups_of_the_others_as_they_were() {
    let before = group(&question(vec![ingress("shop", "checkout"), ingress("tools", "wiki")])).unwrap();
    let after =
        group(&question(vec![ingress("shop", "checkout"), ingress("tools", "wiki"), ingress("wiki", "new")]))
            .unwrap();
    assert_eq!(before.groups[..], after.groups[..2]);
}

#[test]
fn without_ingresses_there_are_no_groups() {
    assert!(group(&question(Vec::new())).unwrap().groups.is_empty());
}

#[test]
fn empty_settings_are_accepted() {
    for settings in ["", " \n", "{}", " { } "] {
        assert_eq!(validate_settings::<OnePerNamespace>(settings), Ok(()), "{settings:?}");
    }
}

#[test]
fn unknown_settings_are_refused_by_name() {
    let message = validate_settings::<OnePerNamespace>(r#"{"team-label": "team"}"#).unwrap_err().message;
    assert!(message.contains("unknown field `team-label`"), "{message}");
}

#[test]
fn settings_that_are_not_a_json_object_are_refused() {
    for settings in ["[]", "null", "{", "per-team"] {
        let message = validate_settings::<OnePerNamespace>(settings).unwrap_err().message;
        assert!(message.starts_with("the settings are not a JSON object: "), "{settings:?}: {message}");
    }
}

#[test]
fn a_question_with_wrong_settings_is_refused_as_a_whole() {
    let mut input = question(vec![ingress("shop", "checkout")]);
    input.settings = "per-team".to_owned();
    assert!(group(&input).is_err());
}
