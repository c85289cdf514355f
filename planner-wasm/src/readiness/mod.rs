//! Pods with our readiness gate: which of them still wait for target health.
//!
//! A Pod becomes ready when it is healthy in every target group that has it as a target, and at once if no target group has it. A target
//! group that no load balancer uses does not count, and neither does a zone that the load balancer does not have: no request comes that
//! way, so that AWS checks no health, and the Pod would wait for ever.
//! Then it stays so: if it fails later, AWS sends it no requests. It is not taken out of its Services as well, since a fault of the
//! health check would otherwise take all Pods out of the whole cluster. What is not known decides nothing.

mod groups;
mod late;

use albatross_contract::{Cluster, Diagnostic, GateOutcome, GateVerdict, Pod, TargetHealth};

use crate::{
    backends::Services,
    observed::{Concern, Observed},
    wanted::Wanted,
};
use groups::{Groups, State};

/// For how many seconds a target that no load balancer uses counts as one that is not healthy yet: a new target group is filled before
/// its load balancer exists.
const UNUSED: u64 = 60;
/// For how many seconds a Pod waits for an EndpointSlice with its address. That Kubernetes will write one is only an inference from the
/// selector.
const NO_ENDPOINT: u64 = 120;

/// What happens to the Pods with our readiness gate.
#[derive(Default)]
pub struct Readiness {
    /// The Pods that only wait for it, in the order of namespace and name. `None`: the settings do not switch it on.
    pub gates: Option<Vec<GateOutcome>>,
    /// Pods that have waited for long.
    pub diagnostics: Vec<Diagnostic>,
    /// When a Pod will have waited for long.
    pub next_change_at: Option<u64>,
}

/// Decides for all Pods that wait only for our readiness gate.
pub fn decide(
    cluster: &Cluster,
    wanted: &Wanted<'_>,
    services: &Services<'_>,
    observed: &Observed<'_>,
) -> Readiness {
    if !observed.settings.has_readiness_gates() {
        return Readiness::default();
    }
    let reads = |pod: &Pod| observed.settings.reads_namespace(pod.full_name().0);
    let pods = cluster.pods.iter().flatten();
    let mut waiting: Vec<&Pod> = pods.filter(|pod| pod.lacks_only_the_gate() && reads(pod)).collect();
    if waiting.is_empty() {
        return Readiness { gates: Some(Vec::new()), ..Readiness::default() };
    }
    waiting.sort_by_key(|pod| pod.full_name());
    let judge = Judge { groups: Groups::new(wanted, observed), services, observed };
    let decided: Vec<(&Pod, Judgement<'_>)> =
        waiting.into_iter().map(|pod| (pod, judge.judge(pod))).collect();
    let late = late::find(&decided, observed.time);
    let gates = decided.into_iter().map(|(pod, judgement)| GateOutcome {
        namespace: pod.full_name().0.to_owned(),
        name: pod.metadata.name.clone(),
        verdict: judgement.verdict,
        message: judgement.message,
    });
    Readiness { gates: Some(gates.collect()), diagnostics: late.diagnostics, next_change_at: late.next }
}

/// What is decided for a Pod.
struct Judgement<'a> {
    verdict: GateVerdict,
    message: String,
    /// The target group for which it waits.
    group: Option<&'a str>,
}

impl<'a> Judgement<'a> {
    fn waits(verdict: GateVerdict, group: &'a str, message: String) -> Self {
        Judgement { verdict, message, group: Some(group) }
    }

    fn of(verdict: GateVerdict, message: impl Into<String>) -> Self {
        Judgement { verdict, message: message.into(), group: None }
    }
}

struct Judge<'a, 'b> {
    groups: Groups<'b>,
    services: &'b Services<'a>,
    observed: &'b Observed<'a>,
}

impl<'b> Judge<'_, 'b> {
    fn judge(&self, pod: &Pod) -> Judgement<'b> {
        if let Some(reason) = self.observed.completeness.explain(Concern::JudgeGates) {
            return Judgement::of(GateVerdict::Unknown, reason);
        }
        let mut healthy = Vec::new();
        let mut unknown = None;
        for (group, state) in self.groups.with(pod) {
            match state {
                State::Absent => {
                    let message = format!("it is not registered in target group {} yet", group.name);
                    return Judgement::waits(GateVerdict::NotRegistered, group.name, message);
                }
                State::Checked(TargetHealth::Healthy | TargetHealth::Unavailable, _) => {
                    healthy.push(group.name);
                }
                State::Checked(TargetHealth::Unused, _) if waits_longer_than(pod, UNUSED, self.observed) => {}
                State::Checked(health, reason) => {
                    let reason = reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
                    let message = format!("it is {}{reason} in target group {}", health.as_str(), group.name);
                    return Judgement::waits(GateVerdict::NotHealthy, group.name, message);
                }
                State::Unknown(reason) => unknown = unknown.or(Some(reason)),
            }
        }
        let mut of_services = self.groups.of_services();
        if !waits_longer_than(pod, NO_ENDPOINT, self.observed)
            && let Some((group, port)) = of_services.find(|(_, port)| self.services.expects(port, pod))
        {
            let message = format!("no EndpointSlice of Service {port} has its address yet");
            return Judgement::waits(GateVerdict::NoEndpoint, group, message);
        }
        if let Some(reason) = unknown {
            return Judgement::of(GateVerdict::Unknown, reason);
        }
        match (healthy.as_slice(), &self.groups.gap) {
            ([], Some(reason)) => Judgement::of(GateVerdict::Unknown, reason.clone()),
            ([], None) => {
                let message = "no target group that a load balancer uses has it as a target";
                Judgement::of(GateVerdict::NotATarget, message)
            }
            (names, _) => {
                let message = format!("it is healthy in {}", groups::in_words(names));
                Judgement::of(GateVerdict::Healthy, message)
            }
        }
    }
}

/// Whether it is known that a Pod has waited for more than some seconds.
fn waits_longer_than(pod: &Pod, seconds: u64, observed: &Observed<'_>) -> bool {
    let since = pod.gate.as_ref().and_then(|gate| gate.containers_ready_since);
    since.is_some_and(|since| since.saturating_add(seconds) <= observed.time)
}
