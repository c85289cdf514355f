//! Certificates that leave a load balancer.

use albatross_contract::*;
use albatross_guard::Rule;

use crate::{
    story::{Story, pass, tell},
    world::*,
};

/// A certificate that has been unneeded for the grace period is removed.
fn an_old_one_goes() -> World {
    let mut world = World::small();
    let old = world.old_certificate(0, 9, "old.example.org");
    world.mark_certificate(0, &old, GRACE).act("remove", remove_certificate(0, &old));
    world
}

/// The load balancer is full, and a renewed certificate takes the place of the old one.
fn one_gives_way_at_the_limit() -> World {
    let mut world = World::with(&[24]);
    renew(&mut world, 5);
    world
}

/// Chains: the renewed certificate of a member is added, then the old one is removed.
fn renew(world: &mut World, member: usize) {
    let renewed = certificate(100 + member, &host(member));
    let arn = renewed.arn.clone();
    world.snapshot.inventory.certificates.push(renewed);
    world.outcome(member).certificates[0].certificate = arn.clone();
    let add = format!("add-{member}");
    let before = world.plan.actions.last().map(|action| action.id.clone());
    let before: Vec<&str> = before.iter().map(String::as_str).collect();
    world.act_after(&add, &before, add_certificate(0, &arn));
    world.act_after(&format!("remove-{member}"), &[&add], remove_certificate(0, &certificate_arn(member)));
}

#[test]
fn a_certificate_stays_one_grace_after_its_last_host() {
    tell(&[
        Story {
            title: "removes a certificate that nobody marked",
            honest: an_old_one_goes,
            lie: |world| world.load_balancer(0).tags = our_tags("id-0"),
            rule: Rule::CertificateGrace,
            action: "remove",
        },
        Story {
            title: "removes a certificate one second too early",
            honest: an_old_one_goes,
            lie: |world| world.snapshot.time -= 1,
            rule: Rule::CertificateGrace,
            action: "remove",
        },
        Story {
            title: "drops the default certificate by making another one default",
            honest: || {
                let mut world = World::small();
                world.delete(0).mark_certificate(0, &certificate_arn(0), GRACE);
                world.act(
                    "default",
                    modify_listener(listener_arn(0, 443), Some(certificate_arn(1)), Vec::new()),
                );
                world
            },
            lie: |world| world.load_balancer(0).tags = our_tags("id-0"),
            rule: Rule::CertificateGrace,
            action: "default",
        },
        Story {
            title: "ends HTTPS on a port, and with it certificates in their grace",
            honest: || {
                let mut world = World::small();
                world.delete(0).delete(1);
                world.mark_certificate(0, &certificate_arn(0), GRACE);
                world.mark_certificate(0, &certificate_arn(1), GRACE);
                world.act("http", to_http(listener_arn(0, 443)));
                world
            },
            lie: |world| world.load_balancer(0).tags = our_tags("id-0"),
            rule: Rule::CertificateGrace,
            action: "http",
        },
        Story {
            title: "deletes the listener, and with it certificates in their grace",
            honest: || {
                let mut world = World::small();
                world.delete(0).delete(1);
                world.mark_certificate(0, &certificate_arn(0), GRACE);
                world.mark_certificate(0, &certificate_arn(1), GRACE);
                world.act("listener", Operation::DeleteListener(existing(listener_arn(0, 443))));
                world
            },
            lie: |world| {
                world.load_balancer(0).tags.pop();
            },
            rule: Rule::CertificateGrace,
            action: "listener",
        },
        Story {
            title: "removes the default certificate",
            honest: || {
                let mut world = World::small();
                world.delete(0).delete(1);
                world.mark_certificate(0, &certificate_arn(0), GRACE);
                world.mark_certificate(0, &certificate_arn(1), GRACE);
                world.act("remove", remove_certificate(0, &certificate_arn(1)));
                world
            },
            lie: |world| world.plan.actions[0].operation = remove_certificate(0, &certificate_arn(0)),
            rule: Rule::CertificateDefault,
            action: "remove",
        },
    ]);
}

