//! Deletion of load balancers, target groups, security groups and listeners, and the marks that come before.

use albatross_contract::*;
use albatross_guard::Rule;

use crate::{
    story::{Story, pass, tell},
    world::*,
};

/// The first of two load balancers lost its member a grace period ago, and is deleted with its target group.
pub fn an_unneeded_one_goes() -> World {
    let mut world = World::with(&[1, 1]);
    world.forsake(0);
    world.act("delete", Operation::DeleteLoadBalancer(existing(arn(0))));
    world.act_after("group", &["delete"], Operation::DeleteTargetGroup(existing(target_group_arn(0))));
    world
}

#[test]
fn a_load_balancer_is_deleted_only_after_its_grace_period() {
    tell(&[
        Story {
            title: "deletes a load balancer one second too early",
            honest: an_unneeded_one_goes,
            lie: |world| world.snapshot.time -= 1,
            rule: Rule::DeletionGrace,
            action: "delete",
        },
        Story {
            title: "deletes a load balancer that nobody marked",
            honest: an_unneeded_one_goes,
            lie: |world| world.load_balancer(0).tags.retain(|tag| tag.key != TAG_UNNEEDED),
            rule: Rule::DeletionGrace,
            action: "delete",
        },
        Story {
            title: "deletes a load balancer whose mark is not a time",
            honest: an_unneeded_one_goes,
            lie: |world| {
                world.load_balancer(0).tags.retain(|tag| tag.key != TAG_UNNEEDED);
                world.load_balancer(0).tags.push(tag(TAG_UNNEEDED, "yesterday"));
            },
            rule: Rule::DeletionGrace,
            action: "delete",
        },
        Story {
            title: "deletes a load balancer that is still provisioning",
            honest: || {
                let mut world = an_unneeded_one_goes();
                let load_balancer = world.load_balancer(0);
                load_balancer.state = LoadBalancerState::Provisioning;
                load_balancer.created_at = NOW - 15 * 60;
                load_balancer.tags.retain(|tag| tag.key != TAG_UNNEEDED);
                world
            },
            lie: |world| world.load_balancer(0).created_at += 1,
            rule: Rule::DeletionGrace,
            action: "delete",
        },
    ]);
    pass(&[("a load balancer that AWS could not provision may be deleted at once", || {
        let mut world = an_unneeded_one_goes();
        world.load_balancer(0).state = LoadBalancerState::Failed;
        world.load_balancer(0).tags.retain(|tag| tag.key != TAG_UNNEEDED);
        world
    })]);
}

#[test]
fn nothing_that_is_published_or_in_use_is_deleted() {
    tell(&[
        Story {
            title: "deletes a load balancer that the status of somebody else's Ingress names, in capitals",
            honest: an_unneeded_one_goes,
            lie: |world| {
                let mut stranger = ingress(8, "other.example.org", &dns_name(0).to_uppercase());
                stranger.ingress_class_name = Some("nginx".into());
                world.snapshot.cluster.ingresses.push(stranger);
                let mut ignored = outcome(8, "other.example.org", 0);
                ignored.state = OutcomeState::Ignored;
                world.plan.outcomes.push(ignored);
            },
            rule: Rule::DeletionPublished,
            action: "delete",
        },
        Story {
            title: "deletes the load balancer of an Ingress without certificates",
            honest: an_unneeded_one_goes,
            lie: |world| {
                world.outcome(1).load_balancer = Some("id-0".into());
                world.outcome(1).certificates.clear();
            },
            rule: Rule::DeletionPublished,
            action: "delete",
        },
        Story {
            title: "deletes the last listener of a load balancer in use",
            honest: || {
                let mut world = World::with(&[0, 1]);
                world.load_balancer(0).listeners.pop();
                world.snapshot.cluster.ingresses.push(ingress(
                    8,
                    "other.example.org",
                    "elsewhere.example.org",
                ));
                let mut ignored = outcome(8, "other.example.org", 0);
                ignored.state = OutcomeState::Ignored;
                world.plan.outcomes.push(ignored);
                world.act("listener", Operation::DeleteListener(existing(listener_arn(0, 80))));
                world
            },
            lie: |world| world.ingress(8).status[0].hostname = Some(dns_name(0)),
            rule: Rule::DeletionPublished,
            action: "listener",
        },
    ]);
}

/// The listener is switched to a new, healthy target group, and the old one is deleted.
fn a_target_group_is_replaced() -> World {
    let mut world = World::small();
    let new = target_group(8);
    world.snapshot.inventory.target_groups.push(new);
    let to_new = || forward(&[existing(target_group_arn(8))]);
    world.act("80", modify_listener(listener_arn(0, 80), None, to_new()));
    world.act("443", modify_listener(listener_arn(0, 443), None, to_new()));
    world.act_after("delete", &["80", "443"], Operation::DeleteTargetGroup(existing(target_group_arn(0))));
    world
}

