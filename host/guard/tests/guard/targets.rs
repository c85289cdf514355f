//! Running targets that leave, and target groups to which requests are switched.

use albatross_contract::*;
use albatross_guard::Rule;

use crate::{
    story::{Story, pass, tell},
    world::*,
};

fn half_of_them_leave() -> World {
    let mut world = World::small();
    world.act("deregister", deregister(0, &[2, 3]));
    world
}

#[test]
fn running_targets_leave_little_by_little() {
    tell(&[
        Story {
            title: "takes more than half of the nodes",
            honest: half_of_them_leave,
            lie: |world| {
                world.act("again", deregister(0, &[1]));
            },
            rule: Rule::BudgetTargets,
            action: "again",
        },
        Story {
            title: "takes the last node",
            honest: || {
                let mut world = half_of_them_leave();
                world.target_group(0).targets.truncate(2);
                world.plan.actions[0].operation = deregister(0, &[1]);
                world
            },
            lie: |world| world.target_group(0).targets[0].health = TargetHealth::Draining,
            rule: Rule::BudgetTargets,
            action: "deregister",
        },
        Story {
            title: "removes healthy nodes while a node that stays is unhealthy",
            honest: half_of_them_leave,
            lie: |world| world.target_group(0).targets[0].health = TargetHealth::Unhealthy,
            rule: Rule::BudgetTargets,
            action: "deregister",
        },
        Story {
            title: "takes the old nodes before the new ones are ready",
            honest: half_of_them_leave,
            lie: |world| world.target_group(0).targets[1].health = TargetHealth::Initial,
            rule: Rule::BudgetTargets,
            action: "deregister",
        },
        Story {
            title: "detaches the Auto Scaling Group that all nodes come from",
            honest: || {
                let mut world = World::small();
                world.settings().allowances.targets.push("nodes".into());
                world.act("detach", detach("nodes", &target_group_arn(0)));
                world
            },
            lie: |world| world.settings().allowances.targets.clear(),
            rule: Rule::BudgetTargets,
            action: "detach",
        },
        Story {
            title: "drains the target group of a load balancer that is only missing from the list",
            honest: || {
                let mut world = World::with(&[0, 1]);
                world.snapshot.inventory.load_balancers.remove(0);
                world.target_group(0).load_balancer_arns.clear();
                world.act("detach", detach("nodes", &target_group_arn(0)));
                world
            },
            lie: |world| world.target_group(0).load_balancer_arns.push(arn(0)),
            rule: Rule::BudgetTargets,
            action: "detach",
        },
        Story {
            title: "drains a load balancer first that it does not delete",
            honest: || {
                let mut world = World::with(&[1, 1]);
                world.forsake(0);
                world.act("detach", detach("nodes", &target_group_arn(0)));
                world.act_after("delete", &["detach"], Operation::DeleteLoadBalancer(existing(arn(0))));
                world
            },
            lie: |world| {
                world.plan.actions.pop();
            },
            rule: Rule::BudgetTargets,
            action: "detach",
        },
    ]);
    pass(&[
        ("targets that are not running may leave", || {
            let mut world = half_of_them_leave();
            world.target_group(0).targets.iter_mut().for_each(|target| target.health = TargetHealth::Unused);
            world
        }),
        ("a person names the instances that may leave", || {
            let mut world = World::small();
            world.settings().allowances.targets.extend((0..3).map(instance_id));
            world.act("deregister", deregister(0, &[0, 1, 2, 3]));
            world.plan.actions[0].operation = deregister(0, &[0, 1, 2]);
            world
        }),
        ("an unhealthy node leaves while the others are healthy", || {
            let mut world = World::small();
            world.target_group(0).targets[3].health = TargetHealth::Unhealthy;
            world.act("deregister", deregister(0, &[3]));
            world
        }),
        ("a target on another port stays", || {
            let mut world = half_of_them_leave();
            world.target_group(0).targets[3].port = Some(8080);
            world.target_group(0).targets[2].port = Some(8080);
            world.plan.actions[0].operation = deregister(0, &[1, 2, 3]);
            world
        }),
    ]);
}

/// The targets are pods of the proxy. All but the first are being terminated, and leave.
fn pods_that_end() -> World {
    let mut world = World::small();
    world.target_group(0).target_type = TargetType::Ip;
    let pod = |number| Pod {
        metadata: Metadata {
            namespace: Some("kube-system".into()),
            name: format!("skipper-{number}"),
            deleted_at: (number > 0).then_some(NOW),
            ..Metadata::default()
        },
        phase: PodPhase::Running,
        ready: true,
        addresses: vec![instance_id(number)],
        gate: None,
    };
    world.snapshot.cluster.endpoint_slices = None;
    world.snapshot.cluster.pods = Some((0..4).map(pod).collect());
    world.act("deregister", deregister(0, &[1, 2, 3]));
    world
}