/// The renewed certificate of member 0 replaces the default certificate, with the setting of one certificate for each load
/// balancer.
fn the_default_is_renewed_in_place() -> World {
    let mut world = World::small();
    world.snapshot.settings.certificates_per_load_balancer = Some(1);
    let renewed = certificate(100, &host(0));
    let arn = renewed.arn.clone();
    world.snapshot.inventory.certificates.push(renewed);
    world.outcome(0).certificates[0].certificate = arn.clone();
    world.act("default", modify_listener(listener_arn(0, 443), Some(arn), Vec::new()));
    world
}

#[test]
fn with_one_certificate_a_renewal_replaces_the_default_in_place() {
    tell(&[
        Story {
            title: "replaces the default without a grace period although the settings do not ask for it",
            honest: the_default_is_renewed_in_place,
            lie: |world| world.snapshot.settings.certificates_per_load_balancer = None,
            rule: Rule::CertificateGrace,
            action: "default",
        },
        Story {
            title: "replaces the default although no other certificate is said to serve its host",
            honest: the_default_is_renewed_in_place,
            lie: |world| world.outcome(0).certificates.clear(),
            rule: Rule::CertificateGrace,
            action: "default",
        },
    ]);
}

#[test]
fn at_the_limit_one_gives_way_to_another_before_its_grace() {
    tell(&[
        Story {
            title: "says that there is no room when there is",
            honest: one_gives_way_at_the_limit,
            lie: |world| world.snapshot.inventory.quotas.certificates_per_load_balancer = 26,
            rule: Rule::CertificateGrace,
            action: "remove-5",
        },
        Story {
            title: "removes the old certificate whether or not the new one could be added",
            honest: one_gives_way_at_the_limit,
            lie: |world| world.plan.actions[1].depends_on.clear(),
            rule: Rule::CertificateGrace,
            action: "remove-5",
        },
        Story {
            title: "removes the old certificate before the new one is there",
            honest: one_gives_way_at_the_limit,
            lie: |world| {
                world.plan.actions.swap(0, 1);
                world.plan.actions[0].depends_on.clear();
                world.plan.actions[1].depends_on = vec!["remove-5".into()];
            },
            rule: Rule::CertificateGrace,
            action: "remove-5",
        },
        Story {
            title: "forgets a host that only the old certificate covers",
            honest: one_gives_way_at_the_limit,
            lie: |world| {
                let wide = world
                    .snapshot
                    .inventory
                    .certificates
                    .iter_mut()
                    .find(|found| found.arn == certificate_arn(5));
                wide.unwrap().names.push("also.example.org".into());
                let rules = &mut world.ingress(5).rules;
                rules.push(IngressRule { host: Some("Also.example.org".into()), paths: Vec::new() });
            },
            rule: Rule::CertificateGrace,
            action: "remove-5",
        },
    ]);
    pass(&[
        ("24 certificates are renewed at once", || {
            let mut world = World::with(&[25]);
            // The default certificate is replaced in its place; 24 others are listed and one slot is free.
            (1..25).for_each(|member| renew(&mut world, member));
            world
        }),
        ("the default certificate is renewed in its place when there is no room beside it", || {
            let mut world = World::with(&[25]);
            let renewed = certificate(100, &host(0));
            let arn = renewed.arn.clone();
            world.snapshot.inventory.certificates.push(renewed);
            world.outcome(0).certificates[0].certificate = arn.clone();
            world.act("default", modify_listener(listener_arn(0, 443), Some(arn), Vec::new()));
            world
        }),
        ("the longest unneeded certificate is removed first when nothing fits beside it", || {
            let mut world = World::with(&[25]);
            let old = world.old_certificate(0, 90, "old.example.org");
            let new = certificate(91, "new.example.org");
            let arn = new.arn.clone();
            world.snapshot.inventory.certificates.push(new);
            world.act("remove", remove_certificate(0, &old));
            world.act_after("add", &["remove"], add_certificate(0, &arn));
            world
        }),
    ]);
}

