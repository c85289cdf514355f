//! Load balancers that become ours, or are ours no longer.

use albatross_contract::*;
use albatross_guard::Rule;

use crate::{
    story::{Story, pass, tell},
    world::*,
};

const NEW: &str = "id-9";

fn add(resource: &str) -> Operation {
    Operation::AddTags(AddTags { resource: existing(resource), tags: our_tags(NEW) })
}

/// A stranger's load balancer that belongs to the cluster is adopted with its target group.
fn adopts() -> World {
    let mut world = World::small();
    let of_cluster = tag("kubernetes.io/cluster/aws:1", "owned");
    world.load_balancer(1).tags.push(of_cluster.clone());
    world.target_group(1).tags.push(of_cluster);
    world.snapshot.settings.allowances.adopt = Some(vec!["stranger".into()]);
    world.act("group", add(STRANGERS_TARGET_GROUP)).act_after("balancer", &["group"], add(STRANGER));
    world.plan.actions.iter_mut().for_each(|action| action.load_balancer = NEW.into());
    world
}

fn change(world: &mut World, action: usize) -> &mut Vec<Tag> {
    match &mut world.plan.actions[action].operation {
        Operation::AddTags(change) => &mut change.tags,
        _ => panic!("it adds no tags"),
    }
}

#[test]
fn a_load_balancer_that_a_person_names_is_adopted() {
    pass(&[
        ("adopts", adopts),
        ("adopts, and says which Ingress it serves alone", || {
            let mut world = adopts();
            world.load_balancer(1).tags.push(tag(TAG_ANCESTORS_OWNER, "team/app"));
            change(&mut world, 1).push(tag(TAG_INGRESS, "team/app"));
            world
        }),
        ("adopts, and says which RouteGroup it serves alone", adopts_for_a_route_group),
        ("completes what was interrupted", || {
            let mut world = adopts();
            world.target_group(1).tags = our_tags(NEW);
            world.plan.actions.remove(0);
            world.plan.actions[0].depends_on.clear();
            world
        }),
    ]);
}

/// A load balancer is adopted that kube-ingress-aws-controller has marked for one object: for a RouteGroup, whose status names
/// it, and not for an Ingress of the same name.
fn adopts_for_a_route_group() -> World {
    let mut world = adopts();
    let found = world.load_balancer(1);
    found.tags.push(tag(TAG_ANCESTORS_OWNER, "team/app-0"));
    let hostname = Some(found.dns_name.clone());
    world.route_group("app-0", hostname);
    change(&mut world, 1).push(tag(TAG_INGRESS, "RouteGroup:team/app-0"));
    world
}

fn owner(world: &mut World, value: &str) {
    change(world, 1).last_mut().unwrap().value = value.into();
}

#[test]
fn a_load_balancer_is_adopted_for_one_object_only_if_it_is_marked_so_and_everybody_is_known() {
    let story = |title, lie| Story {
        title,
        honest: adopts_for_a_route_group,
        lie,
        rule: Rule::Handover,
        action: "balancer",
    };
    tell(&[
        story("it is not marked", |world| _ = world.load_balancer(1).tags.pop()),
        story("it is marked for another object", |world| {
            world.load_balancer(1).tags.last_mut().unwrap().value = "team/app-1".into();
        }),
        story("the tag names an object of the same name that is served elsewhere", |world| {
            owner(world, "team/app-0");
        }),
        story("the tag names no object", |world| owner(world, "app-0")),
        story("a second tag names another object", |world| {
            change(world, 1).push(tag(TAG_INGRESS, "team/app-1"));
        }),
        story("the status of another object names it too", |world| {
            let hostname = world.load_balancer(1).dns_name.clone();
            world.ingress(1).status[0].hostname = Some(hostname);
        }),
        story("the object does not exist, and one of the same name does", |world| {
            world.snapshot.cluster.route_groups = None;
            world.plan.outcomes.retain(|outcome| outcome.object.kind == ObjectKind::Ingress);
        }),
        story("not all RouteGroups are known", |world| _ = world.incomplete(ViewPart::RouteGroups)),
        story("not all Ingresses are known, and it gets no tag", |world| {
            change(world, 1).pop();
            world.incomplete(ViewPart::Ingresses);
        }),
    ]);
}

/// A load balancer is adopted that has no certificates, and whose only member asks for HTTP only.
fn adopts_http_only() -> World {
    let mut world = adopts();
    let stranger = world.load_balancer(1);
    stranger.listeners.truncate(1);
    let hostname = stranger.dns_name.clone();
    let member = world.ingress(0);
    member.status[0].hostname = Some(hostname);
    member.metadata.annotations = vec![tag(ANNOTATION_HTTP_ONLY, "true")];
    change(&mut world, 1).push(tag(TAG_HTTP_ONLY, "true"));
    world
}

#[test]
fn a_load_balancer_is_adopted_for_http_only_if_everybody_on_it_asks_for_that() {
    let story =
        |title, lie| Story { title, honest: adopts_http_only, lie, rule: Rule::Handover, action: "balancer" };
    tell(&[
        story("its member does not ask for it", |world| world.ingress(0).metadata.annotations.clear()),
        story("it has a listener with certificates", |world| {
            let secure = Listener {
                port: 443,
                protocol: Protocol::Https,
                ..world.load_balancer(1).listeners[0].clone()
            };
            world.load_balancer(1).listeners.push(secure);
        }),
        story("its member may be one that is not known", |world| _ = world.incomplete(ViewPart::RouteGroups)),
        story("the tag has another value", |world| {
            change(world, 1).last_mut().unwrap().value = "yes".into();
        }),
        story("its target group gets the tag", |world| {
            let moved = change(world, 1).pop().unwrap();
            change(world, 0).push(moved);
            world.plan.actions[0].id = "balancer".into();
            world.plan.actions[1].id = "other".into();
            world.plan.actions[1].depends_on = vec!["balancer".into()];
        }),
    ]);
}

