//! A policy from a registry.

use albatross_components::ONE_PER_NAMESPACE;
use albatross_test_servers::Registry;

use crate::support::{
    World, eventually,
    objects::{ingress, published},
    replica::Replica,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_from_a_registry_decides_and_a_restart_needs_no_registry() {
    let world = World::new("registry").await;
    world.account.make_certificate(&["shop.example.org"]).await;
    let registry = Registry::start().unwrap();
    let digest = registry.publish("shop/one-per-namespace", ONE_PER_NAMESPACE).unwrap();
    let policy = format!("oci://{}/shop/one-per-namespace@{digest}", registry.address());
    let cache = world.path("policies");
    let arguments = ["--policy", &policy, "--policy-cache", cache.to_str().unwrap()];
    let replica = Replica::start(&world, "replica", &arguments);
    world.apply(&ingress("checkout", "shop.example.org")).await;
    eventually("the status names a load balancer", async || {
        published(&world.administrator, "checkout").await.into_iter().next()
    })
    .await;
    assert_eq!(groups(&world).await, ["shop"], "the policy makes a group of each namespace");
    let log = replica.log();
    assert!(log.contains("policy loaded") && log.contains(&policy), "{log}");

    let quiet = world.quiet(&replica).await;
    replica.kill();
    drop(registry);
    let replica = Replica::start(&world, "replica", &arguments);
    replica.passes("converged", 1.0).await;
    assert_eq!(world.writes_since(quiet), Vec::<String>::new());
}

/// The keys of the groups of all load balancers.
async fn groups(world: &World) -> Vec<String> {
    let elb = world.account.elb();
    let found = elb.describe_load_balancers().send().await.unwrap();
    let arns = found.load_balancers().iter().filter_map(|it| it.load_balancer_arn()).map(str::to_owned);
    let answer = elb.describe_tags().set_resource_arns(Some(arns.collect())).send().await.unwrap();
    let tags = answer.tag_descriptions().iter().flat_map(|it| it.tags());
    let keys = tags.filter(|tag| tag.key() == Some("albatross/group"));
    keys.filter_map(|tag| tag.value()).map(str::to_owned).collect()
}
