//! Readiness gates: a Pod becomes ready only if it waits for nothing else, and no target group is about to get it as a target.
//!
//! A Pod that becomes ready too early ends the rollout of its Deployment with Pods that get no requests.

use albatross_contract::{
    GateOutcome, GateVerdict, Operation, Pod, Target, TargetHealth, TargetType, ViewPart,
};

use crate::{
    facts::{
        Facts,
        index::{Map, Set},
    },
    violation::{Findings, Rule},
};

/// What must be known before a Pod becomes ready.
const NEEDED: [ViewPart; 12] = [
    ViewPart::Ingresses,
    ViewPart::IngressClasses,
    ViewPart::Services,
    ViewPart::EndpointSlices,
    ViewPart::Nodes,
    ViewPart::AutoScalingGroups,
    ViewPart::LoadBalancers,
    ViewPart::Listeners,
    ViewPart::Rules,
    ViewPart::TargetGroups,
    ViewPart::TargetHealth,
    ViewPart::Tags,
];

pub(crate) fn check(facts: &Facts<'_>, found: &mut Findings) {
    let Some(gates) = &facts.plan.gates else { return };
    if gates.is_empty() {
        return;
    }
    let pods = pods(facts);
    let (healthy, joining) = (healthy(facts), joining(facts));
    let mut decided = Set::default();
    for gate in gates {
        let name = (gate.namespace.as_str(), gate.name.as_str());
        let mut refuse = |why: &str| {
            found.plan(Rule::ReadinessGate, format!("Pod {}/{} {why}", gate.namespace, gate.name));
        };
        if !decided.insert(name) {
            refuse("has two outcomes");
        }
        match pods.get(&name) {
            Some(pod) => {
                if let Err(why) = may_become(gate, pod, facts, &healthy, &joining) {
                    refuse(&why);
                }
            }
            None => refuse("has an outcome, but there is no such Pod that waits only for the readiness gate"),
        }
    }
}

fn may_become(
    gate: &GateOutcome,
    pod: &Pod,
    facts: &Facts<'_>,
    healthy: &Set<&str>,
    joining: &Set<&str>,
) -> Result<(), String> {
    if gate.verdict.status() != Some(true) {
        return Ok(());
    }
    if let Some((_, reason)) = facts.view.missing(&NEEDED, &[]) {
        return Err(format!("becomes ready, though not everything is known that it may wait for ({reason})"));
    }
    let has_any = |of: &Set<&str>| pod.addresses.iter().any(|address| of.contains(address.as_str()));
    if has_any(joining) {
        return Err("becomes ready, though the plan is about to register it as a target".to_owned());
    }
    if gate.verdict == GateVerdict::Healthy && !has_any(healthy) {
        return Err("becomes ready, though it is healthy in no target group".to_owned());
    }
    Ok(())
}

/// The Pods that wait only for the readiness gate, by namespace and name.
fn pods<'a>(facts: &Facts<'a>) -> Map<(&'a str, &'a str), &'a Pod> {
    let all = facts.view.snapshot.cluster.pods.iter().flatten();
    let is_on = facts.view.snapshot.settings.has_readiness_gates();
    let waiting = all.filter(|pod| is_on && pod.lacks_only_the_gate());
    waiting.map(|pod| (pod.full_name(), pod)).collect()
}

/// The addresses of healthy targets. A target whose health AWS does not check counts as healthy.
fn healthy<'a>(facts: &Facts<'a>) -> Set<&'a str> {
    let groups = facts.view.snapshot.inventory.target_groups.iter();
    let targets = groups.filter(|group| group.target_type == TargetType::Ip).flat_map(|group| &group.targets);
    let is_healthy =
        |target: &&Target| matches!(target.health, TargetHealth::Healthy | TargetHealth::Unavailable);
    targets.filter(is_healthy).map(|target| target.id.as_str()).collect()
}

/// The targets that the plan registers.
fn joining<'a>(facts: &Facts<'a>) -> Set<&'a str> {
    let targets = facts.actions.list.iter().flat_map(|action| match &action.operation {
        Operation::RegisterTargets(change) => change.targets.as_slice(),
        _ => &[],
    });
    targets.map(|target| target.id.as_str()).collect()
}
