//! What the policy promises to an operator.

#![allow(clippy::unwrap_used)]

use albatross_policy::{
    contract::{GroupingInput, GroupingLoadBalancer, GroupingMember, ObjectName, SettledMember},
    grouping::answer,
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
fn a_member_whose_answer_does_not_count_takes_no_place() {
    let mut input = question(&[None; 3], &[]);
    input.members[0].settled = Some(SettledMember::Alone);
    let answer = answer::<BlastRadius>(input).unwrap();
    assert_eq!(
        (answer.groups[0].members.as_slice(), answer.by_default.as_slice()),
        ([1, 2].as_slice(), [0].as_slice())
    );
}
