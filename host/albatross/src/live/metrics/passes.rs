//! Metrics of passes: how they end, how long they take, what they change.

use std::{sync::atomic::AtomicU64, time::Duration};

use albatross_contract::{Action, ActionResult, ActionState};
use prometheus_client::{
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::{Registry, Unit},
};

use super::labels::{Act, Label, label};
use crate::{live::written::Written, render::terms};

/// A part of a pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Reads AWS.
    Observe,
    /// Copies what the watches know of the cluster.
    Snapshot,
    /// Runs the planner and the policies.
    Plan,
    /// Checks the plan.
    Guard,
    /// Changes AWS.
    Execute,
    /// Writes the conditions of Pods and the statuses of Ingresses.
    WriteStatuses,
}

impl Stage {
    const ALL: [Stage; 6] =
        [Stage::Observe, Stage::Snapshot, Stage::Plan, Stage::Guard, Stage::Execute, Stage::WriteStatuses];

    const fn as_str(self) -> &'static str {
        match self {
            Stage::Observe => "observe",
            Stage::Snapshot => "snapshot",
            Stage::Plan => "plan",
            Stage::Guard => "guard",
            Stage::Execute => "execute",
            Stage::WriteStatuses => "write-statuses",
        }
    }
}

/// The metrics.
pub struct Passes {
    by_result: Family<Label, Counter>,
    whole: Histogram,
    stages: Family<Label, Histogram>,
    actions: Family<Act, Counter>,
    statuses: Family<Label, Counter>,
    conditions: Family<Label, Counter>,
    gates: Histogram,
    planned: Family<Label, Gauge>,
    recorded: Family<Label, Counter>,
    last_success: Gauge<u64, AtomicU64>,
}

impl Default for Passes {
    fn default() -> Self {
        // From a pass without changes to one that waits for throttled calls.
        let whole = Histogram::new([0.2, 1.0, 5.0, 20.0, 60.0, 300.0]);
        let passes = Passes {
            by_result: Family::default(),
            whole,
            stages: Family::new_with_constructor(new_stage),
            actions: Family::default(),
            statuses: Family::default(),
            conditions: Family::default(),
            // AWS calls a target healthy after some checks: with its defaults for a new target, after the first one that passes.
            gates: Histogram::new([5.0, 10.0, 20.0, 40.0, 60.0, 120.0, 300.0, 900.0]),
            planned: Family::default(),
            recorded: Family::default(),
            last_success: Gauge::default(),
        };
        passes.begin_with_zero();
        passes
    }
}

/// From the guard of a few Ingresses to the planning of 10,000 with slow policies, and to reads and writes that AWS throttles.
fn new_stage() -> Histogram {
    Histogram::new([0.001, 0.005, 0.02, 0.1, 0.5, 2.0, 10.0, 60.0, 300.0])
}

impl Passes {
    /// The first failure must count as an increase for Prometheus, so its series is there before.
    fn begin_with_zero(&self) {
        for kind in ["converged", "changed", "planned", "catching-up", "incomplete", "failed"] {
            drop(self.by_result.get_or_create(&label(kind)));
        }
        for kind in ["written", "failed"] {
            drop(self.statuses.get_or_create(&label(kind)));
            drop(self.conditions.get_or_create(&label(kind)));
        }
        for kind in ["written", "failed", "left-out"] {
            drop(self.recorded.get_or_create(&label(kind)));
        }
        for stage in Stage::ALL {
            drop(self.stages.get_or_create(&label(stage.as_str())));
        }
    }

    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register("passes", "Passes by result", self.by_result.clone());
        registry.register_with_unit("pass", "Time taken by a whole pass", Unit::Seconds, self.whole.clone());
        registry.register_with_unit(
            "stage",
            "Time taken by the stages of passes",
            Unit::Seconds,
            self.stages.clone(),
        );
        registry.register("actions", "Actions on AWS by operation and result", self.actions.clone());
        registry.register("statuses", "Writes of statuses by result", self.statuses.clone());
        registry.register(
            "readiness_conditions",
            "Writes of conditions of Pods with the readiness gate, by result",
            self.conditions.clone(),
        );
        registry.register_with_unit(
            "readiness_gate",
            "Time from ready containers of a Pod until its readiness gate is open",
            Unit::Seconds,
            self.gates.clone(),
        );
        registry.register(
            "planned_changes",
            "Actions and writes of statuses in the plan of the last pass",
            self.planned.clone(),
        );
        registry.register("recorded_passes", "Passes to be recorded, by result", self.recorded.clone());
        registry.register_with_unit(
            "last_success_timestamp",
            "Unix time of the last pass without a failure",
            Unit::Seconds,
            self.last_success.clone(),
        );
    }

    /// A stage of a pass is over.
    pub fn stage(&self, stage: Stage, took: Duration) {
        self.stages.get_or_create(&label(stage.as_str())).observe(took.as_secs_f64());
    }

    /// An action was executed.
    pub fn acted(&self, action: &Action, result: &ActionResult) {
        let kind = match result.state {
            ActionState::Done => "done",
            ActionState::Failed => "failed",
            ActionState::Skipped => "skipped",
        };
        let act = Act { operation: terms::operation(&action.operation), kind: kind.to_owned() };
        self.actions.get_or_create(&act).inc();
    }

    /// A pass ended so: `converged`, `changed`, `planned`, `incomplete` or `failed`.
    pub(super) fn ended(&self, kind: &str) {
        self.by_result.get_or_create(&label(kind)).inc();
    }

    /// A pass took so long.
    pub(super) fn took(&self, took: Duration) {
        self.whole.observe(took.as_secs_f64());
    }

    /// How many actions and writes of statuses a plan has.
    pub(super) fn planned(&self, actions: usize, statuses: usize) {
        for (kind, number) in [("actions", actions), ("statuses", statuses)] {
            self.planned.get_or_create(&label(kind)).set(i64::try_from(number).unwrap_or(i64::MAX));
        }
    }

    /// Conditions and statuses were written, or could not be.
    pub(super) fn wrote(&self, written: &Written) {
        let Written { statuses, gates } = written;
        let of_statuses = [("written", statuses.written.len()), ("failed", statuses.failed.len())];
        let of_gates = [("written", gates.written.len()), ("failed", gates.failed.len())];
        for (family, counts) in [(&self.statuses, of_statuses), (&self.conditions, of_gates)] {
            for (kind, count) in counts {
                family.get_or_create(&label(kind)).inc_by(u64::try_from(count).unwrap_or(u64::MAX));
            }
        }
        for waited in gates.written.iter().filter_map(|write| write.waited) {
            self.gates.observe(waited.as_secs_f64());
        }
    }

    /// The pass of this time succeeded.
    pub(super) fn succeeded(&self, time: u64) {
        self.last_success.set(time);
    }

    /// A pass to be recorded was written, or not: `written`, `failed`, `left-out`.
    pub fn recorded(&self, result: &str) {
        self.recorded.get_or_create(&label(result)).inc();
    }

    pub(super) fn clear(&self) {
        self.planned.clear();
    }
}