#[test]
fn every_host_has_its_certificate_after_the_plan() {
    tell(&[
        Story {
            title: "promises a certificate that it does not add",
            honest: || {
                let mut world = World::small();
                world.snapshot.inventory.certificates.push(certificate(9, &host(0)));
                world.outcome(0).certificates[0].certificate = certificate_arn(9);
                world.act("add", add_certificate(0, &certificate_arn(9)));
                world
            },
            lie: |world| world.plan.actions.clear(),
            rule: Rule::CertificateNeeded,
            action: "",
        },
        Story {
            title: "creates a load balancer without the certificate of its member",
            honest: || {
                let mut world = World::with(&[]);
                world.snapshot.inventory.certificates.push(certificate(0, &host(0)));
                world.snapshot.cluster.ingresses.push(ingress(0, &host(0), ""));
                world.plan.outcomes.push(outcome(0, &host(0), 0));
                world.act("balancer", create_load_balancer(0));
                world.act("group", create_target_group("albatross-0-nodes"));
                world.act_after("443", &["balancer", "group"], {
                    match create_listener(made("balancer"), 443, made("group")) {
                        Operation::CreateListener(mut create) => {
                            create.default_certificate = Some(certificate_arn(0));
                            Operation::CreateListener(create)
                        }
                        other => other,
                    }
                });
                world
            },
            lie: |world| match &mut world.plan.actions[2].operation {
                Operation::CreateListener(create) => create.default_certificate = None,
                _ => unreachable!(),
            },
            rule: Rule::CertificateNeeded,
            action: "",
        },
        Story {
            title: "removes the only certificate of a host, and drops the host from the outcome",
            honest: || {
                let mut world = World::with(&[3]);
                world.delete(1);
                world.mark_certificate(0, &certificate_arn(1), GRACE);
                world.mark_certificate(0, &certificate_arn(2), GRACE);
                world.act("remove", remove_certificate(0, &certificate_arn(1)));
                world
            },
            lie: |world| {
                world.outcome(2).certificates.clear();
                world.plan.actions[0].operation = remove_certificate(0, &certificate_arn(2));
            },
            rule: Rule::CertificateNeeded,
            action: "remove",
        },
        Story {
            title: "removes a certificate that serves a member on the load balancer in its status",
            honest: || {
                let mut world = World::with(&[3, 1]);
                world.mark_certificate(0, &certificate_arn(2), GRACE);
                world.https(1).certificates.push(certificate_arn(2));
                world.outcome(2).load_balancer = Some("id-1".into());
                world.outcome(2).status = StatusChange::Publish(dns_name(1));
                world.ingress(2).status[0].hostname = Some(dns_name(1));
                world.act("remove", remove_certificate(0, &certificate_arn(2)));
                world
            },
            lie: |world| world.ingress(2).status[0].hostname = Some(dns_name(0)),
            rule: Rule::CertificateNeeded,
            action: "remove",
        },
        Story {
            title: "removes a marked certificate that a new Ingress needs",
            honest: an_old_one_goes,
            lie: |world| {
                world
                    .ingress(1)
                    .rules
                    .push(IngressRule { host: Some("OLD.example.org".into()), paths: Vec::new() });
            },
            rule: Rule::CertificateNeeded,
            action: "remove",
        },
    ]);
    pass(&[
        ("a pinned certificate serves all hosts of its Ingress", || {
            let mut world = World::small();
            let old = world.old_certificate(0, 9, &host(1));
            world.ingress(1).metadata.annotations = vec![tag(ANNOTATION_CERTIFICATE, &certificate_arn(0))];
            world.outcome(1).certificates[0].certificate = certificate_arn(0);
            world.act("mark", add_tags(arn(0), &[certificate_mark(&old, NOW)]));
            world
        }),
        ("an Ingress that moves may lose one of two certificates that serve it", || {
            let mut world = World::with(&[3, 1]);
            world.mark_certificate(0, &certificate_arn(2), GRACE);
            world.old_certificate(0, 9, "*.example.org");
            world.https(1).certificates.push(certificate_arn(2));
            world.outcome(2).load_balancer = Some("id-1".into());
            world.act("remove", remove_certificate(0, &certificate_arn(2)));
            world
        }),
        ("a certificate may be marked before its renewal is added", || {
            let mut world = World::small();
            world.act("mark", add_tags(arn(0), &[certificate_mark(&certificate_arn(1), NOW)]));
            world
        }),
        ("without the list of listeners their certificates are not checked", || {
            let mut world = World::small();
            world.https(0).certificates.clear();
            world.incomplete(ViewPart::Listeners);
            world
        }),
    ]);
}
