//! Incomplete views: which missing part blocks which actions.

use albatross_contract::{ViewPart::*, *};
use albatross_guard::{Rule, check};

use crate::world::*;

/// A plan, and the parts without which it is refused.
type Case = (&'static str, fn() -> World, &'static [ViewPart]);

const EVERY_PART: &[ViewPart] = &[
    Ingresses,
    IngressStatuses,
    RouteGroups,
    IngressClasses,
    Services,
    Nodes,
    Subnets,
    SecurityGroups,
    CertificatesAcm,
    CertificatesIam,
    LoadBalancers,
    Listeners,
    Rules,
    TargetGroups,
    TargetHealth,
    AutoScalingGroups,
    Instances,
    Tags,
    Quotas,
];

#[test]
fn a_missing_part_blocks_only_the_actions_that_need_it() {
    let cases: &[Case] = &[
        ("opens a load balancer", opens, &[LoadBalancers, Tags]),
        ("changes a setting", changes, &[Ingresses, RouteGroups, IngressClasses, Tags]),
        ("adds a certificate", adds_a_certificate, &[Tags]),
        (
            "deletes a load balancer",
            deletes,
            &[Ingresses, RouteGroups, IngressClasses, IngressStatuses, LoadBalancers, Listeners, Tags],
        ),
        (
            "marks a load balancer",
            marks,
            &[Ingresses, RouteGroups, IngressClasses, IngressStatuses, LoadBalancers, Listeners, Tags],
        ),
        (
            "removes a certificate",
            removes_a_certificate,
            &[
                Ingresses,
                RouteGroups,
                IngressClasses,
                IngressStatuses,
                CertificatesAcm,
                CertificatesIam,
                LoadBalancers,
                Listeners,
                Tags,
            ],
        ),
        (
            "marks a certificate",
            marks_a_certificate,
            &[
                Ingresses,
                RouteGroups,
                IngressClasses,
                IngressStatuses,
                CertificatesAcm,
                CertificatesIam,
                LoadBalancers,
                Listeners,
                Tags,
            ],
        ),
        (
            "deletes a listener rule",
            deletes_a_rule,
            &[Ingresses, IngressClasses, IngressStatuses, LoadBalancers, Listeners, Rules, Tags],
        ),
        ("deletes a target group", deletes_a_target_group, &[LoadBalancers, Listeners, TargetGroups, Tags]),
        (
            "empties a target group that nothing uses",
            empties_an_idle_one,
            &[LoadBalancers, Listeners, TargetGroups, Tags],
        ),
        (
            "deregisters a target",
            deregisters,
            &[TargetGroups, TargetHealth, AutoScalingGroups, Instances, Tags],
        ),
        ("leaves a subnet", leaves_a_subnet, &[Subnets, Tags]),
        (
            "leaves a security group",
            leaves_a_security_group,
            &[Ingresses, RouteGroups, IngressClasses, SecurityGroups, Tags],
        ),
        (
            "empties the status of an Ingress",
            empties_a_status,
            &[Ingresses, IngressClasses, LoadBalancers, Tags],
        ),
        (
            "empties the status of a RouteGroup",
            empties_the_status_of_a_route_group,
            &[RouteGroups, IngressClasses, LoadBalancers, Tags],
        ),
        ("changes a name", changes_a_name, &[LoadBalancers, Listeners, TargetGroups, TargetHealth, Tags]),
        ("does nothing", World::small, &[]),
    ];
    for (title, world, needed) in cases {
        let World { snapshot, plan } = world();
        assert_eq!(check(&snapshot, &plan), Ok(()), "{title}, everything known");
        for part in EVERY_PART {
            let mut world = world();
            world.incomplete(*part);
            let verdict = check(&world.snapshot, &world.plan);
            let blocked = verdict.is_err_and(|refusal| {
                assert!(
                    refusal.violations.iter().all(|found| found.rule == Rule::Completeness),
                    "{title} without {part:?}: {refusal}"
                );
                true
            });
            assert_eq!(blocked, needed.contains(part), "{title} without {part:?}");
        }
    }
}

#[test]
fn a_part_that_is_missing_for_one_load_balancer_blocks_only_its_actions() {
    for (title, world, part) in [
        ("changes a setting", changes as fn() -> World, Tags),
        ("deletes a load balancer", deletes, Listeners),
        ("marks a load balancer", marks, LoadBalancers),
        ("removes a certificate", removes_a_certificate, Listeners),
    ] {
        let blocked = |is_it: bool| {
            let mut world = world();
            let inventory = &mut world.snapshot.inventory;
            let mut other = inventory.load_balancers[0].clone();
            (other.arn, other.name, other.dns_name) = ("other".into(), "other".into(), "other".into());
            (other.tags, other.listeners) = (Vec::new(), Vec::new());
            inventory.load_balancers.push(other);
            for found in inventory.load_balancers.iter().filter(|found| (found.arn != "other") == is_it) {
                let resource = Some(found.arn.clone());
                inventory.incomplete.push(IncompletePart {
                    part,
                    resource,
                    reason: "reset".into(),
                    expected: None,
                });
            }
            check(&world.snapshot, &world.plan).is_err()
        };
        assert_eq!((blocked(true), blocked(false)), (true, false), "{title} without {part:?}");
    }
}

