//! Registers nodes, some of which AWS refuses.

use albatross_contract::{ActionResult, Operation, ResourceReference, TargetChange, TargetId};
use albatross_test_servers::Fault;
use aws_sdk_elasticloadbalancingv2::types::ProtocolEnum;

use crate::{
    controller::{Always, Controller, plan_of},
    world::World,
};

async fn target_group(world: &World) -> String {
    let elb = world.elb();
    let request = elb.create_target_group().name("nodes").protocol(ProtocolEnum::Http).port(9999);
    let answer = request.vpc_id(&world.vpc).send().await.expect("a target group");
    answer.target_groups()[0].target_group_arn().expect("its ARN").to_owned()
}

async fn register(world: &World, group: &str, ids: &[&str]) -> ActionResult {
    let targets = ids.iter().map(|id| TargetId { id: (*id).to_owned(), port: None }).collect();
    let target_group = ResourceReference::Existing(group.to_owned());
    let plan = plan_of(Operation::RegisterTargets(TargetChange { target_group, targets }));
    let controller = Controller::new(world, world.settings(), Vec::new());
    controller.executor.execute(&plan, &Always, &mut |_, _| {}).await.remove(0)
}

async fn registered(world: &World, group: &str) -> Vec<String> {
    let answer = world.elb().describe_target_health().target_group_arn(group).send().await.expect("targets");
    let targets = answer.target_health_descriptions().iter();
    let mut ids: Vec<String> = targets.filter_map(|found| found.target()?.id().map(str::to_owned)).collect();
    ids.sort();
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_aws_refuses_does_not_keep_the_others_from_being_registered() {
    let world = World::in_region("ap-south-2").await;
    let group = target_group(&world).await;
    let mut nodes = Vec::new();
    for _ in 0..4 {
        nodes.push(world.make_single_node().await);
    }
    nodes.sort();
    let stopped = nodes.remove(2);
    world.ec2().stop_instances().instance_ids(&stopped).send().await.expect("it is stopped");
    let ids = [nodes[0].as_str(), &stopped, &nodes[1], "i-00000000000000000", &nodes[2]];
    let result = register(&world, &group, &ids).await;
    assert_eq!(
        result.error.as_deref(),
        Some(
            format!(
                "InvalidTarget: elasticloadbalancing:RegisterTargets: The following targets are not in a running state \
                 and cannot be registered: '{stopped}'"
            )
            .as_str()
        ),
        "the error is that of the first refused node"
    );
    assert_eq!(registered(&world, &group).await, nodes);
}

#[tokio::test(flavor = "multi_thread")]
async fn any_other_refusal_ends_the_call() {
    let world = World::in_region("eu-central-2").await;
    let group = target_group(&world).await;
    let nodes = [world.make_single_node().await, world.make_single_node().await];
    let too_many =
        Fault::Refuse { status: 400, code: "TooManyTargets".to_owned(), message: "no more".to_owned() };
    world.recorder.disturb("RegisterTargets", .., too_many);
    let result = register(&world, &group, &[&nodes[0], &nodes[1]]).await;
    assert!(result.error.is_some_and(|error| error.starts_with("TooManyTargets: ")));
    assert_eq!(world.answered_writes_since(0), ["RegisterTargets"]);
}
