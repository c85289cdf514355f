//! Published names: which of them change although the Ingress does not ask for it, and how many may.

use albatross_contract::*;
use albatross_guard::Rule;

use crate::{
    story::{Story, pass, tell},
    world::*,
};

const SSL_POLICY: &str = "zalando.org/aws-load-balancer-ssl-policy";
const SECURITY_GROUP: &str = "zalando.org/aws-load-balancer-security-group";

/// Members of the first load balancer move to the second, which has their certificates.
fn moved(count: usize) -> World {
    let mut world = World::with(&[20, 1]);
    (0..count).for_each(|member| move_member(&mut world, member));
    world
}

fn move_member(world: &mut World, member: usize) {
    world.https(1).certificates.push(certificate_arn(member));
    world.outcome(member).load_balancer = Some("id-1".into());
    world.outcome(member).status = StatusChange::Publish(dns_name(1));
}

#[test]
fn few_published_names_change_unasked() {
    tell(&[
        Story {
            title: "moves six of 21 members to another name",
            honest: || moved(5),
            lie: |world| move_member(world, 5),
            rule: Rule::BudgetNameChanges,
            action: "",
        },
        Story {
            title: "says that a member asked to move whose group in route mode a policy chooses",
            honest: || {
                let mut world = moved(5);
                for (number, group) in [(0, "policy/team/1"), (1, "policy/shop/1")] {
                    let tags = [tag(TAG_MODE, "route"), tag(TAG_GROUP, group)];
                    world.load_balancer(number).tags.extend(tags);
                    world.load_balancer(number).scheme = Scheme::Internal;
                }
                world
            },
            lie: |world| move_member(world, 5),
            rule: Rule::BudgetNameChanges,
            action: "",
        },
        Story {
            title: "moves a member that a person did not name",
            honest: || {
                let mut world = moved(6);
                world.settings().allowances.name_change.push("team/app-5".into());
                world
            },
            lie: |world| move_member(world, 6),
            rule: Rule::BudgetNameChanges,
            action: "",
        },
        Story {
            title: "says that a member asked to move whose scheme fits",
            honest: || {
                let mut world = moved(6);
                world.load_balancer(1).scheme = Scheme::Internal;
                world.ingress(2).metadata.annotations = vec![tag(ANNOTATION_SCHEME, "internal")];
                world
            },
            lie: |world| {
                world.ingress(2).metadata.annotations = vec![tag(ANNOTATION_SCHEME, "internet-facing")];
            },
            rule: Rule::BudgetNameChanges,
            action: "",
        },
        Story {
            title: "says that a member asked to move whose TLS policy the load balancer has",
            honest: || {
                let mut world = moved(6);
                world.https(0).ssl_policy = Some("ELBSecurityPolicy-2016-08".into());
                world.ingress(2).metadata.annotations = vec![tag(SSL_POLICY, "ELBSecurityPolicy-2015-05")];
                world
            },
            lie: |world| {
                world.ingress(2).metadata.annotations = vec![tag(SSL_POLICY, "ELBSecurityPolicy-2016-08")];
            },
            rule: Rule::BudgetNameChanges,
            action: "",
        },
        Story {
            title: "says that a member asked to move whose security groups the load balancer has",
            honest: || {
                let mut world = moved(6);
                world.ingress(2).metadata.annotations = vec![tag(SECURITY_GROUP, "sg-of-the-shop")];
                world
            },
            lie: |world| {
                let groups = world.load_balancer(0).security_groups.join(", ");
                world.ingress(2).metadata.annotations = vec![tag(SECURITY_GROUP, &groups)];
            },
            rule: Rule::BudgetNameChanges,
            action: "",
        },
        Story {
            title: "takes over the Ingresses of another controller, whose names may serve somebody",
            honest: || {
                let mut world = moved(6);
                world.ingress(2).status[0].hostname = Some("internal-albatross-9-1.elb.amazonaws.com".into());
                world
            },
            lie: |world| world.ingress(2).status[0].hostname = Some("nginx.example.org".into()),
            rule: Rule::BudgetNameChanges,
            action: "",
        },
        Story {
            title: "takes a stranger's load balancer for one of ours that is gone",
            honest: || {
                let mut world = moved(6);
                world.ingress(2).status[0].hostname = Some("albatross-9-1.elb.amazonaws.com".into());
                world
            },
            lie: |world| {
                let stranger = world.snapshot.inventory.load_balancers.last_mut().unwrap();
                stranger.dns_name = "albatross-9-1.elb.amazonaws.com".into();
            },
            rule: Rule::BudgetNameChanges,
            action: "",
        },
    ]);
    pass(&[
        ("an Ingress that asks for its own load balancer asks for the change", || {
            let mut world = moved(6);
            world.ingress(2).metadata.annotations = vec![tag(ANNOTATION_SHARED, "false")];
            world
        }),
        ("an Ingress that no longer asks for its own load balancer asks for the change", || {
            let mut world = moved(5);
            world.load_balancer(0).tags.push(tag(TAG_INGRESS, "team/app-0"));
            move_member(&mut world, 5);
            world
        }),
        ("an Ingress with a new host that does not fit asks for the change", || {
            let mut world = moved(6);
            world.https(0).certificates.retain(|arn| *arn != certificate_arn(2));
            world
        }),
        ("names that another controller published count as published", || {
            let mut world = World::with(&[1; 7]);
            (0..120).for_each(|member| {
                world.snapshot.cluster.ingresses.push(ingress(1_000 + member, &host(0), "nginx.example.org"));
                let mut newcomer = outcome(0, &host(0), 0);
                newcomer.object.name = format!("app-{}", 1_000 + member);
                if member < 6 {
                    newcomer.status = StatusChange::Publish(dns_name(0));
                }
                world.plan.outcomes.push(newcomer);
            });
            world
        }),
        ("an Ingress that names a certificate on another load balancer asks for the change", || {
            let mut world = moved(6);
            world.ingress(2).metadata.annotations = vec![tag(ANNOTATION_CERTIFICATE, &certificate_arn(20))];
            world.outcome(2).certificates[0].certificate = certificate_arn(20);
            world
        }),
    ]);
}

