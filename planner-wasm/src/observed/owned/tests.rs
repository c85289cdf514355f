use albatross_contract::{
    LoadBalancerState, Protocol, TAG_GROUP, TAG_HTTP_ONLY, TAG_INGRESS, TAG_REPLACES, TAG_UNNEEDED,
};

use super::{Owned, PROVISIONING_TIMEOUT, certificate_mark, target_group_unneeded_since};
use crate::{
    identity::tag,
    testing::{NOW, World, certificate_arn, target_group},
};

fn owned(world: World) -> &'static Owned<'static> {
    world.read().owned("one")
}

fn one() -> World {
    World::new().load_balancer("one", &["b", "a"])
}

#[test]
fn tags_say_what_a_load_balancer_is_for() {
    let tagged =
        owned(one().tagged(TAG_INGRESS, "shop/x").tagged(TAG_GROUP, "red").tagged(TAG_REPLACES, "old"));
    assert_eq!((tagged.alone(), tagged.replaces()), (Some("shop/x"), Some("old")));
    let plain = owned(one());
    assert_eq!((plain.alone(), plain.replaces()), (None, None));
}

#[test]
fn a_mark_that_cannot_be_read_counts_as_none() {
    assert_eq!(owned(one()).unneeded_since(), None);
    assert_eq!(owned(one().tagged(TAG_UNNEEDED, "7")).unneeded_since(), Some(7));
    assert_eq!(owned(one().tagged(TAG_UNNEEDED, "yesterday")).unneeded_since(), None);
    let mut group = target_group("one");
    assert_eq!(target_group_unneeded_since(&group), None);
    group.tags.push(tag(TAG_UNNEEDED, "7"));
    assert_eq!(target_group_unneeded_since(&group), Some(7));
}

#[test]
fn each_certificate_has_a_mark_of_its_own() {
    let marked = owned(one().tagged(&certificate_mark(&certificate_arn("a")), "7"));
    assert_eq!(marked.certificate_unneeded_since(&certificate_arn("a")), Some(7));
    assert_eq!(marked.certificate_unneeded_since(&certificate_arn("b")), None);
    assert_eq!(owned(one()).certificate_unneeded_since(&certificate_arn("a")), None);
}

#[test]
fn certificates_of_all_listeners_are_numbered_each_once() {
    let scene = one().which(|found| {
        found.listeners[0].certificates = vec![certificate_arn("c"), certificate_arn("a")];
    });
    let scene = scene.read();
    assert_eq!(scene.names(&scene.owned("one").certificates), ["a", "b", "c"]);
}

#[test]
fn only_a_listener_for_https_or_tls_on_its_port_holds_certificates() {
    assert_eq!(owned(one()).https().map(|listener| listener.port), Some(443));
    let with =
        |protocol| owned(one().which(|found| found.listeners[1].protocol = protocol)).https().is_some();
    assert!(with(Protocol::Tls) && !with(Protocol::Tcp));
    assert_eq!(owned(one()).listener(80).map(|listener| listener.port), Some(80));
    assert!(owned(one()).listener(81).is_none());
}

#[test]
fn certificates_on_a_load_balancer_that_serves_http_only_are_not_ours() {
    let scene = one().tagged(TAG_HTTP_ONLY, "true").read();
    let plain = scene.owned("one");
    assert!(plain.https().is_none() && plain.certificates.is_empty());
    assert_eq!(plain.main_listener().map(|listener| listener.port), Some(80));
    assert_eq!(owned(one()).main_listener().map(|listener| listener.port), Some(443));
}

#[test]
fn a_tls_policy_is_no_property_of_a_load_balancer_that_serves_http_only() {
    let policy = "ELBSecurityPolicy-TLS13-1-2-2021-06";
    let asked = "zalando.org/aws-load-balancer-ssl-policy";
    let bare = || World::new().ingress("x", &[]).annotated(asked, policy).load_balancer("one", &[]);
    let wishes = |world: World| world.read().owned("one").terms().unwrap().wishes;
    assert!(wishes(bare()).is_some(), "its listener is still to be created");
    assert_eq!(wishes(bare().tagged(TAG_HTTP_ONLY, "true")), None);
}

#[test]
fn a_load_balancer_is_broken_that_aws_could_not_make_in_time() {
    let state = |state, age| one().which(|found| (found.state, found.created_at) = (state, NOW - age));
    use LoadBalancerState::*;
    for (world, active, broken) in [
        (state(Active, PROVISIONING_TIMEOUT), true, false),
        (state(ActiveImpaired, PROVISIONING_TIMEOUT), true, false),
        (state(Provisioning, PROVISIONING_TIMEOUT - 1), false, false),
        (state(Provisioning, PROVISIONING_TIMEOUT), false, true),
        (state(Failed, 0), false, true),
    ] {
        let owned = owned(world);
        assert_eq!(
            (owned.is_active(), owned.is_broken(NOW), owned.is_given_up(NOW)),
            (active, broken, broken)
        );
    }
    let second = owned(state(Failed, 0).tagged(TAG_REPLACES, "old"));
    assert!(second.is_broken(NOW) && !second.is_given_up(NOW), "a replacement is not replaced");
}

#[test]
fn a_target_group_may_be_used_elsewhere() {
    let used = |arns: &[&str]| {
        let owned = owned(
            one().targets(|group| group.load_balancer_arns = arns.iter().map(|it| (*it).into()).collect()),
        );
        owned.user_elsewhere(owned.target_groups[0])
    };
    assert_eq!(used(&[]), None);
    assert_eq!(used(&["arn:load-balancer/one"]), None);
    assert_eq!(used(&["arn:other"]), Some("arn:other"));
}

#[test]
fn a_person_can_protect_a_load_balancer() {
    let protected = |value: &str| {
        owned(one().which(|found| found.attributes.push(tag("deletion_protection.enabled", value))))
            .is_protected()
    };
    assert_eq!([protected("true"), protected("false"), owned(one()).is_protected()], [true, false, false]);
}
