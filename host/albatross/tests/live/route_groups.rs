//! RouteGroups are served, and nothing is removed because their CustomResourceDefinition is replaced. A cluster without it is
//! served too.

use std::time::{Duration, Instant};

use albatross_test_servers::MotoSettings;
use albatross_test_world::route_groups;

use crate::support::{
    SHORT_GRACE, World, eventually,
    objects::{
        delete_ingress, events_of_controller, events_of_route_group, ingress, internal, published,
        published_by_route_group, remove_lease, route_group,
    },
    replica::Replica,
};

/// Waits until the status of the RouteGroup `checkout` names a load balancer.
async fn hostname(world: &World) -> String {
    eventually("the status names a load balancer", async || {
        published_by_route_group(&world.administrator, "checkout").await.into_iter().next()
    })
    .await
}

/// Installs the definition, and applies the RouteGroup `checkout`.
async fn install(world: &World) {
    route_groups::install(&world.administrator, &["v1"]).await;
    world.apply(&route_group("checkout", "shop.example.org")).await;
}

/// Names of the calls since the first `count` that take something away from AWS. Tags are only marks.
fn removals_since(world: &World, count: usize) -> Vec<String> {
    let takes =
        |write: &String| ["Delete", "Deregister", "RemoveListener"].iter().any(|it| write.starts_with(it));
    world.writes_since(count).into_iter().filter(takes).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_route_group_is_served_and_finds_its_load_balancer_again_when_the_kind_is_installed_anew() {
    let world = World::new("route-groups").await;
    world.account.make_certificate(&["shop.example.org"]).await;
    let replica = Replica::start(&world, "replica", &[]);
    world.apply(&route_group("checkout", "shop.example.org")).await;

    let before = hostname(&world).await;

    let placed = eventually("an Event tells where it is", async || {
        let events = events_of_route_group(&world.administrator, "checkout").await;
        events.into_iter().find(|event| event.starts_with("Placed"))
    })
    .await;
    assert!(placed.contains("with certificate shop.example.org (ACM"), "{placed}");

    let calls = world.quiet(&replica).await;
    route_groups::remove(&world.administrator).await;
    install(&world).await;
    assert_eq!(hostname(&world).await, before);
    world.quiet(&replica).await;
    assert_eq!(removals_since(&world, calls), [""; 0]);
}

/// With a grace period of 3 seconds, a controller that believed at once that there are no RouteGroups would delete the load
/// balancer.
#[tokio::test(flavor = "multi_thread")]
async fn a_controller_that_starts_while_the_kind_is_installed_anew_removes_nothing() {
    let world = World::new("route-groups-restart").await;
    world.account.make_certificate(&["shop.example.org"]).await;
    let settings = world.file("settings.json", SHORT_GRACE);
    let arguments = ["--settings", settings.to_str().unwrap()];
    let first = Replica::start(&world, "first", &arguments);
    world.apply(&route_group("checkout", "shop.example.org")).await;
    let before = hostname(&world).await;
    first.kill();
    remove_lease(&world.administrator).await;
    route_groups::remove(&world.administrator).await;
    let calls = world.recorder.calls().len();

    let second = Replica::start(&world, "second", &arguments);

    second.passes("converged", 2.0).await;
    install(&world).await;
    assert_eq!(hostname(&world).await, before);
    assert_eq!(removals_since(&world, calls), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_without_the_kind_is_served_and_the_kind_is_found_when_it_is_installed() {
    let world = World::without_route_groups("route-groups-absent", &MotoSettings::default()).await;
    world.account.make_certificate(&["*.example.org"]).await;
    let settings = world.file("settings.json", SHORT_GRACE);
    let start = Instant::now();
    let replica = Replica::start(&world, "replica", &["--settings", settings.to_str().unwrap()]);
    world.apply(&ingress("checkout", "shop.example.org")).await;
    world.apply(&internal(&ingress("wiki", "wiki.example.org"))).await;
    let name = async |ingress| published(&world.administrator, ingress).await.into_iter().next();
    let of_checkout = eventually("the Ingress is served", async || name("checkout").await).await;
    eventually("the other one too", async || name("wiki").await).await;

    delete_ingress(&world.administrator, "wiki").await;

    let deleted = || world.recorder.calls().iter().any(|call| call.action == "DeleteLoadBalancer");
    eventually("what nobody needs is deleted", async || deleted().then_some(())).await;
    assert!(start.elapsed() >= Duration::from_secs(60), "a RouteGroup might have needed it");
    let told = events_of_controller(&world.administrator).await;
    assert!(!told.iter().any(|event| event.starts_with("ViewIncomplete")), "nothing is wrong: {told:?}");

    install(&world).await;

    assert_eq!(hostname(&world).await, of_checkout, "without a restart");
    world.quiet(&replica).await;
    assert_eq!(name("checkout").await, Some(of_checkout));
}
