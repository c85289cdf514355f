//! Statuses.

use albatross_contract::*;
use albatross_guard::Rule;

use crate::{
    story::{Story, pass, tell},
    world::*,
};

/// A new Ingress is published for the first time.
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
fn a_status_names_only_a_load_balancer_that_serves_the_ingress() {
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
            title: "publishes a load balancer that is still provisioning",
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
            title: "does not mention the certificate that is not there",
            honest: a_first_name,
            lie: |world| {
                world.https(0).certificates.clear();
                world.outcome(1).certificates.clear();
            },
            rule: Rule::StatusPublish,
            action: "",
        },
        Story {
            title: "leaves out a host that has a certificate",
            honest: || {
                let mut world = a_first_name();
                let other = IngressRule { host: Some(host(7)), paths: Vec::new() };
                world.ingress(1).rules.push(other);
                let mut ended = certificate(7, &host(7));
                ended.not_after = Some(NOW - 1);
                world.snapshot.inventory.certificates.push(ended);
                world
            },
            lie: |world| {
                for certificate in &mut world.snapshot.inventory.certificates {
                    certificate.not_after = Some(NOW);
                }
            },
            rule: Rule::StatusPublish,
            action: "",
        },
        Story {
            title: "publishes a load balancer without the certificate that the Ingress names",
            honest: || {
                let mut world = a_first_name();
                names(&mut world, &certificate_arn(0));
                world.outcome(1).certificates.clear();
                world
            },
            lie: |world| {
                let other = certificate(7, "other.example.org");
                names(world, &other.arn);
                world.snapshot.inventory.certificates.push(other);
            },
            rule: Rule::StatusPublish,
            action: "",
        },
        Story {
            title: "publishes a load balancer that serves no host while the certificate policy is frozen",
            honest: || {
                let mut world = a_first_name();
                let other = IngressRule { host: Some(host(7)), paths: Vec::new() };
                world.ingress(1).rules.push(other);
                world.snapshot.inventory.certificates.push(certificate(7, &host(7)));
                override_certificates(&mut world);
                world.snapshot.frozen.push(PolicyPoint::Certificates);
                world
            },
            lie: |world| {
                world.https(0).certificates.clear();
                world.outcome(1).certificates.clear();
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
                ghost.object.name = "ghost".into();
                ghost.status = StatusChange::Publish(dns_name(0));
                world.plan.outcomes.push(ghost);
            },
            rule: Rule::StatusPublish,
            action: "",
        },
        Story {
            title: "moves a member to unhealthy nodes",
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
        ("a policy for certificates may leave out every host", || {
            let mut world = a_first_name();
            world.https(0).certificates.clear();
            world.outcome(1).certificates.clear();
            override_certificates(&mut world);
            world
        }),
        ("without any usable certificate there is nothing to wait for", || {
            let mut world = a_first_name();
            world.https(0).certificates.clear();
            world.outcome(1).certificates.clear();
            world.snapshot.inventory.certificates[1].status = CertificateStatus::PendingValidation;
            world
        }),
        ("a published status loses only its other entries", || {
            let mut world = World::small();
            let address = IngressAddress { hostname: None, ip: Some("192.0.2.1".into()) };
            world.ingress(1).status.push(address);
            world.outcome(1).status = StatusChange::Publish(dns_name(0));
            world.load_balancer(0).state = LoadBalancerState::ActiveImpaired;
            world
        }),
    ]);
}

/// A policy takes over the choice of certificates.
fn override_certificates(world: &mut World) {
    let policy = PolicySetting { point: PolicyPoint::Certificates, settings: String::new() };
    world.settings().policies.push(policy);
}

/// The new Ingress names a certificate.
fn names(world: &mut World, arn: &str) {
    let annotations = &mut world.ingress(1).metadata.annotations;
    annotations.clear();
    annotations.push(tag(ANNOTATION_CERTIFICATE, arn));
}

#[test]
fn only_the_status_of_a_released_ingress_is_emptied() {
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
