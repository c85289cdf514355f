//! HTTP only: load balancers without HTTPS serve only who asks for them.

use albatross_contract::*;
use albatross_guard::Rule;

use crate::{
    story::{Story, pass, tell},
    world::*,
};

/// The load balancer 1 serves HTTP only.
fn http_only() -> World {
    let mut world = World::with(&[20, 0]);
    let found = world.load_balancer(1);
    found.tags.push(tag(TAG_HTTP_ONLY, "true"));
    found.listeners.truncate(1);
    world
}

fn asks(world: &mut World, member: usize, value: &str) {
    world.ingress(member).metadata.annotations = vec![tag(ANNOTATION_HTTP_ONLY, value)];
}

/// Members move to the load balancer that serves HTTP only.
fn moved(members: usize) -> World {
    let mut world = http_only();
    for member in 0..members {
        asks(&mut world, member, "true");
        move_member(&mut world, member, 1);
        world.outcome(member).certificates.clear();
    }
    world
}

fn move_member(world: &mut World, member: usize, to: usize) {
    world.outcome(member).load_balancer = Some(format!("id-{to}"));
    world.outcome(member).status = StatusChange::Publish(dns_name(to));
}

/// Members come back from a load balancer that serves HTTP only.
fn returned(members: usize) -> World {
    let mut world = World::with(&[0, 20]);
    let found = world.load_balancer(1);
    found.tags.push(tag(TAG_HTTP_ONLY, "true"));
    found.listeners.truncate(1);
    for member in 0..members {
        asks(&mut world, member, "false");
        world.https(0).certificates.push(certificate_arn(member));
        move_member(&mut world, member, 0);
    }
    (members..20).for_each(|member| {
        asks(&mut world, member, "true");
        world.outcome(member).certificates.clear();
    });
    world
}

#[test]
fn only_who_asks_for_http_only_moves_to_a_load_balancer_without_https() {
    tell(&[
        Story {
            title: "takes a member to HTTP that does not ask for it",
            honest: || moved(1),
            lie: |world| world.ingress(0).metadata.annotations.clear(),
            rule: Rule::StatusPublish,
            action: "",
        },
        Story {
            title: "takes a member to HTTP whose annotation cannot be read",
            honest: || moved(1),
            lie: |world| asks(world, 0, "yes"),
            rule: Rule::StatusPublish,
            action: "",
        },
        Story {
            title: "takes a new Ingress without a certificate for one that needs none",
            honest: || {
                let mut world = moved(1);
                world.ingress(0).status.clear();
                world.snapshot.inventory.certificates.remove(0);
                world.https(0).default_certificate = Some(certificate_arn(1));
                world.https(0).certificates.remove(0);
                world
            },
            lie: |world| world.ingress(0).metadata.annotations.clear(),
            rule: Rule::StatusPublish,
            action: "",
        },
        Story {
            title: "publishes a load balancer before it listens",
            honest: || moved(1),
            lie: |world| world.load_balancer(1).listeners[0].port = 8080,
            rule: Rule::StatusPublish,
            action: "",
        },
    ]);
    pass(&[("twenty Ingresses that ask for HTTP only move at once", || moved(20))]);
}

#[test]
fn who_leaves_a_load_balancer_without_https_asks_for_that_or_counts() {
    tell(&[Story {
        title: "says that a sixth member asks to leave",
        honest: || {
            let mut world = returned(6);
            (0..5).for_each(|member| world.ingress(member).metadata.annotations.clear());
            world
        },
        lie: |world| world.ingress(5).metadata.annotations.clear(),
        rule: Rule::BudgetNameChanges,
        action: "",
    }]);
}

/// The load balancer 0 and its members serve HTTP only.
fn plain() -> World {
    let mut world = World::small();
    let found = world.load_balancer(0);
    found.tags.push(tag(TAG_HTTP_ONLY, "true"));
    found.listeners.truncate(1);
    for member in 0..2 {
        asks(&mut world, member, "true");
        world.outcome(member).certificates.clear();
    }
    world
}

fn with(mut world: World, operation: Operation) -> World {
    world.act("change", operation);
    world
}

fn remove_tag(key: &str) -> Operation {
    Operation::RemoveTags(RemoveTags { resource: existing(arn(0)), keys: vec![key.into()] })
}

fn listener(load_balancer: ResourceReference, protocol: Protocol) -> Operation {
    Operation::CreateListener(CreateListener {
        load_balancer,
        port: 8080,
        protocol,
        default_certificate: (protocol == Protocol::Https).then(|| certificate_arn(0)),
        ssl_policy: None,
        default_actions: forward(&[existing(target_group_arn(0))]),
        tags: our_tags("id-0"),
    })
}

/// A new load balancer that serves HTTP only, with a listener.
fn created(protocol: Protocol) -> World {
    let mut world = plain();
    let Operation::CreateLoadBalancer(mut create) = create_load_balancer(7) else { unreachable!() };
    create.tags.push(tag(TAG_HTTP_ONLY, "true"));
    world.act("load-balancer", Operation::CreateLoadBalancer(create));
    world.act_after("change", &["load-balancer"], listener(made("load-balancer"), protocol));
    world
}

fn modified(protocol: Protocol) -> World {
    let modify = ModifyListener {
        listener: existing(listener_arn(0, 80)),
        protocol: Some(protocol),
        default_certificate: None,
        ssl_policy: None,
        default_actions: Vec::new(),
    };
    with(plain(), Operation::ModifyListener(modify))
}

#[test]
fn a_load_balancer_never_begins_or_ends_to_serve_http_only() {
    tell(&[
        Story {
            title: "takes HTTPS from a load balancer in place",
            honest: || with(World::small(), add_tags(arn(0), &[tag(TAG_GROUP, "team")])),
            lie: |world| world.plan.actions[0].operation = add_tags(arn(0), &[tag(TAG_HTTP_ONLY, "true")]),
            rule: Rule::HttpOnly,
            action: "change",
        },
        Story {
            title: "removes the tag that says that a load balancer serves HTTP only",
            honest: || with(plain(), remove_tag(TAG_GROUP)),
            lie: |world| world.plan.actions[0].operation = remove_tag(TAG_HTTP_ONLY),
            rule: Rule::HttpOnly,
            action: "change",
        },
        Story {
            title: "creates an HTTPS listener on a load balancer that serves HTTP only",
            honest: || with(plain(), listener(existing(arn(0)), Protocol::Http)),
            lie: |world| world.plan.actions[0].operation = listener(existing(arn(0)), Protocol::Https),
            rule: Rule::HttpOnly,
            action: "change",
        },
        Story {
            title: "creates an HTTPS listener on a new load balancer that serves HTTP only",
            honest: || created(Protocol::Http),
            lie: |world| *world = created(Protocol::Https),
            rule: Rule::HttpOnly,
            action: "change",
        },
        Story {
            title: "lets the listener of a load balancer that serves HTTP only serve HTTPS",
            honest: || modified(Protocol::Http),
            lie: |world| *world = modified(Protocol::Https),
            rule: Rule::HttpOnly,
            action: "change",
        },
    ]);
}
