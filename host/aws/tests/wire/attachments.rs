//! Auto Scaling attaches or detaches at most ten target groups of an Auto Scaling Group at once.

use albatross_aws::Executor;
use albatross_contract::{
    Action, ActionState, AutoScalingAttachment, Disruption, Operation, Plan, ResourceReference,
};
use aws_sdk_elasticloadbalancingv2::types::ProtocolEnum;

use crate::{
    controller::{Always, plan_of},
    world::World,
};

/// Creates target groups and returns their ARNs.
async fn target_groups(world: &World, count: usize) -> Vec<String> {
    let mut arns = Vec::new();
    for number in 0..count {
        let request =
            world.elb().create_target_group().name(format!("nodes-{number}")).protocol(ProtocolEnum::Http);
        let answer = request.port(9999).vpc_id(&world.vpc).send().await.expect("a target group");
        arns.push(answer.target_groups()[0].target_group_arn().expect("its ARN").to_owned());
    }
    arns
}

/// A plan that attaches or detaches each target group in a separate action.
fn plan(arns: &[String], operation: fn(AutoScalingAttachment) -> Operation) -> Plan {
    let action = |(number, arn): (usize, &String)| Action {
        id: format!("{number}"),
        depends_on: Vec::new(),
        load_balancer: String::new(),
        objects: Vec::new(),
        reason: String::new(),
        disruption: Disruption::None,
        operation: operation(AutoScalingAttachment {
            auto_scaling_group: "nodes".to_owned(),
            target_group: ResourceReference::Existing(arn.clone()),
        }),
    };
    let nothing = Operation::DeleteRule(ResourceReference::Existing(String::new()));
    Plan { actions: arns.iter().enumerate().map(action).collect(), ..plan_of(nothing) }
}

#[tokio::test(flavor = "multi_thread")]
async fn thirty_target_groups_are_attached_and_detached_in_batches_of_ten() {
    let world = World::in_region("us-gov-east-1").await;
    let executor = Executor::new(world.aws.clone(), &world.settings().identity);
    let arns = target_groups(&world, 30).await;
    for (operation, call) in [
        (Operation::AttachTargetGroup as fn(_) -> _, "AttachLoadBalancerTargetGroups"),
        (Operation::DetachTargetGroup, "DetachLoadBalancerTargetGroups"),
    ] {
        let before = world.recorder.calls().len();
        let results = executor.execute(&plan(&arns, operation), &Always, &mut |_, _| {}).await;
        assert!(results.iter().all(|it| it.state == ActionState::Done), "{results:?}");
        let calls = world.calls_since(before);
        let made = calls.iter().filter(|it| it.action == call);
        assert_eq!(made.filter(|it| it.status == Some(200)).count(), 3, "{calls:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_group_that_cannot_be_attached_does_not_keep_the_others_from_being_attached() {
    let world = World::in_region("us-gov-west-1").await;
    let executor = Executor::new(world.aws.clone(), &world.settings().identity);
    let mut arns = target_groups(&world, 3).await;
    world.elb().delete_target_group().target_group_arn(&arns[1]).send().await.expect("it is gone");
    let results = executor.execute(&plan(&arns, Operation::AttachTargetGroup), &Always, &mut |_, _| {}).await;
    let states: Vec<ActionState> = results.iter().map(|it| it.state).collect();
    assert_eq!(states, [ActionState::Done, ActionState::Failed, ActionState::Done], "{results:?}");
    arns.remove(1);
    let groups = world.auto_scaling().describe_auto_scaling_groups().send().await.expect("groups");
    let mut attached = groups.auto_scaling_groups()[0].target_group_arns().to_vec();
    attached.sort();
    arns.sort();
    assert_eq!(attached, arns);
}
