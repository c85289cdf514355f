use albatross_contract::{DiagnosticCode, ListenerAction, LoadBalancerKind, Protocol, TAG_ID, ViewPart};

use super::{Destination, Forward, Forwarding, On, asked};
use crate::{
    backends::Room,
    testing::{World, auto_scaling_group, forward, instance, leak, target, target_group, target_group_arn},
};

struct Told {
    forwarding: Forwarding<'static>,
    codes: Vec<DiagnosticCode>,
}

/// What the listeners of the load balancer `one` forward to.
fn told(world: World) -> Told {
    let scene = world.read();
    let mut diagnostics = Vec::new();
    let owned = scene.observed.owned_by_id("one");
    let kind = owned.and_then(|owned| Some(owned.load_balancer?.kind)).unwrap_or_default();
    let on = On { name: "albatross-one", kind, owned, form: scene.backends().form(kind), port: None };
    let room = Room::new(scene.observed);
    let forwarding = Forwarding::new(&on, scene.backends(), &room, scene.observed, &mut diagnostics);
    Told { forwarding, codes: diagnostics.iter().map(|diagnostic| diagnostic.code).collect() }
}

fn groups(world: World) -> Vec<(String, u16)> {
    weights(&told(world).forwarding.groups)
}

/// Target groups with their weights: existing ones by ARN, created ones as `new`.
fn weights(groups: &[Forward<'_>]) -> Vec<(String, u16)> {
    let spell = |to: &Destination<'_>| match to {
        Destination::Existing(arn) => (*arn).to_owned(),
        Destination::Made(name) => {
            assert_eq!(*name, target_group("one").name, "the name of the group that fits");
            "new".to_owned()
        }
    };
    groups.iter().map(|group| (spell(&group.to), group.weight)).collect()
}

fn pairs(groups: &[(&str, u16)]) -> Vec<(String, u16)> {
    groups.iter().map(|(arn, weight)| ((*arn).to_owned(), *weight)).collect()
}

fn action(groups: &[(&str, u16)]) -> ListenerAction {
    serde_json::from_value(forward(groups)).unwrap()
}

const ONE: &str = "arn:target-group/one";
const OLD: &str = "arn:target-group/old";

/// The load balancer `one`, whose target group fits.
fn fitting() -> World {
    World::new().load_balancer("one", &[])
}

/// The load balancer `one`, which forwards to a target group on another port.
fn old() -> World {
    fitting()
        .targets(|group| {
            (group.arn, group.name, group.port) = (OLD.into(), "old".into(), Some(80));
        })
        .which(|found| found.listeners[0].default_actions = vec![action(&[(OLD, 1)])])
}

/// With a fitting target group in addition to the old one, whose only target has this health.
fn moving(health: &str) -> World {
    old().with(|snapshot| {
        let mut group = target_group("one");
        group.targets = vec![target("i-1", health)];
        snapshot.inventory.target_groups.push(group);
    })
}

#[test]
fn a_new_load_balancer_gets_a_target_group() {
    assert_eq!(groups(World::new()), pairs(&[("new", 1)]));
}

#[test]
fn the_target_group_that_fits_gets_all_requests() {
    assert_eq!(groups(fitting()), pairs(&[(ONE, 1)]));
    assert_eq!(ONE, target_group_arn("one"));
}

#[test]
fn another_port_needs_a_new_target_group_that_takes_over_when_healthy() {
    assert_eq!(groups(old()), pairs(&[(OLD, 1), ("new", 0)]));
    assert_eq!(groups(moving("initial")), pairs(&[(OLD, 1), (ONE, 0)]));
    assert_eq!(groups(moving("healthy")), pairs(&[(ONE, 1)]));
}

#[test]
fn while_the_view_is_incomplete_or_a_group_is_full_forwarding_does_not_change() {
    assert_eq!(groups(old().missing(ViewPart::AutoScalingGroups)), pairs(&[(OLD, 1)]));
    let full = told(old().with(|snapshot| {
        snapshot.inventory.quotas.target_groups_per_auto_scaling_group = 1;
        snapshot.inventory.instances = vec![instance("i-1", "zone-a", Some("nodes"))];
        snapshot.inventory.auto_scaling_groups = vec![auto_scaling_group("nodes", &["i-1"], &[OLD])];
    }));
    assert_eq!(
        (weights(&full.forwarding.groups), full.codes),
        (pairs(&[(OLD, 1)]), vec![DiagnosticCode::AutoScalingGroupFull])
    );
    let current = full.forwarding.current.unwrap();
    assert_eq!((current.name.as_str(), current.is_formed, current.is_fitting), ("old", false, false));
}

