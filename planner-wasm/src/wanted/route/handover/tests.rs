use super::{Answer, Destination, Forward, LIMIT, answer_now};
use crate::{observed::Owned, testing};
use albatross_contract::{
    ForwardAction, ListenerAction, ResourceReference, Rule, TargetGroup, WeightedTargetGroup,
};

/// A target group with one target.
fn group(name: &str, health: &str) -> TargetGroup {
    let mut group = testing::target_group(name);
    group.arn = name.to_owned();
    group.targets = vec![testing::target("i-1", health)];
    group
}

/// A rule that forwards to these target groups with these weights.
fn rule(groups: &[(&str, u16)]) -> Rule {
    let weighted = |(arn, weight): &(&str, u16)| WeightedTargetGroup {
        target_group: ResourceReference::Existing((*arn).to_owned()),
        weight: *weight,
    };
    let target_groups = groups.iter().map(weighted).collect();
    let forward = ListenerAction::Forward(ForwardAction { target_groups, stickiness: None });
    Rule { actions: vec![forward], ..Rule::default() }
}

/// The target groups of the answer, with their weights: from a rule with target groups of these weights, to others with
/// weight 1. `there` names the target groups that exist, with their health.
fn answer(now: &[(&str, u16)], next: &[&str], there: &[(&str, &str)]) -> Vec<(String, u16)> {
    let groups: Vec<TargetGroup> = there.iter().map(|(name, health)| group(name, health)).collect();
    let mut owned = Owned::new("one");
    owned.target_groups = groups.iter().collect();
    let to = |name: &&str| match groups.iter().find(|group| group.arn == **name) {
        Some(group) => Destination::Existing(&group.arn),
        None => Destination::Made((*name).to_owned()),
    };
    let groups = next.iter().map(|name| Forward { to: to(name), weight: 1 }).collect();
    let rule = rule(now);
    let asked = Answer::Forward { groups, stickiness: None };
    let now = answer_now(&asked, Some(&rule), Some(&owned));
    let Answer::Forward { groups, .. } = now.as_ref().unwrap_or(&asked) else { return Vec::new() };
    assert!(groups.len() <= LIMIT, "a forward action has room for {LIMIT} target groups");
    let told = groups.iter().map(|it| match &it.to {
        Destination::Existing(arn) => ((*arn).to_owned(), it.weight),
        Destination::Made(name) => (name.clone(), it.weight),
    });
    told.collect()
}

fn row(names: &[(&str, u16)]) -> Vec<(String, u16)> {
    names.iter().map(|(name, weight)| ((*name).to_owned(), *weight)).collect()
}

#[test]
fn a_new_target_group_waits_beside_the_present_one_until_it_is_healthy() {
    let there = |new| [("old", "healthy"), ("new", new)];
    assert_eq!(answer(&[("old", 1)], &["new"], &there("initial")), row(&[("old", 1), ("new", 0)]));
    assert_eq!(answer(&[("old", 1), ("new", 0)], &["new"], &there("healthy")), row(&[("new", 1)]));
    assert_eq!(answer(&[("old", 1)], &["new"], &[("old", "unused")]), row(&[("new", 1)]), "nothing serves");
}

#[test]
fn present_target_groups_without_room_leave_before_the_swap() {
    let now = [("a", 1), ("b", 5), ("c", 3), ("d", 9)];
    let there = [("a", "healthy"), ("b", "healthy"), ("c", "healthy"), ("d", "unused")];
    let expected = row(&[("b", 5), ("c", 3), ("x", 0), ("y", 0), ("z", 0)]);
    assert_eq!(
        answer(&now, &["x", "y", "z"], &there),
        expected,
        "first what serves nobody, then the lightest"
    );
    let expected = row(&[("a", 1), ("b", 5), ("x", 0), ("y", 0), ("z", 0)]);
    assert_eq!(answer(&now, &["x", "y", "z", "a"], &there), expected, "a stays in the end");
}

#[test]
fn five_new_target_groups_take_over_in_two_steps() {
    let new = ["u", "v", "x", "y", "z"];
    let there = |last| {
        let four = ["u", "v", "x", "y"].map(|name| (name, "healthy"));
        [[("old", "healthy")].as_slice(), four.as_slice(), &[("z", last)]].concat()
    };
    let waiting = [("u", 0), ("v", 0), ("x", 0), ("y", 0)];
    let first = [[("old", 1)].as_slice(), waiting.as_slice()].concat();
    assert_eq!(answer(&[("old", 1)], &new, &[("old", "healthy")]), row(&first));
    let second = [("u", 1), ("v", 1), ("x", 1), ("y", 1), ("z", 0)];
    assert_eq!(answer(&first, &new, &there("unused")), row(&second));
    assert_eq!(answer(&second, &new, &there("initial")), row(&second));
    assert_eq!(answer(&second, &new, &there("healthy")), row(&new.map(|name| (name, 1))));
}
