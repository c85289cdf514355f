//! Readiness gates: which Pods become ready.

use albatross_contract::*;
use albatross_guard::Rule;

use crate::{
    story::{Story, pass, tell},
    world::{World, existing, target_group_arn},
};

/// The Pods `shop/cart-1` and `shop/cart-2` wait for the readiness gate. The first is a healthy target, and becomes ready.
fn a_rollout() -> World {
    let mut world = World::small();
    world.settings().readiness_gates = Some(true);
    let group = world.target_group(0);
    group.target_type = TargetType::Ip;
    group.targets[0].id = "10.0.0.1".into();
    world.snapshot.cluster.pods = Some(vec![pod(1), pod(2)]);
    world.plan.gates = Some(vec![outcome(1, GateVerdict::Healthy), outcome(2, GateVerdict::NotRegistered)]);
    world
}

fn pod(number: u8) -> Pod {
    let gate = ReadinessGate { containers_ready: true, others_ready: true, ..ReadinessGate::default() };
    Pod {
        metadata: Metadata {
            namespace: Some("shop".into()),
            name: format!("cart-{number}"),
            ..Metadata::default()
        },
        phase: PodPhase::Running,
        addresses: vec![format!("10.0.0.{number}")],
        gate: Some(gate),
        ..Pod::default()
    }
}

fn outcome(number: u8, verdict: GateVerdict) -> GateOutcome {
    GateOutcome {
        namespace: "shop".into(),
        name: format!("cart-{number}"),
        verdict,
        message: "the story asks for it".into(),
    }
}

fn register(address: &str) -> Operation {
    let targets = vec![TargetId { id: address.into(), port: None }];
    Operation::RegisterTargets(TargetChange { target_group: existing(target_group_arn(0)), targets })
}

#[test]
fn pods_become_ready_only_when_their_targets_are_healthy() {
    let story = |title, lie: fn(&mut World)| Story {
        title,
        honest: a_rollout,
        lie,
        rule: Rule::ReadinessGate,
        action: "",
    };
    tell(&[
        story("makes a Pod ready that is healthy nowhere", |world| {
            world.plan.gates = Some(vec![outcome(2, GateVerdict::Healthy)]);
        }),
        story("makes a Pod ready whose target is not healthy yet", |world| {
            world.target_group(0).targets[0].health = TargetHealth::Initial;
        }),
        story("makes a Pod ready that is about to be registered", |world| {
            world.act("register", register("10.0.0.2"));
            world.plan.gates = Some(vec![outcome(2, GateVerdict::NotATarget)]);
        }),
        story("makes a Pod ready though the health is not known", |world| {
            world.incomplete(ViewPart::TargetHealth);
        }),
        story("decides for a Pod that does not have the gate", |world| {
            world.snapshot.cluster.pods.as_mut().unwrap()[0].gate = None;
        }),
        story("decides for a Pod that waits for something else too", |world| {
            let pods = world.snapshot.cluster.pods.as_mut().unwrap();
            pods[0].gate.as_mut().unwrap().others_ready = false;
        }),
        story("decides for a Pod that does not exist", |world| {
            world.plan.gates.as_mut().unwrap().push(outcome(3, GateVerdict::NotHealthy));
        }),
        story("decides twice for a Pod", |world| {
            world.plan.gates.as_mut().unwrap().push(outcome(1, GateVerdict::Healthy));
        }),
        story("decides though the settings do not switch it on", |world| {
            world.settings().readiness_gates = None;
        }),
    ]);
    pass(&[
        ("a Pod waits while it is registered", || {
            let mut world = a_rollout();
            world.act("register", register("10.0.0.2"));
            world
        }),
        ("nobody forwards to a Pod", || {
            let mut world = a_rollout();
            world.plan.gates = Some(vec![outcome(2, GateVerdict::NotATarget)]);
            world
        }),
        ("it is not known how a Pod is", || {
            let mut world = a_rollout();
            world.incomplete(ViewPart::TargetHealth);
            world.plan.gates = Some(vec![outcome(1, GateVerdict::Unknown)]);
            world
        }),
    ]);
}

/// The targets of a Service port, of which the first two are being terminated.
fn a_service_whose_pods_end() -> World {
    let mut world = World::small();
    let address = |number: u8| format!("10.0.0.{number}");
    let endpoint = |number: u8| Endpoint {
        addresses: vec![address(number)],
        terminating: Some(number < 2),
        ..Endpoint::default()
    };
    world.snapshot.cluster.endpoint_slices =
        Some(vec![EndpointSlice { endpoints: (0..4).map(endpoint).collect(), ..EndpointSlice::default() }]);
    let group = world.target_group(0);
    group.target_type = TargetType::Ip;
    group.tags.push(Tag { key: TAG_SERVICE.into(), value: "shop/cart:80".into() });
    for (number, target) in (0..).zip(&mut group.targets) {
        target.id = address(number);
    }
    group.targets[3].health = TargetHealth::Initial;
    let targets = [0, 1].map(|number| TargetId { id: address(number), port: None });
    let change = TargetChange { target_group: existing(target_group_arn(0)), targets: targets.into() };
    world.act("deregister", Operation::DeregisterTargets(change));
    world
}

#[test]
fn endpoints_that_are_terminating_leave_at_once_but_never_the_last_healthy_one() {
    let story = |title, lie: fn(&mut World)| Story {
        title,
        honest: a_service_whose_pods_end,
        lie,
        rule: Rule::BudgetTargets,
        action: "deregister",
    };
    tell(&[
        story("takes the last healthy targets, though they are to end", |world| {
            world.target_group(0).targets[2].health = TargetHealth::Initial;
        }),
        story("takes endpoints that nobody told to end", |world| {
            let slices = world.snapshot.cluster.endpoint_slices.as_mut().unwrap();
            slices[0].endpoints.iter_mut().for_each(|endpoint| endpoint.terminating = None);
        }),
        story("takes addresses that another endpoint has too", |world| {
            let slices = world.snapshot.cluster.endpoint_slices.as_mut().unwrap();
            let others: Vec<Endpoint> = slices[0]
                .endpoints
                .iter()
                .map(|endpoint| Endpoint { terminating: None, ..endpoint.clone() })
                .collect();
            slices[0].endpoints.extend(others);
        }),
        story("takes endpoints of a list that is not complete", |world| {
            world.incomplete(ViewPart::EndpointSlices);
        }),
    ]);
}