#[test]
fn while_target_groups_are_not_known_none_is_created() {
    let without = || fitting().with(|snapshot| snapshot.inventory.target_groups.clear());
    assert_eq!(groups(without()), pairs(&[("new", 1)]));
    let unknown = told(without().missing(ViewPart::TargetGroups));
    assert!(unknown.forwarding.current.is_none() && unknown.forwarding.groups.is_empty());
}

#[test]
fn a_target_group_of_that_name_without_our_tags_is_for_a_person_to_look_at() {
    let untagged = |world: World| {
        world.with(|snapshot| {
            let mut group = target_group("one");
            group.arn = "arn:foreign".into();
            group.tags.retain(|tag| tag.key != TAG_ID);
            snapshot.inventory.target_groups.push(group);
        })
    };
    let serving = told(untagged(old()));
    assert_eq!(
        (weights(&serving.forwarding.groups), serving.codes),
        (pairs(&[(OLD, 1)]), vec![DiagnosticCode::NameTaken])
    );
    let new = told(untagged(World::new()));
    assert_eq!((new.forwarding.groups.len(), new.codes), (0, vec![DiagnosticCode::NameTaken]));
}

#[test]
fn a_listener_keeps_its_target_group_while_no_other_can_take_over() {
    let forwarding = told(moving("initial")).forwarding;
    let instead = |groups: &[(&str, u16)]| weights(&forwarding.instead_of(leak(vec![action(groups)])));
    assert_eq!(instead(&[(OLD, 1)]), pairs(&[(OLD, 1), (ONE, 0)]));
    assert_eq!(instead(&[("arn:stranger", 1)]), pairs(&[(OLD, 1), (ONE, 0)]));
    let both = moving("initial").which(|found| {
        let mut second = crate::testing::listener("one", 81);
        second.default_actions = vec![action(&[(ONE, 1)])];
        found.listeners.push(second);
    });
    let forwarding = told(both).forwarding;
    let apart = weights(&forwarding.instead_of(leak(vec![action(&[(ONE, 1)])])));
    assert_eq!(apart, pairs(&[(ONE, 1)]), "a listener that was switched is not switched back");
    let forwarding = told(moving("healthy")).forwarding;
    let moved = weights(&forwarding.instead_of(leak(vec![action(&[(OLD, 1)])])));
    assert_eq!(moved, pairs(&[(ONE, 1)]));
}

#[test]
fn requests_go_to_groups_with_a_weight_or_to_the_only_one() {
    for (groups, expected) in [
        (&[(OLD, 0)][..], &[OLD][..]),
        (&[(OLD, 0), (ONE, 1)], &[ONE]),
        (&[(OLD, 1), (ONE, 1)], &[OLD, ONE]),
        (&[], &[]),
    ] {
        assert_eq!(asked(&action(groups)).collect::<Vec<_>>(), expected);
    }
    assert_eq!(asked(&ListenerAction::Other("waf".into())).count(), 0);
}

/// A Network Load Balancer whose target group is on another port than the settings ask for, and how many target groups an
/// action of it may have.
fn network(most: u32) -> World {
    fitting()
        .which(|found| found.kind = LoadBalancerKind::Network)
        .targets(|group| (group.protocol, group.port) = (Protocol::Tcp, Some(80)))
        .with(|it| it.inventory.quotas.target_groups_per_network_load_balancer_action = most)
}

#[test]
fn the_target_group_of_a_network_load_balancer_is_replaced_only_where_actions_have_weights() {
    let told = |most| {
        let told = told(network(most));
        let weights: Vec<u16> = told.forwarding.groups.iter().map(|group| group.weight).collect();
        (told.forwarding.groups[0].to == Destination::Existing(ONE), weights, told.codes)
    };
    assert_eq!(told(2), (true, vec![1, 0], vec![]), "the new one is checked before it gets requests");
    assert_eq!(told(1), (true, vec![1], vec![DiagnosticCode::QuotaExhausted]), "it could not be checked");
}

#[test]
fn a_network_load_balancer_forwards_to_a_target_group_of_tcp() {
    let fits = network(1).targets(|group| group.port = Some(9999));
    assert_eq!(groups(fits), pairs(&[(ONE, 1)]));
    let http = network(2).targets(|group| (group.protocol, group.port) = (Protocol::Http, Some(9999)));
    assert!(told(http).forwarding.current.is_some_and(|it| it.there.is_none()), "that one is for HTTP");
}
