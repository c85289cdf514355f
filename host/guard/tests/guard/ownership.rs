//! Ownership, tags, names and the uid of the cluster.

use albatross_contract::*;
use albatross_guard::Rule;

use crate::{
    story::{Story, pass, tell},
    world::*,
};

fn subnets(arn: &str) -> Operation {
    Operation::SetSubnets(SetSubnets {
        load_balancer: existing(arn),
        subnets: vec!["subnet-a".into(), "subnet-b".into()],
    })
}

/// A half-made load balancer of ours, without members, changes.
fn ours_changes() -> World {
    let mut world = World::with(&[2, 0]);
    world.act("subnets", subnets(&arn(1)));
    world
}

#[test]
fn only_our_resources_are_changed() {
    tell(&[
        Story {
            title: "changes a stranger's load balancer",
            honest: ours_changes,
            lie: |world| world.plan.actions[0].operation = subnets(STRANGER),
            rule: Rule::Ownership,
            action: "subnets",
        },
        Story {
            title: "deletes a stranger's load balancer that looks unneeded",
            honest: || {
                let mut world = World::with(&[1, 1]);
                world.forsake(0).act("delete", Operation::DeleteLoadBalancer(existing(arn(0))));
                world
            },
            lie: |world| {
                let mark = tag(TAG_UNNEEDED, &(NOW - GRACE).to_string());
                world.snapshot.inventory.load_balancers[2].tags.push(mark);
                world.plan.actions[0].operation = Operation::DeleteLoadBalancer(existing(STRANGER));
            },
            rule: Rule::Ownership,
            action: "delete",
        },
        Story {
            title: "changes a load balancer of kube-ingress-aws-controller, which has no id of ours",
            honest: ours_changes,
            lie: |world| world.load_balancer(1).tags.retain(|tag| tag.key != TAG_ID),
            rule: Rule::Ownership,
            action: "subnets",
        },
        Story {
            title: "changes a load balancer of another controller of this cluster",
            honest: ours_changes,
            lie: |world| {
                world.load_balancer(1).tags.retain(|tag| tag.key != TAG_APPLICATION);
                world.load_balancer(1).tags.push(tag(TAG_APPLICATION, "other"));
            },
            rule: Rule::Ownership,
            action: "subnets",
        },
        Story {
            title: "changes a load balancer that another cluster owns",
            honest: ours_changes,
            lie: |world| world.load_balancer(1).tags[0] = tag("kubernetes.io/cluster/aws:2", "owned"),
            rule: Rule::Ownership,
            action: "subnets",
        },
        Story {
            title: "puts a rule on a stranger's listener",
            honest: || {
                let mut world = World::small();
                world.act("rule", create_rule(&listener_arn(0, 80)));
                world
            },
            lie: |world| {
                let listener = world.load_balancer(1).listeners[0].arn.clone();
                world.plan.actions[0].operation = create_rule(&listener);
            },
            rule: Rule::Ownership,
            action: "rule",
        },
        Story {
            title: "forwards to a stranger's target group, which then serves us",
            honest: || {
                let mut world = World::small();
                world.act("listener", create_listener(existing(arn(0)), 8080, existing(target_group_arn(0))));
                world
            },
            lie: |world| {
                world.plan.actions[0].operation =
                    create_listener(existing(arn(0)), 8080, existing(STRANGERS_TARGET_GROUP));
            },
            rule: Rule::Ownership,
            action: "listener",
        },
        Story {
            title: "detaches a stranger's target group instead of ours",
            honest: || {
                let mut world = World::small();
                world.target_group(0).targets.truncate(0);
                world.target_group(1).targets.truncate(0);
                world.act("detach", detach("nodes", &target_group_arn(0)));
                world
            },
            lie: |world| world.plan.actions[0].operation = detach("nodes", STRANGERS_TARGET_GROUP),
            rule: Rule::Ownership,
            action: "detach",
        },
        Story {
            title: "deletes the operator's security group, which carries both cluster tags",
            honest: || {
                let mut world = World::small();
                let inventory = &mut world.snapshot.inventory;
                let mut group = inventory.security_groups[0].clone();
                group.id = "sg-2".into();
                group.tags = our_tags("id-0");
                inventory.security_groups.push(group);
                world.act("delete", Operation::DeleteSecurityGroup(existing("sg-2")));
                world
            },
            lie: |world| world.snapshot.inventory.security_groups[1].tags.truncate(2),
            rule: Rule::Ownership,
            action: "delete",
        },
    ]);
}

