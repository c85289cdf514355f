//! Budgets: how much may change at once, and what a person allows.

use albatross_contract::*;
use albatross_guard::{Rule, check};

use crate::{
    story::{Story, pass, tell},
    world::*,
};

fn released(of: usize, count: usize) -> World {
    let mut world = World::with(&[of]);
    (0..count).for_each(|member| {
        world.release(member);
    });
    world
}

#[test]
fn few_members_are_released_though_they_exist() {
    tell(&[
        Story {
            title: "empties three of four statuses",
            honest: || released(4, 2),
            lie: |world| {
                world.release(2);
            },
            rule: Rule::BudgetRelease,
            action: "",
        },
        Story {
            title: "empties both of two statuses",
            honest: || released(2, 1),
            lie: |world| {
                world.release(1);
            },
            rule: Rule::BudgetRelease,
            action: "",
        },
        Story {
            title: "releases five of twenty",
            honest: || released(20, 4),
            lie: |world| {
                world.release(4);
            },
            rule: Rule::BudgetRelease,
            action: "",
        },
        Story {
            title: "releases without touching the status yet",
            honest: || released(20, 4),
            lie: |world| {
                world.release(4);
                world.plan.outcomes.iter_mut().for_each(|outcome| outcome.status = StatusChange::Keep);
            },
            rule: Rule::BudgetRelease,
            action: "",
        },
        Story {
            title: "takes the allowance for one as an allowance for all",
            honest: || {
                let mut world = released(20, 5);
                world.settings().allowances.release.push("team/app-0".into());
                world
            },
            lie: |world| {
                world.release(5);
            },
            rule: Rule::BudgetRelease,
            action: "",
        },
    ]);
    pass(&[
        ("one of one", || released(1, 1)),
        ("Ingresses that are being deleted do not count", || {
            let mut world = released(4, 3);
            world.ingress(0).metadata.deleted_at = Some(NOW);
            world
        }),
        ("an Ingress whose status does not name us is not a member", || {
            let mut world = released(8, 4);
            for member in 0..4 {
                world.ingress(member).status.clear();
                world.outcome(member).status = StatusChange::Keep;
            }
            world
        }),
    ]);
}

#[test]
fn the_message_says_how_many_and_how_to_allow_them() {
    let World { snapshot, plan } = released(4, 3);
    let refusal = check(&snapshot, &plan).unwrap_err();
    assert_eq!(
        refusal.violations[0].message,
        "3 of 4 Ingresses are released although they still exist; the limit for one plan is 2; if this is intended: \
         --allow-release=team/app-0,team/app-1,team/app-2"
    );
}

/// Some of the members of one load balancer are deleted, and their certificates marked.
fn certificates_marked(count: usize) -> World {
    let mut world = World::with(&[25]);
    (1..=count).for_each(|member| mark_of_deleted(&mut world, member));
    world
}

fn mark_of_deleted(world: &mut World, member: usize) {
    world.delete(member);
    let mark = certificate_mark(&certificate_arn(member), NOW);
    world.act(&format!("mark-{member}"), add_tags(arn(0), &[mark]));
}

#[test]
fn few_certificates_become_unneeded() {
    tell(&[
        Story {
            title: "marks six of 25 certificates",
            honest: || certificates_marked(5),
            lie: |world| mark_of_deleted(world, 6),
            rule: Rule::BudgetUnneededCertificates,
            action: "mark-6",
        },
        Story {
            title: "forgets that a wildcard still serves somebody",
            honest: || {
                let mut world = certificates_marked(5);
                // The certificate of the sixth covers a host of a member of another load balancer.
                let inventory = &mut world.snapshot.inventory;
                inventory.certificates[6].names = vec!["*.Example.org".into()];
                world.delete(6);
                for member in (0..25).filter(|member| *member == 0 || *member > 6) {
                    world.outcome(member).certificates[0].certificate = certificate_arn(member);
                }
                world.act("mark-6", add_tags(arn(0), &[certificate_mark(&certificate_arn(6), NOW)]));
                world
            },
            lie: |world| world.snapshot.inventory.certificates[6].names = vec!["*.example.com".into()],
            rule: Rule::BudgetUnneededCertificates,
            action: "mark-6",
        },
        Story {
            title: "calls a member rejected that lost its place, so that its certificate counts as wanted",
            honest: || {
                let mut world = certificates_marked(6);
                world.snapshot.cluster.ingresses.push(ingress(6, &host(6), "nginx.example.org"));
                world.outcome(6).state = OutcomeState::Rejected;
                world
            },
            lie: |world| world.ingress(6).status[0].hostname = Some(dns_name(0)),
            rule: Rule::BudgetUnneededCertificates,
            action: "mark-6",
        },
        Story {
            title: "says that one certificate may go, and lets six go",
            honest: || {
                let mut world = certificates_marked(6);
                world.settings().allowances.unneeded.push(certificate_arn(2));
                world
            },
            lie: |world| world.settings().allowances.unneeded = vec![certificate_arn(20)],
            rule: Rule::BudgetUnneededCertificates,
            action: "mark-6",
        },
        Story {
            title: "marks one load balancer with all its certificates",
            honest: || forsaken(5),
            lie: |world| {
                *world = forsaken(6);
            },
            rule: Rule::BudgetUnneededCertificates,
            action: "mark",
        },
        Story {
            title: "counts a certificate once that is on two load balancers",
            honest: || forsaken_twice(2),
            lie: |world| *world = forsaken_twice(3),
            rule: Rule::BudgetUnneededCertificates,
            action: "mark-1",
        },
        Story {
            title: "removes at the limit without a mark, more than may become unneeded",
            honest: || pushed_out(5),
            lie: |world| *world = pushed_out(6),
            rule: Rule::BudgetUnneededCertificates,
            action: "remove-6",
        },
    ]);
}

