//! Execution of a plan.

use std::collections::BTreeMap;

use albatross_contract::{
    Action, ActionState, CreateListener, Disruption, Operation, Plan, ResourceReference, references::resolve,
};
use albatross_embedded_cloud::{AwsError, execution};

use crate::shop::{cloud, forward, listener, load_balancer, target_group};

fn action(id: &str, depends_on: &[&str], operation: Operation) -> Action {
    Action {
        id: id.to_owned(),
        depends_on: depends_on.iter().map(|it| (*it).to_owned()).collect(),
        load_balancer: "shop".to_owned(),
        objects: Vec::new(),
        reason: "a test".to_owned(),
        disruption: Disruption::None,
        operation,
    }
}

fn created_by(id: &str) -> ResourceReference {
    ResourceReference::CreatedBy(id.to_owned())
}

fn listener_of_plan() -> CreateListener {
    let mut input = listener("", 80, "");
    input.load_balancer = created_by("load-balancer");
    if let albatross_contract::ListenerAction::Forward(forward) = &mut input.default_actions[0] {
        forward.target_groups[0].target_group = created_by("target-group");
    }
    input
}

fn plan() -> Plan {
    Plan {
        actions: vec![
            action("target-group", &[], Operation::CreateTargetGroup(target_group("nodes"))),
            action("load-balancer", &[], Operation::CreateLoadBalancer(load_balancer("shop"))),
            action(
                "listener",
                &["load-balancer", "target-group"],
                Operation::CreateListener(listener_of_plan()),
            ),
            action("other", &[], Operation::CreateTargetGroup(target_group("other"))),
        ],
        ..Plan::default()
    }
}

#[test]
fn references_are_resolved_and_every_result_is_reported_immediately_and_in_order() {
    let mut cloud = cloud();
    let mut told = Vec::new();
    let results = execution::execute(&mut cloud, &plan(), &mut |action, result| {
        assert_eq!(action.id, result.action);
        told.push(result.clone());
    });
    assert_eq!(told, results);
    assert!(results.iter().all(|it| it.state == ActionState::Done && it.error.is_none()));
    let inventory = cloud.inventory();
    let made = &inventory.load_balancers[0].listeners[0];
    assert_eq!(made.default_actions, forward(&inventory.target_groups[0].arn));
}

#[test]
fn a_failure_stops_only_actions_that_depend_on_it() {
    let mut cloud = cloud();
    cloud.faults_mut().fail_write(2, AwsError::new("TooManyLoadBalancers", "50 are there"));
    let results = execution::execute(&mut cloud, &plan(), &mut |_, _| {});
    let states: Vec<_> =
        results.iter().map(|it| (it.action.as_str(), it.state, it.error.as_deref())).collect();
    assert_eq!(
        states,
        [
            ("target-group", ActionState::Done, None),
            ("load-balancer", ActionState::Failed, Some("TooManyLoadBalancers: 50 are there")),
            ("listener", ActionState::Skipped, None),
            ("other", ActionState::Done, None),
        ]
    );
    assert_eq!(cloud.calls().writes, 3);
}

#[test]
fn an_action_that_depends_on_a_skipped_action_is_skipped_too() {
    let mut plan = plan();
    plan.actions.push(action("last", &["listener"], Operation::CreateTargetGroup(target_group("last"))));
    let mut cloud = cloud();
    cloud.faults_mut().throttle_write(1);
    let results = execution::execute(&mut cloud, &plan, &mut |_, _| {});
    let states: Vec<_> = results.iter().map(|it| it.state).collect();
    assert_eq!(
        states,
        [
            ActionState::Failed,
            ActionState::Done,
            ActionState::Skipped,
            ActionState::Done,
            ActionState::Skipped
        ]
    );
}

#[test]
fn a_plan_after_a_lost_answer_finds_the_resources_of_the_first_plan() {
    let mut cloud = cloud();
    cloud.faults_mut().lose_answer(2);
    execution::execute(&mut cloud, &plan(), &mut |_, _| {});
    let results = execution::execute(&mut cloud, &plan(), &mut |_, _| {});
    assert!(results.iter().all(|it| it.state == ActionState::Done));
    assert_eq!(cloud.inventory().load_balancers.len(), 1);
    assert_eq!(cloud.inventory().target_groups.len(), 2);
}

#[test]
fn the_error_for_a_reference_to_an_action_that_created_nothing_names_the_action() {
    let made = BTreeMap::from([("load-balancer".to_owned(), "arn:1".to_owned())]);
    let error = resolve(&Operation::CreateListener(listener_of_plan()), &made).expect_err("one is missing");
    assert_eq!(error.action, "target-group");
}
