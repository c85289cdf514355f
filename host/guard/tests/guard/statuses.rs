//! What statuses say.

use albatross_contract::*;
use albatross_guard::Rule;

use crate::{
    story::{Story, pass, tell},
    world::*,
};

/// A newcomer gets its first name.
fn a_first_name() -> World {
    let mut world = World::small();
    world.ingress(1).status.clear();
    world.outcome(1).status = StatusChange::Publish(dns_name(0));
    world
}

/// A member moves to another load balancer, which has its certificate.
fn a_move() -> World {
    let mut world = World::with(&[2, 1]);
    world.https(1).certificates.push(certificate_arn(1));
    world.outcome(1).load_balancer = Some("id-1".into());
    world.outcome(1).status = StatusChange::Publish(dns_name(1));
    world
}

#[test]
fn a_status_names_only_what_serves_the_ingress() {
    tell(&[
        Story {
            title: "publishes a stranger's load balancer",
            honest: a_first_name,
            lie: |world| {
                let stranger = world.load_balancer(1).dns_name.clone();
                world.outcome(1).status = StatusChange::Publish(stranger);
            },
            rule: Rule::StatusPublish,
            action: "",
        },
        Story {
            title: "publishes a name that it made up",
            honest: a_first_name,
            lie: |world| world.outcome(1).status = StatusChange::Publish("albatross-9.example.org".into()),
            rule: Rule::StatusPublish,
            action: "",
        },
        Story {
            title: "publishes nothing at all",
            honest: a_first_name,
            lie: |world| world.outcome(1).status = StatusChange::Publish(String::new()),
            rule: Rule::StatusPublish,
            action: "",
        },
        Story {
            title: "publishes a load balancer that is still being made",
            honest: a_first_name,
            lie: |world| world.load_balancer(0).state = LoadBalancerState::Provisioning,
            rule: Rule::StatusPublish,
            action: "",
        },
        Story {
            title: "publishes before the certificate is there",
            honest: a_first_name,
            lie: |world| {
                let arn = certificate_arn(1);
                world.https(0).certificates.clear();
                world.act("add", add_certificate(0, &arn));
            },
            rule: Rule::StatusPublish,
            action: "",
        },
        Story {
            title: "publishes one load balancer and places on another",
            honest: a_move,
            lie: |world| world.outcome(1).load_balancer = Some("id-0".into()),
            rule: Rule::StatusPublish,
            action: "",
        },
        Story {
            title: "publishes for an Ingress that it rejects",
            honest: a_first_name,
            lie: |world| world.outcome(1).state = OutcomeState::Rejected,
            rule: Rule::StatusPublish,
            action: "",
        },
        Story {
            title: "publishes for an Ingress that does not exist",
            honest: a_first_name,
            lie: |world| {
                let mut ghost = outcome(1, &host(1), 0);
                ghost.name = "ghost".into();
                ghost.status = StatusChange::Publish(dns_name(0));
                world.plan.outcomes.push(ghost);
            },
            rule: Rule::StatusPublish,
            action: "",
        },
        Story {
            title: "moves a member to sick nodes",
            honest: a_move,
            lie: |world| {
                let targets = &mut world.target_group(1).targets;
                targets.iter_mut().for_each(|target| target.health = TargetHealth::Initial);
            },
            rule: Rule::StatusPublish,
            action: "",
        },
        Story {
            title: "publishes a young load balancer without targets",
            honest: || {
                let mut world = a_first_name();
                world.target_group(0).targets.clear();
                world.load_balancer(0).created_at = NOW - 10 * 60;
                world
            },
            lie: |world| world.load_balancer(0).created_at += 1,
            rule: Rule::StatusPublish,
            action: "",
        },
    ]);
    pass(&[
        ("targets need not be healthy for a first name", || {
            let mut world = a_first_name();
            world.load_balancer(0).created_at = NOW;
            let targets = &mut world.target_group(0).targets;
            targets.iter_mut().for_each(|target| target.health = TargetHealth::Initial);
            world
        }),
        ("a name that is there already loses only the entries beside it", || {
            let mut world = World::small();
            let address = IngressAddress { hostname: None, ip: Some("192.0.2.1".into()) };
            world.ingress(1).status.push(address);
            world.outcome(1).status = StatusChange::Publish(dns_name(0));
            world.load_balancer(0).state = LoadBalancerState::ActiveImpaired;
            world
        }),
    ]);
}

#[test]
fn only_the_status_of_who_is_released_is_emptied() {
    tell(&[
        Story {
            title: "empties the status of a member that it keeps",
            honest: || {
                let mut world = World::small();
                world.release(1);
                world
            },
            lie: |world| {
                world.outcome(1).state = OutcomeState::Held;
                world.outcome(1).load_balancer = Some("id-0".into());
            },
            rule: Rule::StatusWithdraw,
            action: "",
        },
        Story {
            title: "empties a status that another controller wrote",
            honest: || {
                let mut world = World::small();
                world.release(1);
                world
            },
            lie: |world| world.ingress(1).status[0].hostname = Some("nginx.example.org".into()),
            rule: Rule::StatusWithdraw,
            action: "",
        },
    ]);
}
