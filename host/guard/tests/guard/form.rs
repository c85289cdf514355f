//! Form, references and outcomes.

use albatross_contract::{Operation, StatusChange};
use albatross_guard::Rule;

use crate::{
    story::{Story, tell},
    world::*,
};

/// A target group, and a listener of the first load balancer that forwards to it as well.
fn a_second_listener() -> World {
    let mut world = World::small();
    world.act("group", create_target_group("albatross-0-8080"));
    world.act_after("listener", &["group"], create_listener(existing(arn(0)), 8080, made("group")));
    world
}

#[test]
fn actions_have_ids_and_an_order() {
    tell(&[
        Story {
            title: "gives two actions one id",
            honest: a_second_listener,
            lie: |world| {
                world.plan.actions[1].id = "group".into();
            },
            rule: Rule::Form,
            action: "group",
        },
        Story {
            title: "gives an action no id",
            honest: || {
                let mut world = World::small();
                world.act("group", create_target_group("albatross-0-8080"));
                world
            },
            lie: |world| world.plan.actions[0].id.clear(),
            rule: Rule::Form,
            action: "",
        },
        Story {
            title: "depends on an action that comes later",
            honest: a_second_listener,
            lie: |world| world.plan.actions[0].depends_on.push("listener".into()),
            rule: Rule::Form,
            action: "group",
        },
        Story {
            title: "depends on an action that does not exist",
            honest: a_second_listener,
            lie: |world| world.plan.actions[0].depends_on.push("yesterday".into()),
            rule: Rule::Form,
            action: "group",
        },
    ]);
}

#[test]
fn every_resource_that_an_action_names_exists_or_is_created_before() {
    tell(&[
        Story {
            title: "creates a listener on a load balancer that does not exist",
            honest: a_second_listener,
            lie: |world| {
                world.plan.actions[1].operation = create_listener(existing(arn(7)), 8080, made("group"));
            },
            rule: Rule::Reference,
            action: "listener",
        },
        Story {
            title: "takes a target group for a load balancer",
            honest: a_second_listener,
            lie: |world| {
                world.plan.actions[1].operation =
                    create_listener(existing(target_group_arn(0)), 8080, made("group"));
            },
            rule: Rule::Reference,
            action: "listener",
        },
        Story {
            title: "uses what another action creates without waiting for it",
            honest: a_second_listener,
            lie: |world| world.plan.actions[1].depends_on.clear(),
            rule: Rule::Reference,
            action: "listener",
        },
        Story {
            title: "forwards to an action that creates no target group",
            honest: || {
                let mut world = a_second_listener();
                world.act_after(
                    "another",
                    &["listener"],
                    create_listener(existing(arn(0)), 8081, existing(target_group_arn(0))),
                );
                world
            },
            lie: |world| {
                world.plan.actions[2].operation = create_listener(existing(arn(0)), 8081, made("listener"));
            },
            rule: Rule::Reference,
            action: "another",
        },
        Story {
            title: "adds a certificate that does not exist",
            honest: || {
                let mut world = World::small();
                world.snapshot.inventory.certificates.push(certificate(9, "new.example.org"));
                world.act("add", add_certificate(0, &certificate_arn(9)));
                world
            },
            lie: |world| world.plan.actions[0].operation = add_certificate(0, &certificate_arn(8)),
            rule: Rule::Reference,
            action: "add",
        },
        Story {
            title: "attaches to an Auto Scaling Group that does not exist",
            honest: || {
                let mut world = World::small();
                world.act("attach", attach("nodes"));
                world
            },
            lie: |world| world.plan.actions[0].operation = attach("no-nodes"),
            rule: Rule::Reference,
            action: "attach",
        },
    ]);
}

fn attach(auto_scaling_group: &str) -> Operation {
    match detach(auto_scaling_group, &target_group_arn(0)) {
        Operation::DetachTargetGroup(attachment) => Operation::AttachTargetGroup(attachment),
        other => other,
    }
}

#[test]
fn a_dependency_may_be_an_indirect_one() {
    let mut world = a_second_listener();
    world.act_after(
        "register",
        &["listener"],
        match deregister(0, &[3]) {
            Operation::DeregisterTargets(mut change) => {
                change.target_group = made("group");
                Operation::RegisterTargets(change)
            }
            other => other,
        },
    );
    assert_eq!(albatross_guard::check(&world.snapshot, &world.plan), Ok(()));
}

#[test]
fn each_ingress_has_one_outcome_on_a_load_balancer_that_exists() {
    tell(&[
        Story {
            title: "forgets an Ingress",
            honest: World::small,
            lie: |world| {
                world.plan.outcomes.pop();
            },
            rule: Rule::Outcome,
            action: "",
        },
        Story {
            title: "says two things about one Ingress",
            honest: World::small,
            lie: |world| {
                let again = world.plan.outcomes[0].clone();
                world.plan.outcomes.push(again);
            },
            rule: Rule::Outcome,
            action: "",
        },
        Story {
            title: "places an Ingress on a load balancer that does not exist",
            honest: World::small,
            lie: |world| world.outcome(0).load_balancer = Some("id-7".into()),
            rule: Rule::Outcome,
            action: "",
        },
        Story {
            title: "places an Ingress nowhere",
            honest: World::small,
            lie: |world| world.outcome(0).load_balancer = None,
            rule: Rule::Outcome,
            action: "",
        },
    ]);
}

#[test]
fn an_ingress_without_a_namespace_lives_in_default() {
    let mut world = World::small();
    world.ingress(0).metadata.namespace = None;
    world.outcome(0).object.namespace = "default".into();
    world.outcome(0).status = StatusChange::Keep;
    assert_eq!(albatross_guard::check(&world.snapshot, &world.plan), Ok(()));
}