#[test]
fn a_target_group_is_deleted_only_when_nothing_uses_it() {
    tell(&[
        Story {
            title: "deletes a target group that is in use",
            honest: a_target_group_is_replaced,
            lie: |world| {
                world.plan.actions.remove(1);
                world.plan.actions[1].depends_on.pop();
            },
            rule: Rule::DeletionInUse,
            action: "delete",
        },
        Story {
            title: "does not wait until the listener uses another target group",
            honest: a_target_group_is_replaced,
            lie: |world| {
                world.plan.actions[2].depends_on.pop();
            },
            rule: Rule::DeletionInUse,
            action: "delete",
        },
        Story {
            title: "does not wait for the load balancer to be deleted",
            honest: an_unneeded_one_goes,
            lie: |world| world.plan.actions[1].depends_on.clear(),
            rule: Rule::DeletionInUse,
            action: "group",
        },
        Story {
            title: "deletes a target group that a new listener forwards to",
            honest: a_target_group_is_replaced,
            lie: |world| {
                world.act("8080", create_listener(existing(arn(0)), 8080, existing(target_group_arn(0))));
            },
            rule: Rule::DeletionInUse,
            action: "delete",
        },
        Story {
            title: "deletes a target group of a load balancer that the list lacks",
            honest: || {
                let mut world = World::small();
                let mut left = target_group(8);
                left.load_balancer_arns.clear();
                world.snapshot.inventory.target_groups.push(left);
                world.act("delete", Operation::DeleteTargetGroup(existing(target_group_arn(8))));
                world
            },
            lie: |world| world.snapshot.inventory.target_groups[2].load_balancer_arns.push(arn(8)),
            rule: Rule::DeletionInUse,
            action: "delete",
        },
        Story {
            title: "deletes a target group of a load balancer that is not ours",
            honest: || {
                let mut world = World::with(&[1, 1]);
                let mut left = target_group(8);
                left.load_balancer_arns = vec![arn(0)];
                world.snapshot.inventory.target_groups.push(left);
                world.act("delete", Operation::DeleteTargetGroup(existing(target_group_arn(8))));
                world
            },
            lie: |world| {
                let left = world.snapshot.inventory.target_groups.last_mut().unwrap();
                left.load_balancer_arns = vec![STRANGER.into()];
            },
            rule: Rule::DeletionInUse,
            action: "delete",
        },
        Story {
            title: "deletes a target group that an unknown rule may use",
            honest: || {
                let mut world = a_target_group_is_replaced();
                world.target_group(0).load_balancer_arns.clear();
                world.incomplete(ViewPart::Rules);
                world
            },
            lie: |world| world.target_group(0).load_balancer_arns.push(arn(0)),
            rule: Rule::DeletionInUse,
            action: "delete",
        },
        Story {
            title: "deletes a security group that is in use",
            honest: || {
                let mut world = World::small();
                let mut group = world.snapshot.inventory.security_groups[0].clone();
                group.id = "sg-2".into();
                group.tags = our_tags("id-0");
                world.snapshot.inventory.security_groups.push(group);
                world.act("delete", Operation::DeleteSecurityGroup(existing("sg-2")));
                world
            },
            lie: |world| world.load_balancer(0).security_groups.push("sg-2".into()),
            rule: Rule::DeletionInUse,
            action: "delete",
        },
    ]);
}

#[test]
fn a_mark_starts_the_grace_and_cannot_shorten_it() {
    tell(&[
        Story {
            title: "says that a load balancer has been unneeded for years",
            honest: marks_the_first,
            lie: |world| world.plan.actions[0].operation = add_tags(arn(0), &[tag(TAG_UNNEEDED, "0")]),
            rule: Rule::Mark,
            action: "mark",
        },
        Story {
            title: "writes a mark that nobody can read",
            honest: marks_the_first,
            lie: |world| world.plan.actions[0].operation = add_tags(arn(0), &[tag(TAG_UNNEEDED, "yes")]),
            rule: Rule::Mark,
            action: "mark",
        },
        Story {
            title: "creates a load balancer with a mark as unneeded",
            honest: || {
                let mut world = World::small();
                world.act("balancer", create_load_balancer(7));
                world
            },
            lie: |world| match &mut world.plan.actions[0].operation {
                Operation::CreateLoadBalancer(create) => create.tags.push(tag(TAG_UNNEEDED, "0")),
                _ => unreachable!(),
            },
            rule: Rule::Mark,
            action: "balancer",
        },
        Story {
            title: "marks a load balancer that an Ingress is placed on",
            honest: marks_the_first,
            lie: |world| world.plan.actions[0].operation = mark(1),
            rule: Rule::Mark,
            action: "mark",
        },
        Story {
            title: "marks a certificate before it is there",
            honest: || {
                let mut world = World::small();
                let old = world.old_certificate(0, 9, "old.example.org");
                world.act("mark", add_tags(arn(0), &[certificate_mark(&old, NOW)]));
                world
            },
            lie: |world| {
                let future = certificate_mark(&certificate_arn(7), NOW);
                world.plan.actions[0].operation = add_tags(arn(0), &[future]);
            },
            rule: Rule::Mark,
            action: "mark",
        },
    ]);
    pass(&[
        ("a mark that is there already may be written again", || {
            let mut world = World::with(&[1, 1]);
            world.forsake(0);
            let mark = tag(TAG_UNNEEDED, &(NOW - GRACE).to_string());
            world.act("mark", add_tags(arn(0), &[mark]));
            world
        }),
        (
            "a target group gets the mark of the one beside it: it goes when nothing uses it, mark or not",
            || {
                let mut world = World::small();
                let mark = tag(TAG_UNNEEDED, &(NOW - GRACE).to_string());
                world.act("mark", add_tags(target_group_arn(0), &[mark]));
                world
            },
        ),
    ]);
}

fn marks_the_first() -> World {
    let mut world = World::with(&[1, 1]);
    world.delete(0).act("mark", mark(0));
    world
}