#[test]
fn a_missing_ingress_list_is_refused_with_its_reason() {
    let mut world = deletes();
    let reason = "shop/ingress.yaml, document 3 is not valid".to_owned();
    world.snapshot.cluster.incomplete.push(IncompletePart {
        part: Ingresses,
        resource: None,
        reason: reason.clone(),
        expected: None,
    });
    let refusal = check(&world.snapshot, &world.plan).unwrap_err();
    assert!(refusal.to_string().contains(&reason), "{refusal}");
    assert_eq!(refusal.violations[0].action.as_deref(), Some("delete"));
}

/// Then the load balancer of an Ingress is inferred from certificates.
#[test]
fn pruning_does_without_statuses_while_certificates_are_known() {
    for world in [deletes, marks] {
        let mut world = world();
        world.snapshot.settings.allowances.prune = true;
        world.incomplete(IngressStatuses);
        assert_eq!(check(&world.snapshot, &world.plan), Ok(()));
        world.incomplete(CertificatesIam);
        let refusal = check(&world.snapshot, &world.plan).unwrap_err();
        assert_eq!(refusal.violations[0].rule, Rule::Completeness);
    }
}

#[test]
fn while_certificates_are_frozen_none_becomes_unneeded() {
    let mut world = marks_a_certificate();
    world.snapshot.frozen.push(PolicyPoint::Grouping);
    assert_eq!(check(&world.snapshot, &world.plan), Ok(()));
    world.snapshot.frozen.push(PolicyPoint::Certificates);
    let refusal = check(&world.snapshot, &world.plan).unwrap_err();
    assert_eq!(refusal.violations[0].rule, Rule::Completeness);
}

fn opens() -> World {
    let mut world = World::small();
    world.act("balancer", create_load_balancer(7));
    world
}

fn changes() -> World {
    let mut world = World::small();
    world.act(
        "address",
        Operation::SetIpAddressType(SetIpAddressType {
            load_balancer: existing(arn(0)),
            ip_address_type: IpAddressType::Dualstack,
        }),
    );
    world
}

fn adds_a_certificate() -> World {
    let mut world = World::small();
    world.snapshot.inventory.certificates.push(certificate(9, "new.example.org"));
    world.act("add", add_certificate(0, &certificate_arn(9)));
    world
}

fn deletes() -> World {
    let mut world = World::with(&[1, 1]);
    world.forsake(0).act("delete", Operation::DeleteLoadBalancer(existing(arn(0))));
    world
}

fn marks() -> World {
    let mut world = World::with(&[1, 1]);
    world.delete(0).act("mark", mark(0));
    world
}

fn removes_a_certificate() -> World {
    let mut world = World::small();
    let old = world.old_certificate(0, 9, "old.example.org");
    world.mark_certificate(0, &old, GRACE).act("remove", remove_certificate(0, &old));
    world
}

fn marks_a_certificate() -> World {
    let mut world = World::small();
    let old = world.old_certificate(0, 9, "old.example.org");
    world.act("mark", add_tags(arn(0), &[certificate_mark(&old, NOW)]));
    world
}

fn deletes_a_rule() -> World {
    let mut world = World::small();
    let rule = albatross_contract::Rule {
        arn: "arn:rule".into(),
        priority: 10,
        actions: forward(&[existing(target_group_arn(0))]),
        tags: our_tags("id-0"),
        ..albatross_contract::Rule::default()
    };
    world.https(0).rules.push(rule);
    world.act("delete", Operation::DeleteRule(existing("arn:rule")));
    world
}

fn deletes_a_target_group() -> World {
    let mut world = World::small();
    let mut group = target_group(8);
    group.load_balancer_arns.clear();
    group.targets.clear();
    world.snapshot.inventory.target_groups.push(group);
    world.act("delete", Operation::DeleteTargetGroup(existing(target_group_arn(8))));
    world
}

fn empties_an_idle_one() -> World {
    let mut world = deletes_a_target_group();
    world.plan.actions[0].operation = detach("nodes", &target_group_arn(8));
    world
}

fn deregisters() -> World {
    let mut world = World::small();
    world.act("deregister", deregister(0, &[3]));
    world
}

fn leaves_a_subnet() -> World {
    let mut world = World::small();
    world.load_balancer(0).subnets.push("subnet-c".into());
    world.act(
        "subnets",
        Operation::SetSubnets(SetSubnets {
            load_balancer: existing(arn(0)),
            subnets: vec!["subnet-a".into(), "subnet-b".into()],
        }),
    );
    world
}

fn leaves_a_security_group() -> World {
    let mut world = World::small();
    world.load_balancer(0).security_groups.push("sg-2".into());
    world.act(
        "groups",
        Operation::SetSecurityGroups(SetSecurityGroups {
            load_balancer: existing(arn(0)),
            security_groups: vec![existing(OPERATORS_SECURITY_GROUP)],
        }),
    );
    world
}

fn empties_a_status() -> World {
    let mut world = World::small();
    world.release(0);
    world
}

fn empties_the_status_of_a_route_group() -> World {
    empties_a_status().of_route_groups()
}

/// An Ingress moves to the other load balancer, which has its certificate.
fn changes_a_name() -> World {
    let mut world = World::with(&[2, 1]);
    world.https(1).certificates.push(certificate_arn(1));
    world.outcome(1).load_balancer = Some("id-1".into());
    world.outcome(1).status = StatusChange::Publish(dns_name(1));
    world
}
