//! What the SDK promises to the author of a grouping policy.

#![allow(clippy::unwrap_used)]

use std::num::NonZeroU32;

use albatross_policy::{
    NoSettings, Policy,
    contract::{GroupingInput, GroupingLoadBalancer, GroupingMember, Mode, ObjectName, SettledMember, Tag},
    fixture,
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
    for settled in [SettledMember::Alone, SettledMember::NamedGroup, SettledMember::Stays] {
        let member = GroupingMember { settled: Some(settled), ..labelled("web", "red") };
        assert_eq!(answer::<ByLabel>(question(vec![member])).unwrap().by_default, [0]);
    }
}

/// A new member goes by its label; who has a place keeps it, unless that is of another policy.
struct Keeps;

impl Policy for Keeps {
    type Settings = NoSettings;
    const SUMMARY: &'static str = "Members stay where they are.";
}

impl Grouping for Keeps {
    fn group(_: &NoSettings, question: &Question) -> Result<Answer, String> {
        Ok(question.keep(
            |_, key| (key != "old").then(|| "they stay".to_owned()),
            |member| member.label("key").map_or(Place::Default, |key| Place::group(key, "new")),
        ))
    }
}

#[test]
fn who_has_a_place_keeps_it_and_only_others_are_asked_for() {
    let on = |load_balancer: u32, member: GroupingMember| GroupingMember {
        load_balancer: Some(load_balancer),
        ..member
    };
    let load_balancer = |group: Option<&str>| GroupingLoadBalancer {
        group: group.map(str::to_owned),
        ..GroupingLoadBalancer::default()
    };
    let members = vec![
        on(0, labelled("stays", "blue")),
        on(1, labelled("of-another-policy", "blue")),
        on(2, labelled("without-a-group", "red")),
        labelled("new", "red"),
        on(0, GroupingMember { settled: Some(SettledMember::Stays), ..labelled("misspelt", "blue") }),
    ];
    let load_balancers = vec![load_balancer(Some("red")), load_balancer(Some("old")), load_balancer(None)];
    let asked = GroupingInput { load_balancers, ..question(members) };
    let answer = answer::<Keeps>(asked).unwrap();
    let groups: Vec<_> =
        answer.groups.iter().map(|group| (group.key.as_str(), group.members.clone())).collect();
    assert_eq!(groups, [("blue", vec![1]), ("red", vec![0, 2, 3])]);
    assert_eq!(
        (answer.groups[1].reason.as_str(), answer.by_default.as_slice()),
        ("they stay", [4].as_slice())
    );
}

/// A member in route mode of the unit with this host, which needs two rules.
fn routed(name: &str, age: u64, unit: Option<&str>) -> GroupingMember {
    GroupingMember {
        mode: Mode::Route,
        created_at: Some(age),
        unit: unit.map(str::to_owned),
        rules: 2,
        target_groups: vec![format!("shop/{name}:80"), "shop/common:80".to_owned()],
        ..labelled(name, "")
    }
}

/// Parts of at most two members.
struct Parts;

impl Policy for Parts {
    type Settings = NoSettings;
    const SUMMARY: &'static str = "At most two Ingresses on a load balancer.";
}

impl Grouping for Parts {
    fn group(_: &NoSettings, question: &Question) -> Result<Answer, String> {
        Ok(question.spread("part", NonZeroU32::MIN.saturating_add(1), "few on each"))
    }
}

/// The index of the members of each part.
fn parts(input: GroupingInput) -> Vec<(String, Vec<u32>)> {
    let answer = answer::<Parts>(input).unwrap();
    answer.groups.into_iter().map(|group| (group.key, group.members)).collect()
}

