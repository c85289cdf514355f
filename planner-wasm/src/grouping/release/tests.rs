use albatross_contract::{DiagnosticCode, ViewPart, Withheld};

use super::{Release, decide};
use crate::testing::World;

/// Gives the last Ingress a class.
fn class(world: World, name: &str) -> World {
    world.with(|snapshot| {
        snapshot
            .cluster
            .ingresses
            .last_mut()
            .unwrap()
            .metadata
            .annotations
            .push(crate::identity::tag(albatross_contract::ANNOTATION_CLASS, name));
    })
}

fn published(world: World, name: &str) -> World {
    world.published(name, &[], "one")
}

fn decided(world: World) -> (Vec<Release<'static>>, Option<Withheld>) {
    let scene = world.load_balancer("one", &[]).read();
    decide(scene.claims, scene.observed)
}

/// For each Ingress that is released or kept: whether it is released now, and its diagnostic.
fn told(releases: &[Release<'_>]) -> Vec<(String, bool, Option<DiagnosticCode>)> {
    let tell = |release: &Release<'_>| {
        let code = Some(release.diagnostic.code);
        (release.claim.object.to_string(), release.now, code)
    };
    releases.iter().map(tell).collect()
}

#[test]
fn an_ingress_that_is_no_longer_ours_is_released() {
    let world = class(published(World::new(), "left"), "other");
    let (releases, withheld) = decided(published(world, "ours"));
    assert_eq!(told(&releases), [("shop/left".into(), true, Some(DiagnosticCode::ClassNotOurs))]);
    assert_eq!(releases[0].load_balancer.id, "one");
    assert!(releases[0].diagnostic.message.contains("its class other is not ours"));
    assert_eq!(withheld, None);
}

#[test]
fn the_diagnostic_for_an_ingress_without_a_class_says_so() {
    let (releases, _) =
        decided(published(World::new(), "left").with(|snapshot| snapshot.settings.classes.clear()));
    assert!(releases[0].diagnostic.message.contains("it has no class"));
}

#[test]
fn an_ingress_whose_status_names_no_load_balancer_of_ours_is_not_released() {
    let elsewhere = World::new().ingress("x", &[]).status("elsewhere.example.com");
    assert_eq!(told(&decided(class(elsewhere, "other")).0), []);
}

#[test]
fn an_ingress_is_released_only_while_everything_that_its_release_depends_on_is_known() {
    use ViewPart::{IngressClasses, IngressStatuses, Ingresses, LoadBalancers, RouteGroups, Tags};
    let left = || class(published(World::new(), "left"), "other");
    for part in [Ingresses, IngressClasses, LoadBalancers, Tags] {
        let expected = [("shop/left".into(), false, Some(DiagnosticCode::ViewIncomplete))];
        assert_eq!(told(&decided(left().missing(part)).0), expected, "{part:?}");
    }
    for part in [RouteGroups, IngressStatuses] {
        let expected = [("shop/left".into(), true, Some(DiagnosticCode::ClassNotOurs))];
        assert_eq!(told(&decided(left().missing(part)).0), expected, "{part:?}");
    }
}

#[test]
fn more_than_half_at_once_are_held_back_as_one_set() {
    let world = || {
        let world =
            ["a", "b"].into_iter().fold(World::new(), |world, name| class(published(world, name), "other"));
        published(world, "ours")
    };
    let (releases, withheld) = decided(world());
    let held_back = |name: &str| (format!("shop/{name}"), false, Some(DiagnosticCode::WithheldRelease));
    assert_eq!(told(&releases), ["a", "b"].map(held_back));
    let withheld = withheld.unwrap();
    assert_eq!((withheld.count, withheld.total, withheld.limit), (2, 3, 1));
    let allowed = world().with(|snapshot| snapshot.settings.allowances.release = vec!["shop/a".into()]);
    let (releases, withheld) = decided(allowed);
    assert_eq!((releases.iter().all(|release| release.now), withheld), (true, None));
}
