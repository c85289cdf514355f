//! Operations that AWS has not finished yet, so that it is worth checking again soon.

use albatross_contract::{Inventory, LoadBalancerState, Plan, Seconds, Snapshot, TAG_ID, TargetHealth};

/// How long a Pod that waits for target health is worth checking again soon: later it needs a person.
const PATIENCE: Seconds = 15 * 60;

/// The state of our resources that AWS has not reached yet, in words that go on from "until".
pub fn unfinished(inventory: &Inventory) -> Option<String> {
    let provisioning = inventory.load_balancers.iter().find(|load_balancer| {
        load_balancer.state == LoadBalancerState::Provisioning
            && load_balancer.tags.iter().any(|tag| tag.key == TAG_ID)
    });
    if let Some(load_balancer) = provisioning {
        return Some(format!("load balancer {} is provisioned", load_balancer.name));
    }
    let settling = inventory.target_groups.iter().find(|group| {
        group.tags.iter().any(|tag| tag.key == TAG_ID)
            && group.targets.iter().any(|target| target.health == TargetHealth::Initial)
    });
    settling.map(|group| format!("the targets of {} pass their first health checks", group.name))
}

/// Whether a Pod with our readiness gate waits for target health, and may soon be healthy.
pub fn waiting_pod(snapshot: &Snapshot, plan: &Plan) -> bool {
    plan.gates_of(&snapshot.cluster).any(|(outcome, pod)| {
        let since = pod.gate.as_ref().and_then(|gate| gate.containers_ready_since);
        outcome.verdict.status() == Some(false)
            && since.is_some_and(|since| snapshot.time.saturating_sub(since) < PATIENCE)
    })
}

#[cfg(test)]
mod tests {
    use albatross_contract::{
        Cluster, GateOutcome, GateVerdict, Metadata, Pod, ReadinessGate, Settings, Timestamp,
    };

    use super::*;
    use crate::example;

    const NOW: Timestamp = 2_000_000_000;

    /// Whether a Pod waits whose containers have been ready since then.
    fn waits(verdict: GateVerdict, since: Option<Timestamp>) -> bool {
        let gate = ReadinessGate { containers_ready_since: since, ..ReadinessGate::default() };
        let metadata =
            Metadata { namespace: Some("shop".to_owned()), name: "cart".to_owned(), ..Metadata::default() };
        let pod = Pod { metadata, gate: Some(gate), ..Pod::default() };
        let outcome = GateOutcome {
            namespace: "shop".to_owned(),
            name: "cart".to_owned(),
            verdict,
            message: String::new(),
        };
        let snapshot = Snapshot {
            time: NOW,
            frozen: Vec::new(),
            settings: Settings::default(),
            cluster: Cluster { pods: Some(vec![pod]), ..Cluster::default() },
            inventory: example::cloud().unwrap(),
        };
        let plan = Plan { gates: Some(vec![outcome]), ..Plan::default() };
        waiting_pod(&snapshot, &plan)
    }

    #[test]
    fn a_pod_that_waits_is_checked_again_soon_for_a_quarter_of_an_hour() {
        assert!(waits(GateVerdict::NotHealthy, Some(NOW - 30)));
        assert!(waits(GateVerdict::NoEndpoint, Some(NOW - 30)));
        assert!(!waits(GateVerdict::NotHealthy, Some(NOW - 900)));
        assert!(!waits(GateVerdict::NotHealthy, None));
        assert!(!waits(GateVerdict::Healthy, Some(NOW)));
        assert!(!waits(GateVerdict::Unknown, Some(NOW)));
    }
}
