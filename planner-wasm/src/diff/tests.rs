use albatross_contract::{Action, LoadBalancerFate};

use super::{diff, load_balancer};
use crate::{
    backends::Joiner,
    diff::testing::{actions, existing, made, target_group, there, wanted},
    observed::Observed,
    testing::{World, certificate_arn, told},
    wanted::{Answer, Creation, Listener, LoadBalancer, Wanted},
};

fn difference(wanted: &Wanted<'_>, observed: &Observed<'_>) -> Vec<Action> {
    diff(wanted, &observed.auto_scaling_groups, observed.time)
}

#[test]
fn a_load_balancer_is_created_in_the_order_that_aws_needs() {
    let scene = World::new().read();
    let creation = Creation { reason: "new".into(), disruption: albatross_contract::Disruption::None };
    let listener = Listener {
        port: 80,
        protocol: albatross_contract::Protocol::Http,
        there: None,
        reason: "it is wanted",
        ssl_policy: None,
        default_certificate: None,
        has_certificates: false,
        attributes: Vec::new(),
        mirrored: Vec::new(),
        answer: Some(Answer::forward(vec![made("group", 1)])),
        rules: None,
        goes: false,
    };
    let mut group = target_group(None);
    group.targets.register.push(Joiner { id: "i-1", port: None });
    let wanted = LoadBalancer {
        creation: Some(creation),
        target_groups: vec![group],
        listeners: vec![listener],
        ..wanted(None)
    };
    let made = actions(|actions| load_balancer(&wanted, &there(scene.observed), actions));
    assert_eq!(
        told(&made),
        ["target-group/group/create", "targets/register", "load-balancer/create", "listener/80/create"]
    );
    assert!(made.iter().all(|action| action.objects == ["shop/checkout"]), "all are waited for");
}

#[test]
fn no_ingress_waits_for_changes_of_existing_resources() {
    let scene = World::new().load_balancer("one", &[]).read();
    let mut group = target_group(None);
    group.targets.register.push(Joiner { id: "i-1", port: None });
    let wanted = LoadBalancer { target_groups: vec![group], ..wanted(Some(scene.owned("one"))) };
    let made = actions(|actions| load_balancer(&wanted, &there(scene.observed), actions));
    assert_eq!(told(&made), ["target-group/group/create", "targets/register"]);
    assert!(made.iter().all(|action| action.objects.is_empty()), "a served Ingress waits for nothing");
}

#[test]
fn a_load_balancer_to_be_deleted_is_only_deleted() {
    let scene = World::new().load_balancer("one", &[]).read();
    let mut wanted = wanted(Some(scene.owned("one")));
    wanted.fate = LoadBalancerFate::Delete;
    wanted.subnets.clear();
    wanted.forwards_to = vec![existing("arn:other", 1)];
    let gone = actions(|actions| load_balancer(&wanted, &there(scene.observed), actions));
    assert_eq!(told(&gone)[0], "load-balancer/delete");
    assert_eq!(gone.len(), 2);
}

/// Two Ingresses, each with a load balancer of its own that is created.
fn two_new() -> World {
    let alone = |world: World| world.annotated(albatross_contract::ANNOTATION_SHARED, "false");
    let world = World::new().certificate("a", &["a.org", "b.org"]);
    alone(alone(world.ingress("a", &["a.org"])).ingress("b", &["b.org"]))
}

#[test]
fn load_balancers_that_were_opened_first_come_first() {
    let scene = two_new().read();
    let decided = scene.decide();
    let actions = difference(&decided.wanted, scene.observed);
    let opened = decided.wanted.load_balancers.iter().map(|it| (it.opened, it.id.as_str()));
    let mut opened: Vec<_> = opened.collect();
    opened.sort_unstable();
    let mut order: Vec<&str> = actions.iter().map(|action| action.load_balancer.as_str()).collect();
    order.dedup();
    assert_eq!(order, [opened[0].1, opened[1].1]);
}

#[test]
fn nothing_is_written_while_ownership_is_not_known() {
    let scene = two_new().read();
    let mut wanted = scene.decide().wanted;
    assert!(!difference(&wanted, scene.observed).is_empty());
    wanted.can_write = false;
    assert_eq!(difference(&wanted, scene.observed), []);
}

#[test]
fn a_converged_world_gives_no_action() {
    let world = World::new().certificate("a", &["a.org"]).published("a", &["a.org"], "one");
    let scene = world.load_balancer("one", &["a"]).read();
    assert_eq!(scene.observed.certificates.arn(scene.id("a")), certificate_arn("a"));
    assert_eq!(difference(&scene.decide().wanted, scene.observed), []);
}
