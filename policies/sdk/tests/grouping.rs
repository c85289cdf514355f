//! What the SDK promises to the author of a grouping policy.

#![allow(clippy::unwrap_used)]

use albatross_policy::{
    NoSettings, Policy,
    contract::{GroupingInput, GroupingMember, ObjectName, SettledMember, Tag},
    grouping::{Answer, Grouping, Place, Question, answer},
};

/// The label `key` is the key.
struct ByLabel;

impl Policy for ByLabel {
    type Settings = NoSettings;
    const SUMMARY: &'static str = "One load balancer for each value of a label.";
}

impl Grouping for ByLabel {
    fn group(_: &NoSettings, question: &Question) -> Result<Answer, String> {
        Ok(question.place(|member| match member.label("key") {
            Some(key) => Place::group(key, "its label"),
            None => Place::Default,
        }))
    }
}

albatross_policy::export!(ByLabel: grouping);

fn labelled(name: &str, key: &str) -> GroupingMember {
    GroupingMember {
        object: ObjectName::ingress("shop", name),
        labels: vec![Tag { key: "key".to_owned(), value: key.to_owned() }],
        ..GroupingMember::default()
    }
}

fn question(members: Vec<GroupingMember>) -> GroupingInput {
    GroupingInput { members, ..GroupingInput::default() }
}

#[test]
fn a_key_that_no_tag_can_hold_is_refused_in_the_tests_of_a_policy_already() {
    for key in ["*.example.org", "a,b", "aws:a", "", " a", "équipe", &"k".repeat(129)] {
        let asked = question(vec![labelled("fine", "fine"), labelled("web", key)]);
        let refused = answer::<ByLabel>(asked).unwrap_err().message;
        assert!(
            refused.starts_with(&format!("{key:?} for shop/web cannot be a key: use 1 to 128 ASCII")),
            "{refused}"
        );
    }
    assert_eq!(answer::<ByLabel>(question(vec![labelled("web", "team a/b:c")])).unwrap().groups.len(), 1);
}

#[test]
fn members_for_which_a_group_does_not_count_are_left_to_the_planner() {
    for settled in [SettledMember::Alone, SettledMember::RouteMode, SettledMember::Stays] {
        let member = GroupingMember { settled: Some(settled), ..labelled("web", "red") };
        assert_eq!(answer::<ByLabel>(question(vec![member])).unwrap().by_default, [0]);
    }
}