/// Members of the first load balancer get hosts whose certificates do not fit there, and move to the second.
fn moved_for_room(count: usize) -> World {
    let mut world = World::with(&[20, 1]);
    (0..count).for_each(|member| move_for_room(&mut world, member));
    world
}

fn move_for_room(world: &mut World, member: usize) {
    let new = certificate(100 + member, &format!("new-{member}.example.org"));
    world.ingress(member).rules.push(IngressRule { host: Some(new.names[0].clone()), paths: Vec::new() });
    let chosen = HostCertificate { host: new.names[0].clone(), certificate: new.arn.clone() };
    world.outcome(member).certificates.push(chosen);
    world.https(1).certificates.push(new.arn.clone());
    world.snapshot.inventory.certificates.push(new);
    move_member(world, member);
}

#[test]
fn few_published_names_change_for_want_of_room() {
    tell(&[
        Story {
            title: "says that six members no longer fit where they are",
            honest: || moved_for_room(5),
            lie: |world| move_for_room(world, 5),
            rule: Rule::BudgetNameChanges,
            action: "",
        },
        Story {
            title: "says that a member no longer fits that nobody named",
            honest: || {
                let mut world = moved_for_room(6);
                world.settings().allowances.name_change.push("team/app-5".into());
                world
            },
            lie: |world| move_for_room(world, 6),
            rule: Rule::BudgetNameChanges,
            action: "",
        },
        Story {
            title: "moves a sixth Ingress unasked in addition to five for lack of room",
            honest: || {
                let mut world = moved_for_room(5);
                (5..10).for_each(|member| move_member(&mut world, member));
                world
            },
            lie: |world| move_member(world, 10),
            rule: Rule::BudgetNameChanges,
            action: "",
        },
        Story {
            title: "moves all members whose pinned certificates were removed",
            honest: || pinned(5),
            lie: |world| *world = pinned(6),
            rule: Rule::BudgetNameChanges,
            action: "",
        },
        Story {
            title: "names another group as the cause to exceed both budgets",
            honest: || {
                let mut world = moved_for_room(10);
                world.load_balancer(1).tags.push(tag(TAG_GROUP, "blue"));
                world
            },
            lie: |world| move_for_room(world, 10),
            rule: Rule::BudgetNameChanges,
            action: "",
        },
    ]);
}

/// Members that name certificates which only the second load balancer has.
fn pinned(count: usize) -> World {
    let mut world = moved(count);
    for member in 0..count {
        world.ingress(member).metadata.annotations = vec![tag(ANNOTATION_CERTIFICATE, &certificate_arn(20))];
        world.outcome(member).certificates[0].certificate = certificate_arn(20);
    }
    world
}
