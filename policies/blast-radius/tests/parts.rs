//! What the policy promises to an operator.

#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};

use albatross_policy::{
    contract::{GroupingInput, GroupingLoadBalancer, GroupingMember, ObjectName, SettledMember},
    grouping::answer,
    validate_settings,
};
use albatross_policy_blast_radius::BlastRadius;

/// Ingresses that were created one after the other, on the load balancer with this index or on none.
fn question(places: &[Option<u32>], keys: &[&str]) -> GroupingInput {
    let member = |(number, place): (usize, &Option<u32>)| GroupingMember {
        object: ObjectName::ingress("shop", &format!("web-{number}")),
        created_at: Some(number as u64),
        load_balancer: *place,
        ..GroupingMember::default()
    };
    let load_balancer = |key: &&str| GroupingLoadBalancer {
        group: Some((*key).to_owned()),
        ..GroupingLoadBalancer::default()
    };
    GroupingInput {
        settings: r#"{"most": 2}"#.to_owned(),
        members: places.iter().enumerate().map(member).collect(),
        load_balancers: keys.iter().map(load_balancer).collect(),
    }
}

fn parts(input: GroupingInput) -> Vec<(String, Vec<u32>)> {
    let answer = answer::<BlastRadius>(input).unwrap();
    answer.groups.into_iter().map(|group| (group.key, group.members)).collect()
}

#[test]
fn new_ingresses_fill_one_load_balancer_after_the_other() {
    let all = parts(question(&[None; 5], &[]));
    assert_eq!(
        all,
        [("part/1".into(), vec![0, 1]), ("part/2".into(), vec![2, 3]), ("part/3".into(), vec![4])]
    );
}

#[test]
fn an_ingress_keeps_its_place_and_a_gap_is_filled() {
    let all = parts(question(&[Some(1), None, Some(1), Some(0)], &["part/1", "part/2"]));
    assert_eq!(all, [("part/1".into(), vec![1, 3]), ("part/2".into(), vec![0, 2])]);
}

#[test]
fn with_less_room_the_oldest_stay() {
    let all = parts(question(&[Some(0), Some(0), Some(0)], &["part/1"]));
    assert_eq!(all, [("part/1".into(), vec![0, 1]), ("part/2".into(), vec![2])]);
}

#[test]
fn an_ingress_of_its_own_load_balancer_takes_no_place() {
    let mut input = question(&[None; 3], &[]);
    input.members[0].settled = Some(SettledMember::Alone);
    let answer = answer::<BlastRadius>(input).unwrap();
    assert_eq!(
        (answer.groups[0].members.as_slice(), answer.by_default.as_slice()),
        ([1, 2].as_slice(), [0].as_slice())
    );
}

#[test]
fn a_misspelt_ingress_keeps_its_place_so_nobody_moves_when_it_is_corrected() {
    let mut input = question(&[Some(0), Some(0), None], &["part/1"]);
    input.members[1].settled = Some(SettledMember::Stays);
    let broken = answer::<BlastRadius>(input.clone()).unwrap();
    assert_eq!(broken.by_default, [1]);
    assert_eq!(parts(input.clone()), [("part/1".into(), vec![0]), ("part/2".into(), vec![2])]);

    input.members[1].settled = None;
    input.members[2].load_balancer = Some(1);
    let part_2 = GroupingLoadBalancer { group: Some("part/2".to_owned()), ..GroupingLoadBalancer::default() };
    input.load_balancers.push(part_2);
    assert_eq!(parts(input), [("part/1".into(), vec![0, 1]), ("part/2".into(), vec![2])]);
}

/// Which Ingresses share a load balancer, by name, whatever the order of the question is.
fn by_name(mut input: GroupingInput, reversed: bool) -> BTreeMap<String, BTreeSet<String>> {
    if reversed {
        input.members.reverse();
    }
    let name = |index: &u32| input.members[*index as usize].object.name.clone();
    let answer = answer::<BlastRadius>(input.clone()).unwrap();
    answer.groups.iter().map(|group| (group.key.clone(), group.members.iter().map(name).collect())).collect()
}

#[test]
fn ingresses_of_one_age_or_of_unknown_age_are_placed_by_their_names() {
    for age in [Some(7), None] {
        let mut input = question(&[None; 5], &[]);
        input.members.iter_mut().for_each(|member| member.created_at = age);
        assert_eq!(by_name(input.clone(), false), by_name(input, true), "{age:?}");
    }
}

#[test]
fn settings_that_make_no_sense_are_refused() {
    let refused = validate_settings::<BlastRadius>(r#"{"most": 0}"#).unwrap_err().message;
    assert!(refused.contains("expected a nonzero u32"), "{refused}");
    assert!(validate_settings::<BlastRadius>("").is_ok());
}
