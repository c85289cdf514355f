//! Deletes everything except the resources of others.

use std::time::Duration;

use albatross_contract::{
    ActionState, CreateSecurityGroup, Operation, ResourceReference, TAG_APPLICATION, TAG_CLUSTER, TAG_ID,
};
use albatross_stories::ingress;
use albatross_test_servers::{Fault, Moto};
use aws_sdk_elasticloadbalancingv2::types::{ActionTypeEnum, ProtocolEnum, Tag};

use crate::{
    controller::{Always, Controller, owned, plan_of},
    world::{CLUSTER, World},
};

#[tokio::test(flavor = "multi_thread")]
async fn without_ingresses_everything_of_ours_is_deleted_after_the_grace_period_and_nothing_of_others() {
    let world = World::in_region("ca-central-1").await;
    world.make_certificate(&["shop.example.org"]).await;
    let elb = world.elb();
    let request =
        elb.create_load_balancer().name("somebody-elses").set_subnets(Some(world.subnets[..2].to_vec()));
    request.send().await.expect("a load balancer of somebody else");
    let request = elb.create_target_group().name("somebody-elses").protocol(ProtocolEnum::Http).port(80);
    request.vpc_id(&world.vpc).send().await.expect("a target group of somebody else");

    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let mut controller =
        Controller::new(&world, world.settings(), vec![ingress("shop", &["shop.example.org"])]);
    controller.converge().await;
    assert_eq!(controller.observe().await.load_balancers.len(), 2);

    controller.apply(Vec::new());
    controller.converge().await;
    assert_eq!(owned(&controller.observe().await).len(), 1, "it stays for its grace period");
    controller.wait(3_601);
    for pass in controller.converge().await {
        assert_eq!(pass.failures(), []);
    }
    let inventory = controller.observe().await;
    let names: Vec<&str> = inventory.load_balancers.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["somebody-elses"]);
    let names: Vec<&str> = inventory.target_groups.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["somebody-elses"]);
    assert!(inventory.auto_scaling_groups.iter().all(|group| group.target_groups.is_empty()));
    assert_eq!(inventory.certificates.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resource_that_has_lost_its_tags_since_the_plan_is_not_deleted() {
    let world = World::in_region("ca-west-1").await;
    let elb = world.elb();
    let request = elb.create_load_balancer().name("adopted").set_subnets(Some(world.subnets[..2].to_vec()));
    let request = request.tags(Tag::builder().key("albatross/id").value("0123456789ab").build());
    let answer = request.send().await.expect("a load balancer");
    let arn = answer.load_balancers()[0].load_balancer_arn().expect("its ARN").to_owned();
    let action =
        aws_sdk_elasticloadbalancingv2::types::Action::builder().r#type(ActionTypeEnum::FixedResponse);
    let response =
        aws_sdk_elasticloadbalancingv2::types::FixedResponseActionConfig::builder().status_code("404");
    let request = elb.create_listener().load_balancer_arn(&arn).port(80).protocol(ProtocolEnum::Http);
    let request = request.default_actions(action.fixed_response_config(response.build()).build());
    let listener = request.send().await.expect("a listener");
    let listener = listener.listeners()[0].listener_arn().expect("its ARN").to_owned();

    let controller = Controller::new(&world, world.settings(), Vec::new());
    let existing = |arn: &str| ResourceReference::Existing(arn.to_owned());
    for (resource, operation) in [
        (&arn, Operation::DeleteLoadBalancer(existing(&arn))),
        (&listener, Operation::DeleteListener(existing(&listener))),
    ] {
        let results = controller.executor.execute(&plan_of(operation), &Always, &mut |_, _| {}).await;
        assert_eq!(
            results[0].error.as_deref(),
            Some(
                format!(
                    "NotOurs: {resource} lacks this controller's tag kubernetes.io/cluster/harbour=owned, so it is left \
                     alone; if it belongs to this controller, put the tag back"
                )
                .as_str()
            )
        );
    }
    assert_eq!(elb.describe_load_balancers().send().await.expect("a list").load_balancers().len(), 1);
    assert_eq!(world.writes_since(0), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_a_resource_that_no_longer_exists_succeeds() {
    let world = World::in_region("sa-east-1").await;
    let controller = Controller::new(&world, world.settings(), Vec::new());
    let account = "arn:aws:elasticloadbalancing:sa-east-1:123456789012";
    let existing = |arn: String| ResourceReference::Existing(arn);
    for operation in [
        Operation::DeleteLoadBalancer(existing(format!("{account}:loadbalancer/app/gone/0123456789abcdef"))),
        Operation::DeleteTargetGroup(existing(format!("{account}:targetgroup/gone/0123456789abcdef"))),
        Operation::DeleteListener(existing(format!(
            "{account}:listener/app/gone/0123456789abcdef/0123456789abcdef"
        ))),
        Operation::DeleteSecurityGroup(existing("sg-0123456789abcdef0".to_owned())),
    ] {
        let results = controller.executor.execute(&plan_of(operation), &Always, &mut |_, _| {}).await;
        assert_eq!(results[0].error, None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_security_group_that_aws_still_counts_as_used_is_no_failure() {
    let moto = Moto::start().expect("moto starts");
    let world = World::on(&moto, "eu-central-1").await;
    let controller = Controller::new(&world, world.settings(), Vec::new());
    let execute = async |operation| {
        let plan = plan_of(operation);
        controller.executor.execute(&plan, &Always, &mut |_, _| {}).await.remove(0)
    };
    let created = execute(Operation::CreateSecurityGroup(CreateSecurityGroup {
        name: "albatross-1-clients".to_owned(),
        description: "albatross".to_owned(),
        vpc_id: world.vpc.clone(),
        tags: our_tags(),
    }));
    assert_eq!(created.await.state, ActionState::Done);
    let found = world.ec2().describe_security_groups().group_names("albatross-1-clients").send().await;
    let id = found.expect("it").security_groups()[0].group_id().expect("its id").to_owned();
    let in_use = Fault::Refuse {
        status: 400,
        code: "DependencyViolation".to_owned(),
        message: format!("resource {id} has a dependent object"),
    };
    world.recorder.disturb("DeleteSecurityGroup", 1..=6, in_use);

    let delete = || execute(Operation::DeleteSecurityGroup(ResourceReference::Existing(id.clone())));
    let refused = delete().await;
    let message = format!(
        "StillInUse: AWS does not delete {id} yet, because something still uses it: the call is retried"
    );
    assert_eq!((refused.state, refused.error), (ActionState::Skipped, Some(message)));
    assert_eq!(delete().await.state, ActionState::Done);
}

/// The tags that make a resource ours.
fn our_tags() -> Vec<albatross_contract::Tag> {
    let cluster = format!("{TAG_CLUSTER}{CLUSTER}");
    let tags = [(cluster.as_str(), "owned"), (TAG_APPLICATION, "albatross"), (TAG_ID, "1a2b")];
    tags.map(|(key, value)| albatross_contract::Tag { key: key.to_owned(), value: value.to_owned() }).into()
}
