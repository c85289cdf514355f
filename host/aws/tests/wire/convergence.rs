//! From an empty account to a converged one.

use std::time::Duration;

use albatross_contract::{Cluster, LoadBalancerState, Node, Protocol, Scheme, TargetHealth};
use albatross_stories::{ingress, internal};
use albatross_test_servers::Moto;

use crate::{
    controller::{Controller, owned},
    world::World,
};

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_created_in_an_empty_account_and_then_nothing_is_written() {
    let world = World::in_region("eu-central-1").await;
    let shop = world.make_certificate(&["shop.example.org", "www.example.org"]).await;
    let wildcard = world.make_certificate(&["*.tools.example.org"]).await;
    let single = world.make_single_node().await;
    let ingresses = vec![
        ingress("shop", &["shop.example.org", "www.example.org"]),
        ingress("tools", &["a.tools.example.org"]),
        internal(ingress("intern", &["b.tools.example.org"])),
    ];
    tokio::time::sleep(Duration::from_millis(1_100)).await; // Certificates are issued by then.
    let mut controller = Controller::new(&world, world.settings(), ingresses);
    let passes = controller.converge().await;
    for pass in &passes {
        assert_eq!(pass.failures(), []);
        assert_eq!(pass.inventory.incomplete, []);
    }

    let inventory = controller.observe().await;
    let mut balancers = owned(&inventory);
    balancers.sort_by_key(|found| found.scheme);
    let [public, private] = balancers.as_slice() else { panic!("two load balancers: {balancers:#?}") };
    assert_eq!((public.scheme, private.scheme), (Scheme::InternetFacing, Scheme::Internal));
    for found in [public, private] {
        assert_eq!(found.state, LoadBalancerState::Active);
        assert_eq!(found.security_groups, [world.security_group.as_str()]);
        assert_eq!(found.subnets.len(), 3);
        let listeners: Vec<_> = found.listeners.iter().map(|it| (it.port, it.protocol)).collect();
        assert_eq!(listeners, [(80, Protocol::Http), (443, Protocol::Https)]);
        let groups =
            inventory.target_groups.iter().filter(|group| group.load_balancer_arns.contains(&found.arn));
        for group in groups {
            assert_eq!(group.targets.len(), 3, "two nodes of the Auto Scaling Group and a single one");
            assert!(group.targets.iter().any(|target| target.id == single));
            assert!(group.targets.iter().all(|target| target.health == TargetHealth::Healthy));
        }
    }
    let mut on_public = public.listeners[1].certificates.clone();
    on_public.extend(public.listeners[1].default_certificate.clone());
    on_public.sort();
    let mut both = vec![shop, wildcard.clone()];
    both.sort();
    assert_eq!(on_public, both);
    assert_eq!(private.listeners[1].default_certificate, Some(wildcard));
    assert_eq!(controller.hostname("shop").as_deref(), Some(public.dns_name.as_str()));
    assert_eq!(controller.hostname("tools").as_deref(), Some(public.dns_name.as_str()));
    assert_eq!(controller.hostname("intern").as_deref(), Some(private.dns_name.as_str()));

    let before = world.recorder.calls().len();
    let pass = controller.pass().await;
    assert_eq!(pass.plan.actions, []);
    assert_eq!(world.writes_since(before), [""; 0]);

    // A new process has empty caches, and nothing to do either.
    controller.restart(world.settings());
    let before = world.recorder.calls().len();
    let pass = controller.pass().await;
    assert_eq!(pass.plan.actions, []);
    assert_eq!(world.writes_since(before), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pass_without_changes_reads_only_what_is_never_cached() {
    let world = World::in_region("eu-west-1").await;
    world.make_certificate(&["shop.example.org"]).await;
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let mut controller =
        Controller::new(&world, world.settings(), vec![ingress("shop", &["shop.example.org"])]);
    controller.converge().await;
    // No cached value becomes stale between these two passes.
    controller.stop_clock();
    controller.pass().await;
    let before = world.recorder.calls().len();
    controller.pass().await;
    assert_eq!(
        world.answered_calls_since(before),
        ["DescribeAutoScalingGroups", "DescribeInstances", "DescribeLoadBalancers", "DescribeTargetGroups"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn passes_of_a_round_read_nothing_but_the_instances_of_new_nodes() {
    let moto = Moto::start().expect("moto starts");
    let world = World::on(&moto, "eu-central-1").await;
    world.make_certificate(&["shop.example.org"]).await;
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let shop = ingress("shop", &["shop.example.org"]);
    let mut controller = Controller::new(&world, world.settings(), vec![shop.clone()]);
    controller.converge().await;
    controller.stop_clock();
    controller.observer.refresh_every(Duration::from_secs(60));
    controller.wait(60);
    controller.pass().await; // It begins a round.

    let before = world.recorder.calls().len();
    controller.wait(59);
    controller.apply(vec![shop.clone(), ingress("blog", &["blog.example.org"])]);
    controller.pass_without_execution().await;
    assert_eq!(world.answered_calls_since(before), [""; 0]);

    let cluster =
        Cluster { ingresses: vec![shop], nodes: vec![node("i-0123456789abcdef0")], ..Cluster::default() };
    controller.cluster.apply(cluster, 0);
    controller.pass_without_execution().await;
    assert_eq!(world.answered_calls_since(before), ["DescribeAutoScalingGroups", "DescribeInstances"]);

    let before = world.recorder.calls().len();
    controller.wait(1);
    controller.pass_without_execution().await;
    let calls = world.answered_calls_since(before);
    assert!(calls.contains(&"DescribeLoadBalancers".to_owned()), "the round is over: {calls:?}");
}

/// A Node on an EC2 instance.
fn node(instance: &str) -> Node {
    serde_json::from_value(serde_json::json!({
        "metadata": { "name": "node" },
        "provider-id": format!("aws:///eu-central-1a/{instance}"),
        "ready": true, "unschedulable": false, "taints": [], "addresses": []
    }))
    .expect("a Node")
}
