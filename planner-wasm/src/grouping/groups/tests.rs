use albatross_contract::{
    LoadBalancerState, Mode, Scheme, TAG_HTTP_ONLY, TAG_INGRESS, TAG_REPLACES, TAG_UNNEEDED,
};

use super::Groups;
use crate::{
    grouping::Group,
    identity::tag,
    kind::Kind,
    observed::PROVISIONING_TIMEOUT,
    terms::Terms,
    testing::{NOW, World, group_id},
};

const TERMS: Terms<'_> = Terms {
    scheme: Scheme::InternetFacing,
    kind: Kind::APPLICATION,
    mode: Mode::Proxy,
    http_only: false,
    alone: None,
    key: None,
    part: 1,
    wishes: None,
};

fn ids(groups: &Groups<'_>) -> Vec<String> {
    groups.iter().map(|group| group.id().to_owned()).collect()
}

/// A load balancer that was created a moment ago, and that is not known to be for any Ingress.
fn half_made() -> World {
    World::new().load_balancer("one", &[]).which(|found| found.created_at = NOW - 60)
}

#[test]
fn a_load_balancer_that_serves_or_served_an_ingress_has_a_group() {
    let served = || World::new().certificate("a", &["a.org"]).load_balancer("one", &["a"]);
    let age = |world: World, age| world.which(|found| found.created_at = NOW - age);
    let state = |world: World, state| world.which(|found| found.state = state);
    // More than may become unneeded at once.
    let certificates = ["c0", "c1", "c2", "c3", "c4", "c5"];
    let held_back = certificates.iter().fold(World::new(), |world, name| world.certificate(name, &[name]));
    for (world, is_known, why) in [
        (age(held_back.load_balancer("one", &certificates), 60), true, "its certificates are held back"),
        (half_made(), false, "nothing says for whom it is"),
        (half_made().published("x", &[], "one"), true, "a status names it"),
        (half_made().tagged(TAG_INGRESS, "shop/x").ingress("x", &[]), true, "its tag names somebody"),
        (
            half_made().tagged(TAG_INGRESS, "shop/x").ingress("y", &[]),
            false,
            "its tag names an Ingress that does not exist",
        ),
        (half_made().tagged(TAG_UNNEEDED, "7"), false, "a mark does not count"),
        (
            half_made().which(|found| found.attributes.push(tag("deletion_protection.enabled", "true"))),
            true,
            "it is protected",
        ),
        (age(served(), PROVISIONING_TIMEOUT + 1), true, "it has served"),
        (age(served(), PROVISIONING_TIMEOUT), false, "it is too young to have served"),
        (age(World::new().load_balancer("one", &[]), 86_400), false, "it has no certificate"),
        (
            age(World::new().load_balancer("one", &[]).tagged(TAG_HTTP_ONLY, "true"), 86_400),
            true,
            "it needs no certificate",
        ),
        (state(served(), LoadBalancerState::Failed), false, "AWS could not provision it"),
    ] {
        let groups = world.read().groups();
        assert_eq!(ids(&groups), if is_known { vec!["one"] } else { vec![] }, "{why}");
    }
}

#[test]
fn half_made_load_balancers_that_no_member_took_are_added_last() {
    let mut groups = half_made().read().groups();
    groups.insert_rest();
    assert_eq!(ids(&groups), ["one"]);
    groups.insert_rest();
    assert_eq!(groups.len(), 1, "each once");
}

#[test]
fn groups_are_found_by_id_and_by_owned_resources() {
    let scene = half_made().load_balancer("two", &[]).published("x", &[], "two").read();
    let groups = scene.groups();
    let two = group_id(&groups, "two");
    assert_eq!(groups.on(scene.owned("two")), Some(two));
    assert_eq!(groups.on(scene.owned("one")), None);
    assert!(groups.by_id("two").is_some() && groups.by_id("one").is_none());
}

#[test]
fn new_load_balancers_are_counted_and_can_complete_half_made_ones() {
    let half_made = half_made().which(|found| {
        let mut foreign = found.listeners[0].clone();
        (foreign.port, foreign.certificates) = (8443, vec!["arn:certificate/x".to_owned()]);
        found.listeners.push(foreign);
    });
    let scene = half_made.read();
    let mut groups = scene.groups();
    let open = |id: &str| Group::open(id.into(), None, TERMS, scene.observed);
    let first = groups.insert_opened(open("x"), None);
    let second = groups.insert_opened(open("y"), Some("broken"));
    assert_eq!([first, second].map(|id| groups.get(id).opened()), [Some(0), Some(1)]);
    assert_eq!((groups.get(first).replaces(), groups.get(second).replaces()), (None, Some("broken")));
    assert!(groups.is_replaced("broken") && !groups.is_replaced("x"));
    assert_eq!(groups.get(first).limit(), 25);
    groups.take_over(first, scene.owned("one"));
    assert_eq!(ids(&groups), ["one", "y"]);
    assert_eq!(groups.get(first).limit(), 24, "somebody else's listener has a certificate");
    assert_eq!(groups.on(scene.owned("one")), Some(first));
    assert!(groups.by_id("x").is_none());
}

#[test]
fn a_tag_says_which_load_balancer_was_replaced_before() {
    let groups = half_made().tagged(TAG_REPLACES, "broken").read().groups();
    assert!(groups.is_replaced("broken"));
}

#[test]
fn an_ingress_that_leaves_is_served_until_it_is_gone() {
    let world = World::new().certificate("a", &["a.org"]).certificate("b", &["b.org"]);
    let scene = world.load_balancer("one", &["a", "b"]).published("x", &["b.org"], "one").read();
    let mut groups = scene.groups();
    let one = group_id(&groups, "one");
    assert!(groups.get(one).is_empty());
    groups.keep_serving(scene.owned("one"), scene.claim("x"));
    assert!(!groups.get(one).is_empty());
    assert_eq!(scene.names(groups.get(one).needed().keys()), ["b"]);
    assert_eq!(groups.get(one).members(), [0; 0]);
    assert_eq!(groups.let_stay(scene.owned("one"), 0, &scene.members()[0]), Some(one));
    assert_eq!(groups.get(one).members(), [0]);
}

#[test]
fn frozen_terms_stay() {
    let mut groups = half_made().published("x", &[], "one").read().groups();
    let one = group_id(&groups, "one");
    groups.agree_on(one, |terms| terms.key = Some("red"));
    groups.freeze_terms(one);
    groups.agree_on(one, |terms| terms.key = Some("blue"));
    assert_eq!(groups.get(one).terms().key, Some("red"));
}