fn create_rule(listener: &str) -> Operation {
    Operation::CreateRule(CreateRule {
        listener: existing(listener),
        priority: 10,
        conditions: Vec::new(),
        actions: forward(&[existing(target_group_arn(0))]),
        tags: our_tags("id-0"),
        transforms: Vec::new(),
    })
}

/// A load balancer, its target group and a listener are made.
fn a_new_load_balancer() -> World {
    let mut world = World::with(&[]);
    world.act("balancer", create_load_balancer(0));
    world.act("group", create_target_group("albatross-0-nodes"));
    world.act_after("listener", &["balancer", "group"], create_listener(made("balancer"), 80, made("group")));
    world
}

#[test]
fn every_create_carries_all_four_tags() {
    for key in ["kubernetes.io/cluster/aws:1", TAG_APPLICATION, TAG_ID, TAG_CLUSTER_UID] {
        for index in 0..3 {
            let mut world = a_new_load_balancer();
            assert_eq!(albatross_guard::check(&world.snapshot, &world.plan), Ok(()));
            match &mut world.plan.actions[index].operation {
                Operation::CreateLoadBalancer(create) => create.tags.retain(|tag| tag.key != key),
                Operation::CreateTargetGroup(create) => create.tags.retain(|tag| tag.key != key),
                Operation::CreateListener(create) => create.tags.retain(|tag| tag.key != key),
                _ => unreachable!(),
            }
            let refusal = albatross_guard::check(&world.snapshot, &world.plan).unwrap_err();
            let id = &world.plan.actions[index].id;
            let named = |found: &albatross_guard::Violation| {
                found.rule == Rule::OwnershipTags && found.action.as_ref() == Some(id)
            };
            assert!(refusal.violations.iter().any(named), "{id} without {key}: {refusal}");
        }
    }
}

#[test]
fn tags_that_say_whose_a_thing_is_stay_as_they_are() {
    tell(&[
        Story {
            title: "creates a load balancer with the id of another one",
            honest: a_new_load_balancer,
            lie: |world| world.plan.actions[0].load_balancer = "id-1".into(),
            rule: Rule::OwnershipTags,
            action: "balancer",
        },
        Story {
            title: "gives a load balancer to another cluster",
            honest: || {
                let mut world = World::small();
                world.act("tags", add_tags(arn(0), &[tag(TAG_CLUSTER_UID, "uid-1"), tag(TAG_GROUP, "team")]));
                world
            },
            lie: |world| world.plan.actions[0].operation = add_tags(arn(0), &[tag(TAG_CLUSTER_UID, "uid-2")]),
            rule: Rule::OwnershipTags,
            action: "tags",
        },
        Story {
            title: "gives a load balancer another id",
            honest: || {
                let mut world = World::small();
                world.act("tags", add_tags(arn(0), &[tag(TAG_ID, "id-0")]));
                world
            },
            lie: |world| world.plan.actions[0].operation = add_tags(arn(0), &[tag(TAG_ID, "id-9")]),
            rule: Rule::OwnershipTags,
            action: "tags",
        },
        Story {
            title: "forgets that a load balancer is ours",
            honest: || remove_tag(TAG_UNNEEDED),
            lie: |world| world.plan.actions = remove_tag(TAG_ID).plan.actions,
            rule: Rule::Handover,
            action: "tags",
        },
        Story {
            title: "removes a tag that somebody else set on our load balancer",
            honest: || remove_tag(TAG_UNNEEDED),
            lie: |world| world.plan.actions = remove_tag("cost-centre").plan.actions,
            rule: Rule::OwnershipTags,
            action: "tags",
        },
    ]);
}

