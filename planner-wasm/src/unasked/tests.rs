use albatross_contract::{Budget, TAG_UNNEEDED};

use super::{HeldBack, is_in_use};
use crate::{
    identity::tag,
    observed::certificate_mark,
    testing::{Scene, World, certificate_arn},
};

const NAMES: [&str; 7] = ["c0", "c1", "c2", "c3", "c4", "c5", "c6"];

/// Seven certificates on the load balancer `one`; an Ingress asks for this many of them.
fn world(asked_for: usize) -> World {
    let world = NAMES
        .into_iter()
        .fold(World::new(), |world, name| world.certificate(name, &[&format!("{name}.org")]));
    let hosts = NAMES.map(|name| format!("{name}.org"));
    let hosts: Vec<&str> = hosts[..asked_for].iter().map(String::as_str).collect();
    world.load_balancer("one", &NAMES).ingress("x", &hosts)
}

/// Names of the certificates that are held back.
fn held_back(world: World) -> Vec<&'static str> {
    let scene = world.read();
    of(scene, &scene.held_back())
}

fn of(scene: Scene, held_back: &HeldBack<'_>) -> Vec<&'static str> {
    let owned = scene.owned("one");
    let held = NAMES.into_iter().filter(|name| held_back.has(owned, scene.id(name))).collect::<Vec<_>>();
    assert_eq!(held_back.has_any_on(owned), !held.is_empty());
    held
}

#[test]
fn a_few_unasked_certificates_become_unneeded_and_many_are_all_held_back() {
    assert_eq!(held_back(world(2)), [""; 0]);
    assert_eq!(held_back(world(1)), NAMES[1..]);
    let withheld = world(1).read().held_back().withheld.unwrap();
    assert_eq!((withheld.budget, withheld.count, withheld.total), (Budget::UnneededCertificates, 6, 7));
}

#[test]
fn certificates_that_would_stay_do_not_count() {
    let scene = world(0).read();
    let but_two =
        HeldBack::new(scene.claims, |_, id| id != scene.id("c0") && id != scene.id("c1"), scene.observed);
    assert_eq!(of(scene, &but_two), [""; 0]);
}

#[test]
fn marked_or_allowed_ones_do_not_count() {
    let marked = world(1).tagged(&certificate_mark(&certificate_arn("c6")), "7");
    assert_eq!(held_back(marked), [""; 0]);
    let allowed = world(0).with(|it| it.settings.allowances.unneeded = vec![certificate_arn("c0")]);
    assert_eq!(held_back(allowed), NAMES[1..]);
}

#[test]
fn only_load_balancers_in_use_count() {
    let protect =
        |world: World| world.which(|found| found.attributes.push(tag("deletion_protection.enabled", "true")));
    for (world, expected) in
        [(world(0), true), (world(0).tagged(TAG_UNNEEDED, "7"), false), (protect(world(0)), false)]
    {
        let scene = world.read();
        assert_eq!(is_in_use(scene.owned("one")), expected);
        assert_eq!(scene.held_back().withheld.is_some(), expected);
    }
}
