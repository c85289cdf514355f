//! Deletion protection of somebody else is respected. Our own is recorded as long as it lasts.

use albatross_contract::*;
use albatross_guard::Rule;

use crate::{
    deletion::an_unneeded_one_goes,
    story::{Story, pass, tell},
    world::*,
};

const PROTECTION: &str = "deletion_protection.enabled";

#[test]
fn protection_by_somebody_else_is_respected() {
    tell(&[
        Story {
            title: "deletes a protected load balancer",
            honest: an_unneeded_one_goes,
            lie: |world| world.load_balancer(0).attributes = vec![tag(PROTECTION, "true")],
            rule: Rule::DeletionProtected,
            action: "delete",
        },
        Story {
            title: "turns off the deletion protection first",
            honest: || {
                let mut world = World::small();
                world.load_balancer(0).attributes = vec![tag(PROTECTION, "true")];
                world.act("attribute", attribute("idle_timeout.timeout_seconds", "60"));
                world
            },
            lie: |world| world.plan.actions[0].operation = attribute(PROTECTION, "false"),
            rule: Rule::DeletionProtected,
            action: "attribute",
        },
    ]);
}

fn attribute(key: &str, value: &str) -> Operation {
    Operation::ModifyLoadBalancerAttributes(AttributeChange {
        resource: existing(arn(0)),
        attributes: vec![tag(key, value)],
    })
}

/// The settings ask for deletion protection, and it is recorded before it is turned on.
fn it_is_turned_on() -> World {
    let mut world = World::small();
    world.settings().deletion_protection = Some(true);
    world.act("mark", add_tags(arn(0), &[tag(TAG_DELETION_PROTECTION, "true")]));
    world.act_after("on", &["mark"], attribute(PROTECTION, "true"));
    world
}

/// The setting is gone: our protection is turned off, and then forgotten.
fn it_is_turned_off() -> World {
    let mut world = World::small();
    protect(&mut world);
    world.act("off", attribute(PROTECTION, "false"));
    let keys = vec![TAG_DELETION_PROTECTION.to_owned()];
    world.act_after(
        "unmark",
        &["off"],
        Operation::RemoveTags(RemoveTags { resource: existing(arn(0)), keys }),
    );
    world
}

/// A load balancer of ours that we protect goes.
fn ours_goes() -> World {
    let mut world = an_unneeded_one_goes();
    protect(&mut world);
    world.act("off", attribute(PROTECTION, "false"));
    let off = world.plan.actions.pop().unwrap();
    world.plan.actions.insert(0, off);
    world.plan.actions[1].depends_on.push("off".into());
    world
}

fn protect(world: &mut World) {
    let found = world.load_balancer(0);
    found.attributes = vec![tag(PROTECTION, "true")];
    found.tags.push(tag(TAG_DELETION_PROTECTION, "true"));
}

#[test]
fn our_own_protection_is_recorded_as_long_as_it_lasts() {
    tell(&[
        Story {
            title: "turns protection on without waiting for the record",
            honest: it_is_turned_on,
            lie: |world| world.plan.actions[1].depends_on.clear(),
            rule: Rule::DeletionProtected,
            action: "on",
        },
        Story {
            title: "records the protection of somebody else as its own",
            honest: it_is_turned_on,
            lie: |world| {
                world.load_balancer(0).attributes = vec![tag(PROTECTION, "true")];
                world.plan.actions.pop();
            },
            rule: Rule::DeletionProtected,
            action: "mark",
        },
        Story {
            title: "forgets who protects a load balancer while it is protected",
            honest: it_is_turned_off,
            lie: |world| world.plan.actions[1].depends_on.clear(),
            rule: Rule::DeletionProtected,
            action: "unmark",
        },
        Story {
            title: "turns off protection that no tag says is ours",
            honest: it_is_turned_off,
            lie: |world| {
                world.load_balancer(0).tags.retain(|tag| tag.key != TAG_DELETION_PROTECTION);
                world.plan.actions.pop();
            },
            rule: Rule::DeletionProtected,
            action: "off",
        },
        Story {
            title: "deletes a load balancer without waiting until its own protection is off",
            honest: ours_goes,
            lie: |world| world.plan.actions[1].depends_on.clear(),
            rule: Rule::DeletionProtected,
            action: "delete",
        },
    ]);
    pass(&[("an annotation may ask for deletion protection, which then needs no record", || {
        let mut world = World::small();
        world.act("attribute", attribute(PROTECTION, "true"));
        world
    })]);
}