fn remove_tag(key: &str) -> World {
    let mut world = World::small();
    world.act(
        "tags",
        Operation::RemoveTags(RemoveTags { resource: existing(arn(0)), keys: vec![key.into()] }),
    );
    world
}

#[test]
fn names_are_ours_and_free() {
    tell(&[
        Story {
            title: "names a load balancer as nobody would look for it",
            honest: a_new_load_balancer,
            lie: |world| match &mut world.plan.actions[0].operation {
                Operation::CreateLoadBalancer(create) => create.name = "production".into(),
                _ => unreachable!(),
            },
            rule: Rule::Name,
            action: "balancer",
        },
        Story {
            title: "takes the name of a stranger's load balancer, which AWS would answer with",
            honest: a_new_load_balancer,
            lie: |world| world.load_balancer(0).name = "albatross-0".into(),
            rule: Rule::Name,
            action: "balancer",
        },
        Story {
            title: "takes the name of a stranger's target group",
            honest: a_new_load_balancer,
            lie: |world| world.target_group(0).name = "albatross-0-nodes".into(),
            rule: Rule::Name,
            action: "group",
        },
        Story {
            title: "takes the name of our own load balancer with another id",
            honest: || {
                let mut world = World::small();
                world.act("balancer", create_load_balancer(1));
                world
            },
            lie: |world| {
                world.load_balancer(0).name = "albatross-1".into();
                world.load_balancer(0).tags = our_tags("id-1");
                world
                    .plan
                    .outcomes
                    .iter_mut()
                    .for_each(|outcome| outcome.load_balancer = Some("id-1".into()));
            },
            rule: Rule::Name,
            action: "balancer",
        },
    ]);
    pass(&[("a create whose answer was lost finds its own resource", || {
        let mut world = World::small();
        world.act("balancer", create_load_balancer(0));
        world
    })]);
}

#[test]
fn nothing_is_written_before_it_is_clear_for_whom() {
    tell(&[
        Story {
            title: "empties a status without knowing which cluster it is in",
            honest: || {
                let mut world = World::with(&[]);
                world.snapshot.cluster.ingresses.push(ingress(0, &host(0), &dns_name(0)));
                world.plan.outcomes.push(outcome(0, &host(0), 0));
                world.release(0);
                world
            },
            lie: |world| world.settings().identity.cluster_uid.clear(),
            rule: Rule::Identity,
            action: "",
        },
        Story {
            title: "continues in a restored cluster although resources of the original exist",
            honest: || {
                let mut world = World::with(&[1, 1]);
                world.load_balancer(1).tags[3] = tag(TAG_CLUSTER_UID, "uid-0");
                world.settings().allowances.take_over_cluster.push("uid-0".into());
                world.act("subnets", subnets(&arn(0)));
                world
            },
            lie: |world| {
                world.settings().allowances.take_over_cluster.clear();
                world.outcome(1).state = OutcomeState::Ignored;
            },
            rule: Rule::ClusterUid,
            action: "",
        },
        Story {
            title: "empties a status in a restored cluster",
            honest: || {
                let mut world = World::with(&[1]);
                world.release(0);
                world
            },
            lie: |world| {
                world.target_group(1).tags = {
                    let mut tags = our_tags("id-0");
                    tags[3] = tag(TAG_CLUSTER_UID, "uid-0");
                    tags
                }
            },
            rule: Rule::ClusterUid,
            action: "",
        },
    ]);
    pass(&[("after a takeover our uid is written on existing resources", || {
        let mut world = World::small();
        world.load_balancer(0).tags[3] = tag(TAG_CLUSTER_UID, "uid-0");
        world.settings().allowances.take_over_cluster.push("uid-0".into());
        world.act("take-over", add_tags(arn(0), &[tag(TAG_CLUSTER_UID, "uid-1")]));
        world
    })]);
}
