use albatross_contract::{LoadBalancerFate, TAG_RETAIN, TAG_UNNEEDED};

use super::Lifecycle;
use crate::{
    observed::certificate_mark,
    testing::{GRACE, NOW, Scene, World, certificate_arn, dns_name, group_id},
};

fn lifecycle(scene: Scene) -> (crate::grouping::Grouping<'static>, Lifecycle<'static>) {
    let grouping = scene.grouping();
    let lifecycle = Lifecycle::new(&grouping, scene.claims, scene.observed);
    (grouping, lifecycle)
}

/// Certificates `a` and `b` on the load balancer `one`; a member needs `a`.
fn world() -> World {
    let world = World::new().certificate("a", &["a.org"]).certificate("b", &["b.org"]);
    world.load_balancer("one", &["a", "b"]).published("x", &["a.org"], "one")
}

fn mark(world: World, age: u64) -> World {
    world.tagged(&certificate_mark(&certificate_arn("b")), &(NOW - age).to_string())
}

#[test]
fn each_group_and_leftover_has_a_lifespan() {
    let scene = world().load_balancer("two", &["a"]).load_balancer("left", &[]).with(|snapshot| {
        snapshot.inventory.load_balancers.pop();
        snapshot.inventory.target_groups.last_mut().unwrap().load_balancer_arns.clear();
    });
    let (grouping, lifecycle) = lifecycle(scene.read());
    let fate = |id| lifecycle.of(group_id(&grouping.groups, id)).fate;
    assert_eq!([fate("one"), fate("two")], [LoadBalancerFate::Keep, LoadBalancerFate::Unneeded]);
    let left: Vec<_> =
        lifecycle.leftovers.iter().map(|(owned, lifespan)| (owned.id, lifespan.fate)).collect();
    assert_eq!(left, [("left", LoadBalancerFate::Unneeded)]);
}

#[test]
fn a_retained_load_balancer_is_released_instead_of_deleted() {
    let fate = |world: World| {
        let old = world.load_balancer("two", &["a"]).tagged(TAG_UNNEEDED, &(NOW - GRACE).to_string());
        let (grouping, lifecycle) = lifecycle(old.tagged(TAG_RETAIN, "true").read());
        lifecycle.of(group_id(&grouping.groups, "two")).fate
    };
    assert_eq!(fate(world()), LoadBalancerFate::Release);
    let younger = world().with(|snapshot| snapshot.settings.grace += 1);
    assert_eq!(fate(younger), LoadBalancerFate::Unneeded);
}

#[test]
fn a_load_balancer_that_any_status_names_is_not_unneeded() {
    let named = world().status(&dns_name("two")).load_balancer("two", &["a"]);
    let (grouping, lifecycle) = lifecycle(named.read());
    assert_eq!(lifecycle.of(group_id(&grouping.groups, "two")).fate, LoadBalancerFate::Keep);
}

#[test]
fn the_next_change_is_the_end_of_the_next_grace() {
    let next = |world: World| lifecycle(world.read()).1.next_change_at;
    let nothing = World::new().certificate("a", &["a.org"]).load_balancer("one", &["a"]);
    assert_eq!(next(nothing.published("x", &["a.org"], "one")), None);
    assert_eq!(next(world()), Some(NOW + GRACE));
    assert_eq!(next(mark(world(), 600)), Some(NOW + GRACE - 600));
    assert_eq!(next(mark(world(), GRACE)), None, "what is over goes now");
    let two = mark(world(), 600).load_balancer("two", &["a"]).tagged(TAG_UNNEEDED, &(NOW - 700).to_string());
    assert_eq!(next(two), Some(NOW + GRACE - 700));
}

#[test]
fn a_load_balancer_outlives_its_connections() {
    let short = |world: World| {
        world.with(|snapshot| {
            snapshot.settings.grace = 60;
            snapshot.settings.proxy.deregistration_delay = 300;
        })
    };
    let needless = World::new().certificate("a", &["a.org"]).load_balancer("one", &["a"]);
    let marked = short(needless.tagged(TAG_UNNEEDED, &(NOW - 100).to_string()));
    let (grouping, lifecycle) = lifecycle(marked.read());
    assert_eq!(lifecycle.of(group_id(&grouping.groups, "one")).fate, LoadBalancerFate::Unneeded);
    assert_eq!(lifecycle.next_change_at, Some(NOW + 200));
}

#[test]
fn a_target_group_that_another_load_balancer_uses_is_reported() {
    let used = world().targets(|group| group.load_balancer_arns.push("arn:other".into()));
    assert_eq!(lifecycle(used.read()).1.diagnostics.len(), 1);
}