#[test]
fn a_unit_is_never_parted_and_one_that_is_too_large_is_alone() {
    let (two, three) = (Some("two.org"), Some("three.org"));
    let members = vec![
        routed("a", 1, two),
        routed("b", 2, None),
        routed("c", 3, three),
        routed("d", 4, three),
        routed("e", 9, two),
        routed("f", 8, three),
    ];
    let expected = [("part/1", vec![0, 4]), ("part/2", vec![1]), ("part/3", vec![2, 3, 5])];
    let expected = expected.map(|(key, members)| (key.to_owned(), members));
    assert_eq!(parts(question(members)), expected);
}

#[test]
fn a_unit_that_grows_moves_nobody() {
    let on = |load_balancer: u32, member: GroupingMember| GroupingMember {
        load_balancer: Some(load_balancer),
        ..member
    };
    let part = |key: &str| GroupingLoadBalancer { group: Some(key.to_owned()), ..Default::default() };
    let asked =
        |members| GroupingInput { load_balancers: vec![part("part/1"), part("part/2")], ..question(members) };
    let both = Some("both.org");
    let grown = vec![on(1, routed("a", 1, both)), routed("b", 2, both)];
    assert_eq!(parts(asked(grown)), [("part/2".to_owned(), vec![0, 1])]);
    let beside_another = vec![on(0, routed("a", 2, both)), routed("b", 3, both), on(0, routed("c", 1, None))];
    assert_eq!(
        parts(asked(beside_another)),
        [("part/1".to_owned(), vec![0, 1, 2])],
        "who stands there stays"
    );
    let settled_down =
        vec![on(0, routed("a", 5, both)), on(0, routed("b", 3, both)), on(0, routed("s", 9, None))];
    assert_eq!(parts(asked(settled_down)), [("part/1".to_owned(), vec![0, 1, 2])], "nor in the next pass");
    let joined = vec![on(0, routed("a", 1, both)), on(1, routed("b", 2, both)), routed("c", 3, both)];
    let as_before = [("part/1".to_owned(), vec![0, 2]), ("part/2".to_owned(), vec![1])];
    assert_eq!(parts(asked(joined)), as_before, "the host that connects them is new");
}

#[test]
fn a_unit_has_the_rules_and_target_groups_of_its_members_and_settled_members_are_left_to_the_planner() {
    let both = Some("both.org");
    let settled = Some(SettledMember::Stays);
    let asked = question(vec![
        routed("young", 2, both),
        routed("old", 1, both),
        routed("single", 3, None),
        GroupingMember { settled, ..routed("misspelt", 4, both) },
    ]);
    let question = Question::new(asked);
    let units = question.units();
    assert_eq!(units.len(), 3);
    assert_eq!(units[0].members().iter().map(|it| it.name()).collect::<Vec<_>>(), ["old", "young"]);
    assert_eq!(units[0].rules(), 4);
    assert_eq!(
        units[0].target_groups().into_iter().collect::<Vec<_>>(),
        ["shop/common:80", "shop/old:80", "shop/young:80"]
    );
    let answer = question.place_units(|unit| match unit.members().len() {
        1 => Place::Default,
        _ => Place::group("red", "together"),
    });
    let answer = answer.into_contract().unwrap();
    assert_eq!(answer.groups.iter().map(|group| group.members.clone()).collect::<Vec<_>>(), [[1, 0]]);
    assert_eq!(answer.by_default, [2, 3]);
}

#[test]
fn what_is_no_recorded_question_is_named() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let file = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let subnets = r#"{"format-version": 1, "policy-call": {"question": {"subnets": {"settings": "", "scheme": "internal",
        "candidates": [], "by-default": []}}}}"#;
    for (path, expected) in [
        (file("snapshot.json", r#"{"format-version": 1, "snapshot": {}}"#), "missing field `policy-call`"),
        (file("subnets-1.json", subnets), "not a question of the point grouping"),
        (folder.join("none.json"), "none.json: "),
    ] {
        let problem = fixture::<GroupingInput>(&path).unwrap_err();
        assert!(problem.contains(expected), "{expected:?} is not in {problem}");
    }
}
