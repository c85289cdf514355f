use albatross_contract::{
    Action, AutoScalingAttachment, Disruption, HealthCheckType, Operation, ResourceReference, TargetChange,
    TargetId,
};

use super::compare;
use crate::{
    backends::{Joiner, Leaver, TargetChanges},
    diff::testing::{MEMBER, actions, target_group, wanted},
    testing::{self, auto_scaling_group, leak, target_group_arn, told},
    wanted::TargetGroup,
};

fn compared(group: &TargetGroup<'_>) -> Vec<Action> {
    actions(|actions| compare(group, &wanted(None), &[MEMBER.owned()], actions))
}

/// An existing target group, with these changes.
fn there(targets: TargetChanges<'static>) -> TargetGroup<'static> {
    TargetGroup { targets, ..target_group(Some(testing::target_group("one"))) }
}

fn single(id: &'static str, port: Option<u16>, running: usize) -> Leaver<'static> {
    Leaver { id, is_group: false, port, running }
}

fn target_ids(targets: &[(&str, Option<u16>)]) -> Vec<TargetId> {
    targets.iter().map(|(id, port)| TargetId { id: (*id).to_owned(), port: *port }).collect()
}

#[test]
fn without_changes_there_is_nothing_to_do() {
    assert_eq!(compared(&there(TargetChanges::default())), []);
}

#[test]
fn joining_targets_come_before_leaving_ones() {
    let nodes = leak(auto_scaling_group("nodes", &["i-2"], &[]));
    let old = Leaver { id: "old", is_group: true, port: None, running: 2 };
    let leave = vec![single("i-9", None, 1), old];
    let changed = compared(&there(TargetChanges {
        attach: vec![nodes],
        register: vec![Joiner { id: "i-1", port: None }],
        leave,
        ..Default::default()
    }));
    assert_eq!(
        told(&changed),
        [
            "auto-scaling-group/nodes/attach",
            "targets/register",
            "auto-scaling-group/old/detach",
            "targets/deregister"
        ]
    );
    let target_group = ResourceReference::Existing(target_group_arn("one"));
    let attachment = |name: &str| AutoScalingAttachment {
        auto_scaling_group: name.into(),
        target_group: target_group.clone(),
    };
    let change = |targets| TargetChange { target_group: target_group.clone(), targets };
    let operations: Vec<&Operation> = changed.iter().map(|action| &action.operation).collect();
    assert_eq!(
        operations,
        [
            &Operation::AttachTargetGroup(attachment("nodes")),
            &Operation::RegisterTargets(change(target_ids(&[("i-1", None)]))),
            &Operation::DetachTargetGroup(attachment("old")),
            &Operation::DeregisterTargets(change(target_ids(&[("i-9", None)]))),
        ]
    );
    let waiting: Vec<usize> = changed.iter().map(|action| action.objects.len()).collect();
    assert_eq!(waiting, [1, 1, 0, 0], "nobody waits for what leaves");
}

#[test]
fn all_target_actions_wait_for_a_new_target_group() {
    let register = TargetChanges { register: vec![Joiner { id: "i-1", port: None }], ..Default::default() };
    let changed = compared(&TargetGroup { targets: register, ..target_group(None) });
    let made = "one/target-group/group/create".to_owned();
    assert_eq!(changed[0].depends_on, [made.as_str()]);
    let target_group = ResourceReference::CreatedBy(made);
    let change = TargetChange { target_group, targets: target_ids(&[("i-1", None)]) };
    assert_eq!(changed[0].operation, Operation::RegisterTargets(change));
}

#[test]
fn action_ids_of_a_previous_target_group_contain_its_name() {
    let register = TargetChanges { register: vec![Joiner { id: "i-1", port: None }], ..Default::default() };
    let group = TargetGroup { is_current: false, ..there(register) };
    assert_eq!(told(&compared(&group)), [format!("target-group/{}/targets/register", group.name)]);
}

#[test]
fn attaching_a_group_that_replaces_unhealthy_instances_can_cost_nodes() {
    for (health_check_type, expected) in
        [(HealthCheckType::Ec2, Disruption::None), (HealthCheckType::Elb, Disruption::Nodes)]
    {
        let mut nodes = auto_scaling_group("nodes", &["i-2"], &[]);
        nodes.health_check_type = health_check_type;
        let attach = TargetChanges { attach: vec![leak(nodes)], ..Default::default() };
        assert_eq!(compared(&there(attach))[0].disruption, expected);
    }
}

#[test]
fn only_running_targets_are_drained() {
    for (leave, expected) in [
        (vec![single("i-8", None, 0)], Disruption::None),
        (vec![single("i-8", None, 0), single("i-9", None, 1)], Disruption::Drain),
        (vec![Leaver { id: "old", is_group: true, port: None, running: 0 }], Disruption::None),
        (vec![Leaver { id: "old", is_group: true, port: None, running: 3 }], Disruption::Drain),
    ] {
        let changed = compared(&there(TargetChanges { leave: leave.clone(), ..Default::default() }));
        assert_eq!(changed[0].disruption, expected, "{leave:?}");
    }
}

#[test]
fn a_target_on_another_port_leaves_by_that_port() {
    let leave = vec![single("i-1", Some(8080), 1)];
    let changed = compared(&there(TargetChanges { leave, ..Default::default() }));
    let Operation::DeregisterTargets(change) = &changed[0].operation else { panic!("{changed:?}") };
    assert_eq!(change.targets, target_ids(&[("i-1", Some(8080))]));
}

#[test]
fn the_reasons_for_targets_of_proxy_mode_name_nodes_or_pods() {
    let both = || TargetChanges {
        register: vec![Joiner { id: "10.0.0.1", port: None }],
        leave: vec![single("10.0.0.2", None, 1), single("10.0.0.3", None, 1)],
        ..Default::default()
    };
    let reasons = |is_of_pods| -> Vec<String> {
        let group = TargetGroup { is_of_pods, ..there(both()) };
        compared(&group).into_iter().map(|action| action.reason).collect()
    };
    assert_eq!(reasons(false), ["1 node belongs to no Auto Scaling Group", "2 targets are no longer nodes"]);
    assert_eq!(
        reasons(true),
        ["1 pod of the proxy is ready", "2 targets are no longer running pods of the proxy"]
    );
}
