//! Lists that lack existing resources. (AWS has been seen to return two of four load balancers without an error.)

use std::time::Duration;

use albatross_contract::ViewPart;
use albatross_stories::ingress;
use albatross_test_servers::{Fault, Moto};

use crate::{
    controller::{Controller, owned},
    world::World,
};

/// A controller that has converged with one Ingress.
async fn settled(world: &World) -> Controller<'_> {
    world.make_certificate(&["shop.example.org"]).await;
    tokio::time::sleep(Duration::from_millis(1_100)).await; // The certificate is issued.
    let mut controller =
        Controller::new(world, world.settings(), vec![ingress("shop", &["shop.example.org"])]);
    controller.converge().await;
    controller
}

async fn load_balancer(controller: &mut Controller<'_>) -> String {
    owned(&controller.observe().await)[0].arn.clone()
}

/// Makes the next list of this call lack this resource. Look-ups after that list are answered normally.
fn omit(world: &World, call: &str, arn: &str) {
    world.recorder.disturb(call, 1..=1, Fault::Omit { member_with: format!(">{arn}<") });
}

/// Runs a pass, which writes nothing, still observes one load balancer and one target group, and reports this gap.
async fn doubts(controller: &mut Controller<'_>, part: ViewPart, reason: &str) {
    let before = controller.world.recorder.calls().len();
    let pass = controller.pass().await;
    assert_eq!(controller.world.writes_since(before), [""; 0]);
    let missing = pass.inventory.incomplete.iter().map(|it| (it.part, it.reason.as_str()));
    assert_eq!(missing.collect::<Vec<_>>(), [(part, reason)]);
    assert_eq!((pass.inventory.load_balancers.len(), pass.inventory.target_groups.len()), (1, 1));
    assert_eq!(pass.statuses_written, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_published_load_balancer_that_the_list_lacks_is_not_created_again() {
    let world = World::in_region("ap-southeast-2").await;
    let mut controller = settled(&world).await;
    let arn = load_balancer(&mut controller).await;
    let name = arn.rsplit('/').nth(1).expect("its name").to_owned();
    for restarted in [false, true] {
        if restarted {
            controller.restart(world.settings()); // A new process has the status alone.
        }
        omit(&world, "DescribeLoadBalancers", &arn);
        let reason = format!("AWS does not list load balancer {name}, although it exists");
        doubts(&mut controller, ViewPart::LoadBalancers, &reason).await;
    }
    let pass = controller.pass().await;
    assert_eq!((pass.inventory.incomplete, pass.plan.actions), (Vec::new(), Vec::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_deleted_when_the_list_lacks_an_unneeded_load_balancer() {
    let world = World::in_region("ap-southeast-3").await;
    let mut controller = settled(&world).await;
    let arn = load_balancer(&mut controller).await;
    let reason = format!("AWS does not list {arn}, although it exists");

    controller.apply(Vec::new());
    let before = world.recorder.calls().len();
    controller.pass().await;
    assert!(world.writes_since(before).contains(&"AddTags".to_owned()), "it becomes unneeded");
    omit(&world, "DescribeLoadBalancers", &arn);
    doubts(&mut controller, ViewPart::LoadBalancers, &reason).await;

    controller.converge().await;
    controller.wait(3_601);
    omit(&world, "DescribeLoadBalancers", &arn);
    doubts(&mut controller, ViewPart::LoadBalancers, &reason).await;
    controller.converge().await;
    let inventory = controller.observe().await;
    assert_eq!(
        (inventory.load_balancers.len(), inventory.target_groups.len()),
        (0, 0),
        "its grace period was over"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_group_that_the_list_lacks_is_not_created_again() {
    let world = World::in_region("af-south-1").await;
    let mut controller = settled(&world).await;
    let arn = controller.observe().await.target_groups[0].arn.clone();
    omit(&world, "DescribeTargetGroups", &arn);
    let reason = format!("AWS does not list {arn}, although it exists");
    doubts(&mut controller, ViewPart::TargetGroups, &reason).await;
    let pass = controller.pass().await;
    assert_eq!((pass.inventory.incomplete, pass.plan.actions), (Vec::new(), Vec::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_auto_scaling_group_that_the_list_lacks_keeps_its_instances() {
    let world = World::in_region("me-central-1").await;
    let mut controller = settled(&world).await;
    omit(&world, "DescribeAutoScalingGroups", "nodes");
    let reason = "AWS does not list Auto Scaling Group nodes, although its instances are running";
    doubts(&mut controller, ViewPart::AutoScalingGroups, reason).await;
    let pass = controller.pass().await;
    assert_eq!((pass.inventory.incomplete, pass.plan.actions), (Vec::new(), Vec::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_load_balancer_stays_in_a_subnet_that_the_list_lacks() {
    let world = World::in_region("me-south-1").await;
    let mut controller = settled(&world).await;
    let name = owned(&controller.observe().await)[0].name.clone();
    let subnet = &world.subnets[2];
    controller.restart(world.settings()); // A new process reads the network.
    let id = |id: &str| format!("<subnetId>{id}</subnetId>");
    world.recorder.disturb("DescribeSubnets", 1..=1, Fault::Replace { text: id(subnet), by: id("subnet-0") });
    let reason = format!("AWS does not list {subnet}, although load balancer {name} uses it");
    doubts(&mut controller, ViewPart::Subnets, &reason).await;
    // The incomplete list was not cached.
    let pass = controller.pass().await;
    assert_eq!((pass.inventory.incomplete, pass.plan.actions), (Vec::new(), Vec::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resource_that_exists_and_cannot_be_read_does_not_count_as_gone() {
    let world = World::in_region("ap-east-1").await;
    let mut controller = settled(&world).await;
    for (call, text, by, part) in [
        (
            "DescribeLoadBalancers",
            "<IpAddressType>ipv4<",
            "<IpAddressType>dualstack-of-tomorrow<",
            ViewPart::LoadBalancers,
        ),
        ("DescribeTargetGroups", "<TargetType>instance<", "<TargetType>pod<", ViewPart::TargetGroups),
    ] {
        world.recorder.disturb(call, .., Fault::Replace { text: text.to_owned(), by: by.to_owned() });
        for pass in 1..=3 {
            let before = world.recorder.calls().len();
            let seen = controller.pass().await;
            assert_eq!(world.writes_since(before), [""; 0], "{call}, pass {pass}");
            let [missing] = seen.inventory.incomplete.as_slice() else {
                panic!("{call}, pass {pass}: {:?}", seen.inventory.incomplete)
            };
            assert_eq!(missing.part, part);
            assert!(missing.reason.contains("this version cannot read"), "{}", missing.reason);
        }
        world.recorder.clear_faults();
        let seen = controller.pass().await;
        assert_eq!((seen.inventory.incomplete, seen.plan.actions), (Vec::new(), Vec::new()), "{call}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resource_without_a_name_in_an_answer_is_a_gap() {
    let moto = Moto::start().expect("moto starts");
    let world = World::on(&moto, "eu-central-1").await;
    let mut controller = settled(&world).await;
    let balancer = load_balancer(&mut controller).await;
    let group = controller.observe().await.target_groups[0].arn.clone();
    let element = |name: &str, text: &str| format!("<{name}>{text}</{name}>");
    for (call, text, part, field) in [
        (
            "DescribeLoadBalancers",
            element("LoadBalancerArn", &balancer),
            ViewPart::LoadBalancers,
            "LoadBalancerArn or LoadBalancerName",
        ),
        (
            "DescribeTargetGroups",
            element("TargetGroupArn", &group),
            ViewPart::TargetGroups,
            "TargetGroupArn or TargetGroupName",
        ),
        (
            "DescribeAutoScalingGroups",
            element("AutoScalingGroupName", "nodes"),
            ViewPart::AutoScalingGroups,
            "AutoScalingGroupName",
        ),
        ("DescribeSubnets", element("subnetId", &world.subnets[2]), ViewPart::Subnets, "subnetId"),
    ] {
        controller.restart(world.settings()); // A new process reads everything.
        world.recorder.disturb(call, 1..=1, Fault::Replace { text, by: String::new() });
        let before = world.recorder.calls().len();
        let pass = controller.pass().await;
        assert_eq!(world.writes_since(before), [""; 0], "{call}");
        assert_eq!(pass.statuses_written, 0, "{call}");
        let missing: Vec<_> = pass.inventory.incomplete.iter().map(|it| it.part).collect();
        assert_eq!(missing, [part], "{call}");
        let reason = &pass.inventory.incomplete[0].reason;
        assert!(reason.ends_with(&format!("{call}: the answer from AWS has no {field}")), "{reason}");
        let next = controller.pass().await;
        assert_eq!((next.inventory.incomplete, next.plan.actions), (Vec::new(), Vec::new()), "{call}");
    }
}
