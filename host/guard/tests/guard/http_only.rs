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

/// Members 0 to 14 are on the load balancer 1, which serves HTTP only, and members 15 to 20 on the load balancer 2, where their
/// certificates no longer fit. Some of both come to the load balancer 0.
fn returned(from_http: usize, for_room: usize) -> World {
    let mut world = World::with(&[0, 15, 6]);
    let found = world.load_balancer(1);
    found.tags.push(tag(TAG_HTTP_ONLY, "true"));
    found.listeners.truncate(1);
    for member in 0..15 {
        asks(&mut world, member, "true");
        world.outcome(member).certificates.clear();
    }
    (0..from_http).for_each(|member| return_member(&mut world, member));
    for member in 16..16 + for_room {
        world.https(2).certificates.retain(|arn| *arn != certificate_arn(member));
        world.https(0).certificates.push(certificate_arn(member));
        move_member(&mut world, member, 0);
    }
    world
}

/// A member that no longer asks for HTTP only comes to the load balancer 0, which has its certificate.
fn return_member(world: &mut World, member: usize) {
    world.ingress(member).metadata.annotations.clear();
    let chosen = HostCertificate { host: host(member), certificate: certificate_arn(member) };
    world.outcome(member).certificates = vec![chosen];
    world.https(0).certificates.push(certificate_arn(member));
    move_member(world, member, 0);
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
            title: "takes a member to HTTP that also names a certificate",
            honest: || moved(1),
            lie: |world| {
                let named = tag(ANNOTATION_CERTIFICATE, &certificate_arn(1));
                world.ingress(0).metadata.annotations.push(named);
            },
            rule: Rule::StatusPublish,
            action: "",
        },
        Story {
            title: "takes a member to HTTP that also names a TLS policy",
            honest: || moved(1),
            lie: |world| {
                let named = tag("zalando.org/aws-load-balancer-ssl-policy", "ELBSecurityPolicy-2016-08");
                world.ingress(0).metadata.annotations.push(named);
            },
            rule: Rule::StatusPublish,
            action: "",
        },
        Story {
            title: "publishes a load balancer that answers HTTP with a redirect",
            honest: || moved(1),
            lie: |world| {
                let redirect = RedirectAction {
                    protocol: "HTTPS".into(),
                    host: "#{host}".into(),
                    port: "443".into(),
                    path: "/#{path}".into(),
                    query: "#{query}".into(),
                    status_code: 301,
                };
                world.load_balancer(1).listeners[0].default_actions =
                    vec![ListenerAction::Redirect(redirect)];
            },
            rule: Rule::StatusPublish,
            action: "",
        },
        Story {
            title: "publishes a load balancer that forwards half of the requests to a target group of others",
            honest: || moved(1),
            lie: |world| {
                let groups = [existing(target_group_arn(1)), existing(STRANGERS_TARGET_GROUP)];
                world.load_balancer(1).listeners[0].default_actions = forward(&groups);
            },
            rule: Rule::StatusPublish,
            action: "",
        },
        Story {
            title: "publishes a load balancer that speaks TLS on the port of HTTP",
            honest: || moved(1),
            lie: |world| world.load_balancer(1).listeners[0].protocol = Protocol::Https,
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
    tell(&[
        Story {
            title: "says that an eleventh member asks to leave",
            honest: || {
                let mut world = returned(11, 0);
                asks(&mut world, 10, "false");
                world
            },
            lie: |world| world.ingress(10).metadata.annotations.clear(),
            rule: Rule::BudgetNameChanges,
            action: "",
        },
        Story {
            title: "lets a sixth member leave for HTTPS in addition to five for lack of room",
            honest: || returned(5, 5),
            lie: |world| return_member(world, 5),
            rule: Rule::BudgetNameChanges,
            action: "",
        },
    ]);
}

/// The load balancer 0 has neither certificates nor the tag. All its members ask for HTTP only, and some leave it.
fn lost_tag(leaving: usize) -> World {
    let mut world = moved(leaving);
    world.load_balancer(0).listeners.truncate(1);
    for member in 0..20 {
        asks(&mut world, member, "true");
        world.outcome(member).certificates.clear();
    }
    world
}

#[test]
fn nobody_asks_to_leave_a_load_balancer_that_lost_its_tag() {
    tell(&[Story {
        title: "moves six members away from a load balancer that lost its tag",
        honest: || lost_tag(5),
        lie: |world| *world = lost_tag(6),
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

/// A load balancer with HTTPS and these tags loses the tag for HTTP only.
fn tagged(tags: &[Tag]) -> World {
    let mut world = World::small();
    world.load_balancer(0).tags.extend_from_slice(tags);
    with(world, remove_tag(TAG_HTTP_ONLY))
}

#[test]
fn a_tag_that_a_person_added_and_that_means_nothing_may_be_removed() {
    pass(&[
        ("on a load balancer with HTTPS", || tagged(&[tag(TAG_HTTP_ONLY, "false")])),
        ("in route mode", || tagged(&[tag(TAG_HTTP_ONLY, "true"), tag(TAG_MODE, "route")])),
    ]);
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