#[test]
fn nothing_else_is_adopted() {
    let story = |title, lie, action| Story { title, honest: adopts, lie, rule: Rule::Handover, action };
    tell(&[
        story("nobody has named it", |world| world.snapshot.settings.allowances.adopt = None, "balancer"),
        story(
            "another load balancer is named",
            |world| world.snapshot.settings.allowances.adopt = Some(vec!["strange".into()]),
            "group",
        ),
        story(
            "it becomes ours before its target group",
            |world| world.plan.actions[1].depends_on.clear(),
            "balancer",
        ),
        story(
            "it gets a further tag",
            |world| change(world, 1).push(tag(TAG_UNNEEDED, "1800000000")),
            "balancer",
        ),
        story(
            "it gets the id of another load balancer",
            |world| {
                for action in 0..2 {
                    world.plan.actions[action].load_balancer = "id-0".into();
                    *change(world, action) = our_tags("id-0");
                }
            },
            "balancer",
        ),
        story(
            "it does not belong to the cluster",
            |world| world.load_balancer(1).tags.truncate(1),
            "balancer",
        ),
        story(
            "its target group does not belong to the cluster",
            |world| world.target_group(1).tags.clear(),
            "group",
        ),
        story(
            "another controller manages it",
            |world| world.load_balancer(1).tags.push(tag("elbv2.k8s.aws/cluster", "shop")),
            "balancer",
        ),
        story(
            "it is a gateway load balancer",
            |world| world.load_balancer(1).kind = LoadBalancerKind::Gateway,
            "balancer",
        ),
        story("it is in another VPC", |world| world.load_balancer(1).vpc_id = "vpc-9".into(), "balancer"),
        story(
            "it has a listener that we would not manage",
            |world| world.load_balancer(1).listeners[0].port = 8080,
            "balancer",
        ),
        story(
            "another load balancer uses the target group too",
            |world| world.target_group(1).load_balancer_arns.push(arn(0)),
            "group",
        ),
        story(
            "the plan does something else as well",
            |world| {
                let timeout = AttributeChange {
                    resource: existing(arn(0)),
                    attributes: vec![tag("idle_timeout.timeout_seconds", "60")],
                };
                world.act("timeout", Operation::ModifyLoadBalancerAttributes(timeout));
            },
            "timeout",
        ),
    ]);
}

fn remove(resource: &str) -> Operation {
    let keys = [TAG_CLUSTER_UID, TAG_ID, TAG_APPLICATION];
    Operation::RemoveTags(RemoveTags { resource: existing(resource), keys: keys.map(str::to_owned).to_vec() })
}

/// Our load balancer is forgotten with its target group.
fn forgets() -> World {
    let mut world = World::small();
    world.snapshot.settings.allowances.forget = Some(vec!["id-0".into()]);
    world.act("balancer", remove(&arn(0))).act_after("group", &["balancer"], remove(&target_group_arn(0)));
    world
}

fn keys(world: &mut World, action: usize) -> &mut Vec<String> {
    match &mut world.plan.actions[action].operation {
        Operation::RemoveTags(change) => &mut change.keys,
        _ => panic!("it removes no tags"),
    }
}

#[test]
fn only_what_a_person_names_is_forgotten_and_the_load_balancer_first() {
    let story = |title, lie, action| Story { title, honest: forgets, lie, rule: Rule::Handover, action };
    tell(&[
        story("nobody has named it", |world| world.snapshot.settings.allowances.forget = None, "balancer"),
        story(
            "its target group does not wait for it",
            |world| world.plan.actions[1].depends_on.clear(),
            "group",
        ),
        story("it keeps a tag of ours", |world| _ = keys(world, 0).remove(0), "balancer"),
        story("it loses a tag of others", |world| keys(world, 0).push("team".into()), "balancer"),
        story(
            "it is in route mode",
            |world| {
                world.load_balancer(0).tags.push(tag(TAG_MODE, "route"));
                keys(world, 0).push(TAG_MODE.into());
            },
            "balancer",
        ),
    ]);
}

/// A load balancer that its last Ingress retained is released.
fn releases() -> World {
    let mut world = World::with(&[1, 1]);
    world.forsake(0).load_balancer(0).tags.push(tag(TAG_RETAIN, "true"));
    world.act("balancer", remove(&arn(0))).act_after("group", &["balancer"], remove(&target_group_arn(0)));
    keys(&mut world, 0).extend([TAG_RETAIN.to_owned(), TAG_UNNEEDED.to_owned()]);
    world
}

#[test]
fn a_retained_load_balancer_is_released_when_it_could_be_deleted() {
    let story =
        |title, lie: fn(&mut World), rule, action| Story { title, honest: releases, lie, rule, action };
    tell(&[
        story("its grace period is not over", |world| world.snapshot.time -= 1, Rule::Handover, "balancer"),
        story(
            "nobody retained it",
            |world| {
                world.load_balancer(0).tags.retain(|tag| tag.key != TAG_RETAIN);
                keys(world, 0).retain(|key| key != TAG_RETAIN);
            },
            Rule::Handover,
            "balancer",
        ),
        story(
            "it is deleted",
            |world| {
                world.plan.actions.truncate(1);
                world.plan.actions[0].operation = Operation::DeleteLoadBalancer(existing(arn(0)));
            },
            Rule::DeletionProtected,
            "balancer",
        ),
    ]);
}