/// The same, but nothing is known of the pods that leave: a changed selector may no longer select them.
fn addresses_without_a_pod() -> World {
    let mut world = pods_that_end();
    world.snapshot.cluster.pods.iter_mut().for_each(|pods| pods.truncate(1));
    let targets = world.target_group(0).targets.iter_mut().skip(1);
    targets.for_each(|target| target.health = TargetHealth::Unhealthy);
    world
}

#[test]
fn pods_leave_when_they_end_but_never_the_last_healthy_one() {
    tell(&[
        Story {
            title: "takes the last healthy pods, though they are to end",
            honest: pods_that_end,
            lie: |world| world.target_group(0).targets[0].health = TargetHealth::Initial,
            rule: Rule::BudgetTargets,
            action: "deregister",
        },
        Story {
            title: "takes pods that nobody told to end",
            honest: pods_that_end,
            lie: |world| {
                let pods = world.snapshot.cluster.pods.iter_mut().flatten();
                pods.for_each(|pod| pod.metadata.deleted_at = None);
            },
            rule: Rule::BudgetTargets,
            action: "deregister",
        },
        Story {
            title: "takes addresses of which another pod serves",
            honest: pods_that_end,
            lie: |world| {
                let pods = world.snapshot.cluster.pods.iter_mut().flatten();
                let others: Vec<Pod> = pods
                    .map(|pod| Pod {
                        metadata: Metadata { deleted_at: None, ..pod.metadata.clone() },
                        ..pod.clone()
                    })
                    .collect();
                world.snapshot.cluster.pods.get_or_insert_default().extend(others);
            },
            rule: Rule::BudgetTargets,
            action: "deregister",
        },
        Story {
            title: "takes pods of a list that is not complete",
            honest: pods_that_end,
            lie: |world| {
                world.incomplete(ViewPart::Pods);
            },
            rule: Rule::BudgetTargets,
            action: "deregister",
        },
        Story {
            title: "takes healthy pods that a changed selector does not select",
            honest: addresses_without_a_pod,
            lie: |world| {
                let targets = &mut world.target_group(0).targets;
                targets.iter_mut().for_each(|target| target.health = TargetHealth::Healthy);
            },
            rule: Rule::BudgetTargets,
            action: "deregister",
        },
        Story {
            title: "takes all targets because no pod was read",
            honest: addresses_without_a_pod,
            lie: |world| world.snapshot.cluster.pods = Some(Vec::new()),
            rule: Rule::BudgetTargets,
            action: "deregister",
        },
    ]);
}

/// The port of the proxy changed: the new target group waits with weight 0.
fn a_new_port() -> World {
    let mut world = World::small();
    let mut new = target_group(8);
    new.targets.iter_mut().for_each(|target| target.health = TargetHealth::Initial);
    world.snapshot.inventory.target_groups.push(new);
    let actions = weighted(&[(existing(target_group_arn(0)), 1), (existing(target_group_arn(8)), 0)]);
    world.act("switch", modify_listener(listener_arn(0, 80), None, actions));
    world
}

#[test]
fn requests_move_only_to_healthy_targets() {
    tell(&[
        Story {
            title: "sends all requests to nodes that nobody has checked",
            honest: a_new_port,
            lie: |world| {
                let actions = forward(&[existing(target_group_arn(8))]);
                world.plan.actions[0].operation = modify_listener(listener_arn(0, 80), None, actions);
            },
            rule: Rule::Forwarding,
            action: "switch",
        },
        Story {
            title: "sends a share of the requests to a target group that it has just created",
            honest: || {
                let mut world = World::small();
                world.act("group", create_target_group("albatross-0-8080"));
                let actions = weighted(&[(existing(target_group_arn(0)), 1), (made("group"), 0)]);
                world.act_after("switch", &["group"], modify_listener(listener_arn(0, 80), None, actions));
                world
            },
            lie: |world| {
                let actions = weighted(&[(existing(target_group_arn(0)), 1), (made("group"), 1)]);
                world.plan.actions[1].operation = modify_listener(listener_arn(0, 80), None, actions);
            },
            rule: Rule::Forwarding,
            action: "switch",
        },
    ]);
    pass(&[
        ("a listener that somebody else changed is changed back", || {
            let mut world = World::small();
            world.load_balancer(0).listeners[0].default_actions =
                forward(&[existing(STRANGERS_TARGET_GROUP)]);
            let targets = &mut world.target_group(0).targets;
            targets.iter_mut().for_each(|target| target.health = TargetHealth::Unused);
            let actions = forward(&[existing(target_group_arn(0))]);
            world.act("switch", modify_listener(listener_arn(0, 80), None, actions));
            world
        }),
        ("where no requests are served none can be lost", || {
            let mut world = World::small();
            world.target_group(0).targets.clear();
            world.act("group", create_target_group("albatross-0-8080"));
            world.act_after(
                "switch",
                &["group"],
                modify_listener(listener_arn(0, 80), None, forward(&[made("group")])),
            );
            world
        }),
    ]);
}