/// Two of three load balancers have the same certificates, lose all their members and are marked.
fn forsaken_twice(shared: usize) -> World {
    let mut world = World::with(&[shared, shared, 10]);
    for member in 0..shared {
        world.https(1).certificates.retain(|arn| *arn != certificate_arn(shared + member));
        world.https(1).certificates.push(certificate_arn(member));
    }
    world.https(1).default_certificate = Some(certificate_arn(0));
    (0..2 * shared).for_each(|member| {
        world.delete(member);
    });
    world.act("mark-0", mark(0));
    world.act("mark-1", mark(1));
    world
}

/// One of two load balancers loses all its members and is marked.
fn forsaken(members: usize) -> World {
    let mut world = World::with(&[members, 10]);
    (0..members).for_each(|member| {
        world.delete(member);
    });
    world.act("mark", mark(0));
    world
}

/// A full load balancer loses some members, and new Ingresses take the places of their certificates.
fn pushed_out(count: usize) -> World {
    let mut world = World::with(&[26]);
    for member in 1..=count {
        world.delete(member);
        let new = certificate(100 + member, &format!("new-{member}.example.org"));
        let arn = new.arn.clone();
        world.snapshot.inventory.certificates.push(new);
        let (remove, add) = (format!("remove-{member}"), format!("add-{member}"));
        world.act(&remove, remove_certificate(0, &certificate_arn(member)));
        world.act_after(&add, &[&remove], add_certificate(0, &arn));
    }
    world
}

#[test]
fn few_load_balancers_become_unneeded() {
    fn marked(count: usize) -> World {
        let mut world = World::with(&[1; 10]);
        for number in 0..count {
            world.delete(number);
            world.settings().allowances.unneeded.push(certificate_arn(number));
            world.act(&format!("mark-{number}"), mark(number));
        }
        world
    }
    tell(&[
        Story {
            title: "marks six of ten load balancers",
            honest: || marked(5),
            lie: |world| *world = marked(6),
            rule: Rule::BudgetUnneededLoadBalancers,
            action: "mark-5",
        },
        Story {
            title: "ignores that the allowance names another one",
            honest: || {
                let mut world = marked(6);
                world.settings().allowances.unneeded.push("id-3".into());
                world
            },
            lie: |world| *world.settings().allowances.unneeded.last_mut().unwrap() = "id-8".into(),
            rule: Rule::BudgetUnneededLoadBalancers,
            action: "mark-5",
        },
    ]);
    pass(&[("a load balancer with deletion protection does not count", || {
        let mut world = marked(6);
        world.load_balancer(2).attributes = vec![tag("deletion_protection.enabled", "true")];
        world
    })]);
}

#[test]
fn few_rules_become_unneeded() {
    fn deleted(count: usize) -> World {
        let mut world = World::small();
        world.https(0).rules = (0..10)
            .map(|number| albatross_contract::Rule {
                arn: format!("arn:rule-{number}"),
                priority: number,
                actions: forward(&[existing(target_group_arn(0))]),
                tags: [our_tags("id-0"), vec![tag(TAG_INGRESS, "team/gone")]].concat(),
                ..albatross_contract::Rule::default()
            })
            .collect();
        for number in 0..count {
            let reference = existing(format!("arn:rule-{number}"));
            world.act(&format!("delete-{number}"), Operation::DeleteRule(reference));
        }
        world
    }
    tell(&[Story {
        title: "deletes six of ten rules",
        honest: || deleted(5),
        lie: |world| *world = deleted(6),
        rule: Rule::BudgetUnneededRules,
        action: "delete-5",
    }]);
    pass(&[
        ("rules of an Ingress that stays are replaced, not unneeded", || {
            let mut world = deleted(6);
            *world.https(0).rules[0].tags.last_mut().unwrap() = tag(TAG_INGRESS, "team/app-0");
            world
        }),
        ("a person names the rule", || {
            let mut world = deleted(6);
            world.settings().allowances.unneeded.push("arn:rule-0".into());
            world
        }),
    ]);
}
