//! Each kind of change makes exactly the writes that it needs.

use std::time::Duration;

use albatross_contract::{Ingress, Settings, TargetHealth};
use albatross_stories::ingress;
use aws_sdk_ec2::types::Tag;

use crate::{
    controller::{Controller, owned},
    world::World,
};

/// A controller that has converged with one Ingress.
async fn settled(world: &World, settings: Settings, ingresses: Vec<Ingress>) -> Controller<'_> {
    tokio::time::sleep(Duration::from_millis(1_100)).await; // Certificates are issued by then.
    let mut controller = Controller::new(world, settings, ingresses);
    for pass in controller.converge().await {
        assert_eq!(pass.failures(), []);
    }
    controller
}

/// The writes until the controller has converged again.
async fn writes_of(controller: &mut Controller<'_>, world: &World) -> Vec<String> {
    let before = world.recorder.calls().len();
    for pass in controller.converge().await {
        assert_eq!(pass.failures(), []);
    }
    world.answered_writes_since(before)
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_are_added_with_an_ingress_and_removed_a_grace_period_after_it() {
    let world = World::in_region("us-east-1").await;
    world.make_certificate(&["shop.example.org"]).await;
    let second = world.make_certificate(&["blog.example.org"]).await;
    let shop = ingress("shop", &["shop.example.org"]);
    let blog = ingress("blog", &["blog.example.org"]);
    let mut controller = settled(&world, world.settings(), vec![shop.clone()]).await;

    controller.apply(vec![shop.clone(), blog]);
    assert_eq!(writes_of(&mut controller, &world).await, ["AddListenerCertificates"]);

    controller.apply(vec![shop]);
    assert_eq!(writes_of(&mut controller, &world).await, ["AddTags"], "it is marked");
    controller.wait(3_601);
    assert_eq!(writes_of(&mut controller, &world).await, ["RemoveListenerCertificates", "RemoveTags"]);
    let inventory = controller.observe().await;
    let certificates = &owned(&inventory)[0].listeners[1].certificates;
    assert!(!certificates.contains(&second), "{certificates:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_change_load_balancers_in_place() {
    let world = World::in_region("us-east-2").await;
    world.make_certificate(&["shop.example.org"]).await;
    let mut controller =
        settled(&world, world.settings(), vec![ingress("shop", &["shop.example.org"])]).await;
    let hostname = controller.hostname("shop");

    let mut settings = world.settings();
    settings.idle_timeout = 120;
    controller.restart(settings.clone());
    assert_eq!(writes_of(&mut controller, &world).await, ["ModifyLoadBalancerAttributes"]);

    settings.ssl_policy = Some("ELBSecurityPolicy-TLS13-1-2-2021-06".to_owned());
    controller.restart(settings.clone());
    assert_eq!(writes_of(&mut controller, &world).await, ["ModifyListener"]);

    settings.security_groups = vec![world.make_security_group("another").await];
    controller.restart(settings.clone());
    assert_eq!(writes_of(&mut controller, &world).await, ["SetSecurityGroups"]);

    settings.subnets = world.subnets[..2].to_vec();
    controller.restart(settings.clone());
    assert_eq!(writes_of(&mut controller, &world).await, ["SetSubnets"]);

    settings.proxy.health_check_path = "/healthz".to_owned();
    controller.restart(settings.clone());
    assert_eq!(writes_of(&mut controller, &world).await, ["ModifyTargetGroup"]);

    settings.proxy.deregistration_delay = 60;
    controller.restart(settings);
    assert_eq!(writes_of(&mut controller, &world).await, ["ModifyTargetGroupAttributes"]);

    assert_eq!(controller.hostname("shop"), hostname);
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_come_and_go() {
    let world = World::in_region("ap-south-1").await;
    world.make_certificate(&["shop.example.org"]).await;
    let mut controller =
        settled(&world, world.settings(), vec![ingress("shop", &["shop.example.org"])]).await;

    let single = world.make_single_node().await;
    assert_eq!(writes_of(&mut controller, &world).await, ["RegisterTargets"]);
    world.make_nodes("more-nodes", 2).await;
    assert_eq!(writes_of(&mut controller, &world).await, ["AttachLoadBalancerTargetGroups"]);
    let targets = |inventory: &albatross_contract::Inventory| {
        let group =
            inventory.target_groups.iter().find(|group| !group.targets.is_empty()).expect("a target group");
        group
            .targets
            .iter()
            .filter(|it| it.health == TargetHealth::Healthy)
            .map(|it| it.id.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(targets(&controller.observe().await).len(), 5);

    let role = Tag::builder().key("k8s.io/role/node").build();
    let request = world.ec2().delete_tags().resources(&single).tags(role);
    request.send().await.expect("it is no node any more");
    assert_eq!(writes_of(&mut controller, &world).await, ["DeregisterTargets"]);
    assert!(!targets(&controller.observe().await).contains(&single));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_proxy_port_needs_a_new_target_group_which_takes_over_when_it_is_healthy() {
    let world = World::in_region("us-west-2").await;
    world.make_certificate(&["shop.example.org"]).await;
    let mut controller =
        settled(&world, world.settings(), vec![ingress("shop", &["shop.example.org"])]).await;
    let hostname = controller.hostname("shop");

    let mut settings = world.settings();
    settings.proxy.target_port = 8080;
    settings.proxy.health_check_port = 8080;
    controller.restart(settings);
    let writes = writes_of(&mut controller, &world).await;
    let count = |action: &str| writes.iter().filter(|it| *it == action).count();
    assert_eq!(count("CreateTargetGroup"), 1, "{writes:?}");
    assert_eq!(count("ModifyListener"), 4, "weight 0 on both listeners, then alone: {writes:?}");
    assert_eq!(count("CreateLoadBalancer"), 0);
    controller.wait(3_601);
    let writes = writes_of(&mut controller, &world).await;
    assert!(writes.contains(&"DeleteTargetGroup".to_owned()), "{writes:?}");
    let inventory = controller.observe().await;
    assert_eq!(inventory.target_groups.iter().map(|group| group.port).collect::<Vec<_>>(), [Some(8080)]);
    assert_eq!(controller.hostname("shop"), hostname);
}
