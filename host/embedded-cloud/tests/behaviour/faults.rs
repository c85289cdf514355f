//! Faults on demand.

use albatross_contract::{AutoScalingAttachment, LoadBalancerState, Operation};
use albatross_embedded_cloud::{AwsError, CRASHED, Calls};

use crate::shop::{at, cloud, listener, load_balancer, make, target_group};

fn create(name: &str) -> Operation {
    Operation::CreateTargetGroup(target_group(name))
}

fn code(answer: Result<Option<String>, AwsError>) -> String {
    answer.expect_err("a fault").code
}

#[test]
fn calls_are_counted_from_one_and_writes_and_reads_separately() {
    let mut cloud = cloud();
    cloud.execute(&create("first")).expect("no fault");
    cloud.execute(&create("bad_name")).expect_err("AWS refuses it");
    cloud.observe().expect("no fault");
    assert_eq!(cloud.calls(), Calls { writes: 2, reads: 1 });
}

#[test]
fn a_failed_or_throttled_write_does_nothing_and_the_next_write_works() {
    let mut cloud = cloud();
    cloud.faults_mut().fail_write(1, AwsError::new("InternalFailure", "try again"));
    cloud.faults_mut().throttle_write(2);
    assert_eq!(
        cloud.execute(&create("nodes")).expect_err("a fault").to_string(),
        "InternalFailure: try again"
    );
    assert_eq!(code(cloud.execute(&create("nodes"))), "Throttling");
    assert!(cloud.inventory().target_groups.is_empty());
    cloud.execute(&create("nodes")).expect("the third call has no fault");
    assert_eq!(cloud.inventory().target_groups.len(), 1);
}

#[test]
fn after_a_lost_answer_the_same_create_call_finds_the_resource() {
    let mut cloud = cloud();
    cloud.faults_mut().lose_answer(1);
    assert_eq!(code(cloud.execute(&create("nodes"))), "RequestTimeout");
    let arn = cloud.inventory().target_groups[0].arn.clone();
    assert_eq!(cloud.execute(&create("nodes")), Ok(Some(arn)));
    assert_eq!(cloud.inventory().target_groups.len(), 1);
}

#[test]
fn a_crash_before_a_call_ends_everything_until_the_controller_starts_again() {
    let mut cloud = cloud();
    cloud.faults_mut().crash_before(2);
    cloud.execute(&create("first")).expect("no fault yet");
    assert_eq!(code(cloud.execute(&create("second"))), CRASHED);
    assert_eq!(code(cloud.execute(&create("third"))), CRASHED);
    assert_eq!(cloud.observe().expect_err("dead").code, CRASHED);
    cloud.faults_mut().clear();
    let seen = cloud.observe().expect("alive again");
    assert_eq!(seen.target_groups.len(), 1);
}

#[test]
fn a_crash_after_a_call_keeps_the_effect_of_the_call() {
    let mut cloud = cloud();
    cloud.faults_mut().crash_after(2);
    cloud.execute(&create("first")).expect("no fault yet");
    assert_eq!(code(cloud.execute(&create("second"))), CRASHED);
    assert_eq!(code(cloud.execute(&create("third"))), CRASHED);
    cloud.faults_mut().clear();
    assert_eq!(cloud.observe().expect("alive again").target_groups.len(), 2);
}

#[test]
fn a_failed_read_returns_nothing_and_the_next_read_works() {
    let mut cloud = cloud();
    cloud.faults_mut().throttle_read(1);
    assert_eq!(cloud.observe().expect_err("a fault").code, "Throttling");
    cloud.observe().expect("the second read has no fault");
}

#[test]
fn a_stale_read_lacks_the_effects_of_the_last_calls_and_catches_up() {
    let mut cloud = cloud();
    cloud.faults_mut().stale_reads(2);
    for name in ["first", "second", "third"] {
        cloud.execute(&create(name)).expect("no fault");
    }
    let seen: Vec<_> = (0..3).map(|_| cloud.observe().expect("no fault").target_groups.len()).collect();
    assert_eq!(seen, [1, 2, 3]);
}

#[test]
fn a_stale_read_has_the_current_time() {
    let mut cloud = cloud();
    cloud.faults_mut().stale_reads(1);
    cloud.execute(&Operation::CreateLoadBalancer(load_balancer("shop"))).expect("no fault");
    cloud.advance(300);
    let seen = cloud.observe().expect("no fault");
    assert!(seen.load_balancers.is_empty());
    assert_eq!(seen.observed_at, cloud.now());
}

#[test]
fn a_clone_and_its_original_change_independently() {
    let mut original = cloud();
    original.execute(&create("first")).expect("no fault");
    let mut clone = original.clone();
    clone.execute(&create("second")).expect("no fault");
    assert_eq!(original.inventory().target_groups.len(), 1);
    assert_eq!(clone.inventory().target_groups.len(), 2);
}

#[test]
fn a_new_target_group_is_invisible_to_other_calls_at_first() {
    let mut cloud = cloud();
    cloud.faults_mut().unseen_for(30);
    let balancer = make(&mut cloud, &Operation::CreateLoadBalancer(load_balancer("shop")));
    let nodes = make(&mut cloud, &create("nodes"));
    let listener = Operation::CreateListener(listener(&balancer, 80, &nodes));
    assert_eq!(code(cloud.execute(&listener)), "TargetGroupNotFound");
    let attach = AutoScalingAttachment { auto_scaling_group: "nodes".to_owned(), target_group: at(&nodes) };
    let attach = Operation::AttachTargetGroup(attach);
    assert_eq!(code(cloud.execute(&attach)), "ValidationError");
    cloud.advance(30);
    cloud.execute(&listener).expect("it is known now");
    cloud.execute(&attach).expect("it is known now");
}

#[test]
fn in_a_regional_incident_no_load_balancer_becomes_active() {
    let mut cloud = cloud();
    cloud.faults_mut().makes_no_load_balancers(true);
    make(&mut cloud, &Operation::CreateLoadBalancer(load_balancer("shop")));
    cloud.advance(3_600);
    assert_eq!(cloud.inventory().load_balancers[0].state, LoadBalancerState::Provisioning);
    cloud.faults_mut().makes_no_load_balancers(false);
    assert_eq!(cloud.inventory().load_balancers[0].state, LoadBalancerState::Active);
}
