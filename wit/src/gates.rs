//! Pods with our readiness gate, and the condition for which it waits.

use std::collections::BTreeMap;

use crate::{Cluster, GateCondition, GateOutcome, GateVerdict, Plan, Pod, PodPhase};

impl Pod {
    /// Whether it has our readiness gate, and everything else of it is ready: it is ready, only that gate is missing, or the kubelet
    /// has not seen yet that the gate is open.
    pub fn is_ready_but_for_the_gate(&self) -> bool {
        let has_ended = matches!(self.phase, PodPhase::Succeeded | PodPhase::Failed);
        !has_ended
            && self.metadata.deleted_at.is_none()
            && self.gate.as_ref().is_some_and(|gate| gate.containers_ready && gate.others_ready)
    }

    /// Whether only our readiness gate keeps it from being ready.
    pub fn lacks_only_the_gate(&self) -> bool {
        let condition = self.gate.as_ref().and_then(|gate| gate.condition.as_ref());
        self.is_ready_but_for_the_gate() && !condition.is_some_and(|condition| condition.status)
    }

    /// Its namespace and its name.
    pub fn full_name(&self) -> (&str, &str) {
        (self.metadata.namespace.as_deref().unwrap_or_default(), &self.metadata.name)
    }
}

impl Plan {
    /// What happens to Pods with our readiness gate, each with the Pod of the cluster that was planned.
    pub fn gates_of<'a>(&'a self, cluster: &'a Cluster) -> impl Iterator<Item = (&'a GateOutcome, &'a Pod)> {
        let outcomes = self.gates.as_deref().unwrap_or_default();
        let gated = cluster.pods.iter().flatten().filter(|pod| !outcomes.is_empty() && pod.gate.is_some());
        let pods: BTreeMap<(&str, &str), &Pod> = gated.map(|pod| (pod.full_name(), pod)).collect();
        outcomes.iter().filter_map(move |outcome| {
            let name = (outcome.namespace.as_str(), outcome.name.as_str());
            Some((outcome, *pods.get(&name)?))
        })
    }

    /// How many conditions of Pods with our readiness gate differ from what they should be.
    pub fn count_conditions(&self, cluster: &Cluster) -> usize {
        self.gates_of(cluster).filter(|(outcome, pod)| outcome.condition(pod).is_some()).count()
    }
}

impl GateVerdict {
    /// The status of the condition. `None`: the condition stays as it is.
    pub const fn status(self) -> Option<bool> {
        match self {
            GateVerdict::Healthy | GateVerdict::NotATarget => Some(true),
            GateVerdict::NoEndpoint | GateVerdict::NotRegistered | GateVerdict::NotHealthy => Some(false),
            GateVerdict::Unknown => None,
        }
    }

    /// The reason of the condition, in the form that Kubernetes asks for.
    pub const fn reason(self) -> &'static str {
        match self {
            GateVerdict::Healthy => "TargetHealthy",
            GateVerdict::NotATarget => "NotATarget",
            GateVerdict::NoEndpoint => "NoEndpoint",
            GateVerdict::NotRegistered => "TargetNotRegistered",
            GateVerdict::NotHealthy => "TargetNotHealthy",
            GateVerdict::Unknown => "Unknown",
        }
    }
}

impl GateOutcome {
    /// The condition that the Pod gets. `None`: its condition stays, since it is right already, it is `True` for ever, or something
    /// is not known.
    pub fn condition(&self, pod: &Pod) -> Option<GateCondition> {
        let wanted = GateCondition {
            status: self.verdict.status()?,
            reason: Some(self.verdict.reason().to_owned()),
            message: Some(self.message.clone()),
        };
        (pod.lacks_only_the_gate() && pod.gate.as_ref()?.condition.as_ref() != Some(&wanted))
            .then_some(wanted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Metadata, ReadinessGate};

    fn pod(change: impl FnOnce(&mut Pod)) -> Pod {
        let gate = ReadinessGate { containers_ready: true, others_ready: true, ..ReadinessGate::default() };
        let mut pod = Pod { phase: PodPhase::Running, gate: Some(gate), ..Pod::default() };
        change(&mut pod);
        pod
    }

    fn is(status: bool) -> Option<GateCondition> {
        let text = |text: &str| Some(text.to_owned());
        Some(GateCondition { status, reason: text("TargetHealthy"), message: text("healthy in one") })
    }

    fn healthy() -> GateOutcome {
        GateOutcome {
            namespace: "shop".to_owned(),
            name: "cart-1".to_owned(),
            verdict: GateVerdict::Healthy,
            message: "healthy in one".to_owned(),
        }
    }

    #[test]
    fn a_pod_waits_only_for_our_gate_if_everything_else_of_it_is_ready() {
        assert!(pod(|_| {}).lacks_only_the_gate());
        let changes: [fn(&mut Pod); 6] = [
            |pod| pod.gate = None,
            |pod| pod.gate.as_mut().unwrap().containers_ready = false,
            |pod| pod.gate.as_mut().unwrap().others_ready = false,
            |pod| pod.gate.as_mut().unwrap().condition = is(true),
            |pod| pod.metadata = Metadata { deleted_at: Some(1), ..Metadata::default() },
            |pod| pod.phase = PodPhase::Succeeded,
        ];
        for (number, change) in changes.into_iter().enumerate() {
            let pod = pod(change);
            assert!(!pod.lacks_only_the_gate(), "change {number}");
            let is_ready = pod.is_ready_but_for_the_gate();
            let is_open = pod.gate.is_some_and(|gate| gate.condition.is_some());
            assert_eq!(is_ready, is_open, "change {number}");
        }
    }

    #[test]
    fn a_condition_is_written_only_if_it_differs_and_never_taken_back() {
        assert_eq!(healthy().condition(&pod(|_| {})), is(true));
        assert_eq!(
            healthy().condition(&pod(|pod| pod.gate.as_mut().unwrap().condition = is(false))),
            is(true)
        );
        let sick = GateOutcome { verdict: GateVerdict::NotHealthy, ..healthy() };
        assert_eq!(sick.condition(&pod(|pod| pod.gate.as_mut().unwrap().condition = is(true))), None);
        let same = sick.condition(&pod(|_| {}));
        assert_eq!(same.as_ref().map(|condition| condition.status), Some(false));
        assert_eq!(sick.condition(&pod(|pod| pod.gate.as_mut().unwrap().condition = same)), None);
        let unknown = GateOutcome { verdict: GateVerdict::Unknown, ..healthy() };
        assert_eq!(unknown.condition(&pod(|_| {})), None);
    }
}
