//! Writes the conditions of Pods with our readiness gate.

mod patch;

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use albatross_contract::{Cluster, GateCondition, GateOutcome, Plan, Pod, READINESS_GATE, Timestamp};
use futures::{StreamExt, stream};
use k8s_openapi::jiff;
use kube::{
    Api, Client,
    api::{Patch, PatchParams},
    core::DynamicObject,
};

use crate::{
    CONTROLLER, ClusterError,
    request::{CONCURRENCY, TIME_LIMIT, in_time},
    watches::{GatedPod, Kind, State, Watches},
};

/// Writes the condition `albatross/target-health` of Pods, and no other field.
pub struct Gates {
    client: Client,
    known: Arc<State>,
}

/// The result of writing conditions.
#[derive(Debug, Default)]
pub struct GateReport {
    /// The conditions that changed, in the order of the outcomes.
    pub written: Vec<GateWrite>,
    /// The conditions that could not be written, in the order of the outcomes. The next pass tries again.
    pub failed: Vec<GateFailure>,
    /// How many conditions were not tried, since the permit to write had ended.
    pub left: usize,
}

/// A condition that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GateWrite {
    /// The Pod, as `namespace/name`.
    pub pod: String,
    /// Its condition.
    pub condition: GateCondition,
    /// If it became ready: how long its containers had been ready before. Absent: not known.
    pub waited: Option<Duration>,
}

/// A condition that could not be written.
#[derive(Debug)]
pub struct GateFailure {
    /// The Pod, as `namespace/name`.
    pub pod: String,
    /// Why.
    pub error: ClusterError,
}

enum Written {
    Yes(GateWrite),
    /// The Pod is gone, or was created again.
    Gone,
    Left,
    Failed(GateFailure),
}

/// A condition that is to be written.
struct Due<'a> {
    outcome: &'a GateOutcome,
    uid: Option<String>,
    condition: GateCondition,
    /// Whether its status differs from that of the condition that the Pod has.
    turns: bool,
    /// If the Pod becomes ready: since when its containers are.
    since: Option<Timestamp>,
}

impl Gates {
    /// Writes through this client, and updates these watches with the answers.
    pub fn new(client: &Client, watches: &Watches) -> Gates {
        Gates { client: client.clone(), known: watches.state() }
    }

    /// Writes the conditions that a plan asks for, where a Pod has another condition. `planned` is the cluster in the snapshot: a
    /// Pod that was deleted or created again since is left alone, which is no failure.
    ///
    /// `may_write_for` is called before each write with its time limit.
    pub async fn write(
        &self,
        planned: &Cluster,
        plan: &Plan,
        may_write_for: impl Fn(Duration) -> bool,
    ) -> GateReport {
        let mut report = GateReport::default();
        let due = plan.gates_of(planned).filter_map(|(outcome, pod)| self.due(outcome, pod));
        let written = stream::iter(due).map(|due| self.write_one(due, &may_write_for)).buffered(CONCURRENCY);
        futures::pin_mut!(written);
        while let Some(written) = written.next().await {
            match written {
                Written::Yes(write) => report.written.push(write),
                Written::Gone => {}
                Written::Left => report.left += 1,
                Written::Failed(failure) => report.failed.push(failure),
            }
        }
        report
    }

    /// `planned`: the Pod in the snapshot.
    fn due<'a>(&self, outcome: &'a GateOutcome, planned: &Pod) -> Option<Due<'a>> {
        self.known.with_gated_pod(&outcome.namespace, &outcome.name, |known| {
            let condition =
                outcome.condition(known).filter(|_| known.metadata.uid == planned.metadata.uid)?;
            let gate = known.gate.as_ref()?;
            let turns = gate.condition.as_ref().is_none_or(|before| before.status != condition.status);
            let since = gate.containers_ready_since.filter(|_| condition.status);
            Some(Due { outcome, uid: known.metadata.uid.clone(), condition, turns, since })
        })?
    }

    async fn write_one(&self, due: Due<'_>, may_write_for: &impl Fn(Duration) -> bool) -> Written {
        if !may_write_for(TIME_LIMIT) {
            return Written::Left;
        }
        let Due { outcome, uid, condition, turns, since: ready_since } = due;
        let pod = format!("{}/{}", outcome.namespace, outcome.name);
        let since = turns.then(jiff::Timestamp::now);
        let body = Patch::Strategic(patch::of(&condition, uid.as_deref(), since));
        let api: Api<DynamicObject> =
            Api::namespaced_with(self.client.clone(), &outcome.namespace, &GatedPod::resource());
        let parameters = PatchParams { field_manager: Some(CONTROLLER.to_owned()), ..PatchParams::default() };
        let doing = format!("write the condition {READINESS_GATE} of Pod {pod}");
        match in_time(doing, api.patch_status(&outcome.name, &parameters, &body)).await {
            Ok(answer) => {
                self.known.learn_gated_pod(answer);
                let waited = ready_since.and_then(|since| now().checked_sub(Duration::from_secs(since)));
                Written::Yes(GateWrite { pod, condition, waited })
            }
            Err(ClusterError::NotFound { .. } | ClusterError::Conflict { .. }) => Written::Gone,
            Err(error) => Written::Failed(GateFailure { pod, error }),
        }
    }
}

/// The time since 1970.
fn now() -> Duration {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
}
