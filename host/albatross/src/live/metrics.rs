//! Metrics of the controller, in the OpenMetrics text format.

use std::{sync::atomic::AtomicU64, time::Duration};

use albatross_aws::CallCount;
use albatross_cluster::StatusReport;
use albatross_contract::{ActionResult, ActionState};
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::{Registry, Unit},
};

use super::{executed::Executed, pace::Came, swap::CandidateState};
use crate::render::terms;

/// A label `kind`; each family has a closed set of values.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Label {
    /// Its value.
    pub kind: String,
}

/// The labels of calls to AWS.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Call {
    /// Such as `elasticloadbalancing`.
    pub service: String,
    /// Such as `DescribeLoadBalancers`.
    pub operation: String,
    /// `ok`, or the class of the error.
    pub outcome: String,
}

/// All metrics.
pub struct Metrics {
    registry: Registry,
    /// Whether this replica leads: 0 or 1.
    pub leader: Gauge,
    /// Passes by result: `converged`, `changed`, `incomplete`, `failed`.
    pub passes: Family<Label, Counter>,
    /// Seconds that planning took, including policies.
    pub planning: Histogram,
    /// Seconds that a whole pass took.
    pub pass: Histogram,
    /// Actions by result: `done`, `failed`, `skipped`.
    pub actions: Family<Label, Counter>,
    /// Statuses by result: `written`, `failed`.
    pub statuses: Family<Label, Counter>,
    /// Our Ingresses and RouteGroups by state.
    pub ingresses: Family<Label, Gauge>,
    /// Our load balancers.
    pub load_balancers: Gauge,
    /// Changes that budgets withhold, by budget.
    pub withheld: Family<Label, Gauge>,
    /// Points that were frozen in the last pass, since their policies failed or have not taken over yet.
    pub frozen: Family<Label, Gauge>,
    /// Policies that do not decide, by what became of them: `in-examination`, `held`, `in-shadow`.
    pub candidates: Family<Label, Gauge>,
    /// How often policies took over from others.
    pub policy_swaps: Counter,
    /// Passes to be recorded by result: `written`, `failed`, `left-out`.
    pub recorded: Family<Label, Counter>,
    /// Calls to AWS.
    pub calls: Family<Call, Counter>,
    /// The time of the last pass without a failure, in seconds since 1970.
    pub last_success: Gauge<u64, AtomicU64>,
}

impl Default for Metrics {
    fn default() -> Self {
        // Planning: from a few Ingresses to 10,000 with slow policies. Passes: from one without changes to one that waits
        // for throttled calls.
        let planning = Histogram::new([0.005, 0.02, 0.1, 0.5, 2.0, 10.0]);
        let pass = Histogram::new([0.2, 1.0, 5.0, 20.0, 60.0, 300.0]);
        let mut metrics = Metrics {
            registry: Registry::with_prefix("albatross"),
            leader: Gauge::default(),
            passes: Family::default(),
            planning,
            pass,
            actions: Family::default(),
            statuses: Family::default(),
            ingresses: Family::default(),
            load_balancers: Gauge::default(),
            withheld: Family::default(),
            frozen: Family::default(),
            candidates: Family::default(),
            policy_swaps: Counter::default(),
            recorded: Family::default(),
            calls: Family::default(),
            last_success: Gauge::default(),
        };
        metrics.register();
        metrics
    }
}

impl Metrics {
    fn register(&mut self) {
        let registry = &mut self.registry;
        registry.register("leader", "Whether this replica leads", self.leader.clone());
        registry.register("passes", "Passes by result", self.passes.clone());
        registry.register_with_unit(
            "planning",
            "Time taken by planning, including policies",
            Unit::Seconds,
            self.planning.clone(),
        );
        registry.register_with_unit("pass", "Time taken by a whole pass", Unit::Seconds, self.pass.clone());
        registry.register("actions", "Actions on AWS by result", self.actions.clone());
        registry.register("statuses", "Writes of statuses by result", self.statuses.clone());
        registry.register("ingresses", "Ingresses and RouteGroups by state", self.ingresses.clone());
        registry.register("load_balancers", "Load balancers of this controller", self.load_balancers.clone());
        registry.register("withheld", "Changes that a budget withholds", self.withheld.clone());
        registry.register(
            "frozen",
            "Policy points that are frozen: their policy failed, or has not taken over yet",
            self.frozen.clone(),
        );
        registry.register(
            "policy_candidates",
            "Policies that do not decide: in examination, held, in shadow",
            self.candidates.clone(),
        );
        registry.register("policy_swaps", "Policies that took over from others", self.policy_swaps.clone());
        registry.register("recorded_passes", "Passes to be recorded, by result", self.recorded.clone());
        registry.register("aws_calls", "Calls to AWS, including retries", self.calls.clone());
        registry.register_with_unit(
            "last_success",
            "Unix time of the last pass without a failure",
            Unit::Seconds,
            self.last_success.clone(),
        );
    }

    /// An action was executed.
    pub fn acted(&self, result: &ActionResult) {
        let state = match result.state {
            ActionState::Done => "done",
            ActionState::Failed => "failed",
            ActionState::Skipped => "skipped",
        };
        self.actions.get_or_create(&label(state)).inc();
    }

    /// A pass is over, except for its statuses.
    pub fn passed(&self, executed: &Executed, took: Duration) {
        let pass = &executed.pass;
        let plan = &pass.plan;
        let end = if !executed.is_whole() {
            "incomplete"
        } else if executed.changes_something() {
            "changed"
        } else {
            "converged"
        };
        self.passes.get_or_create(&label(end)).inc();
        self.pass.observe(took.as_secs_f64());
        self.load_balancers.set(i64::try_from(plan.load_balancers.len()).unwrap_or(i64::MAX));
        self.ingresses.clear();
        for outcome in &plan.outcomes {
            self.ingresses.get_or_create(&label(terms::outcome(outcome.state))).inc();
        }
        self.withheld.clear();
        for withheld in &plan.withheld {
            self.withheld
                .get_or_create(&label(terms::budget(withheld.budget)))
                .inc_by(i64::from(withheld.count));
        }
        self.frozen.clear();
        for point in &pass.snapshot.frozen {
            self.frozen.get_or_create(&label(terms::policy_point(*point))).set(1);
        }
    }

    /// This replica no longer leads: it must not report values that only a leader updates, or alerts on them never end.
    pub fn follows(&self) {
        self.leader.set(0);
        self.load_balancers.set(0);
        self.ingresses.clear();
        self.withheld.clear();
        self.frozen.clear();
        self.candidates.clear();
    }

    /// What became of the policies that do not decide.
    pub fn candidates(&self, states: impl Iterator<Item = CandidateState>) {
        self.candidates.clear();
        for state in states {
            self.candidates.get_or_create(&label(state.as_str())).inc();
        }
    }

    /// A pass ended without a plan.
    pub fn failed(&self) {
        self.passes.get_or_create(&label("failed")).inc();
    }

    /// The statuses of a pass were written, and with that it is over.
    pub fn wrote(&self, executed: &Executed, report: &StatusReport) {
        for (kind, count) in [("written", report.written.len()), ("failed", report.failed.len())] {
            self.statuses.get_or_create(&label(kind)).inc_by(u64::try_from(count).unwrap_or(u64::MAX));
        }
        if executed.came(report) != Came::Trouble {
            self.last_success.set(executed.pass.snapshot.time);
        }
    }

    /// A pass to be recorded was written, or not.
    pub fn recorded(&self, result: &str) {
        self.recorded.get_or_create(&label(result)).inc();
    }

    /// The calls to AWS so far.
    pub fn called(&self, counts: &[CallCount]) {
        for count in counts {
            let call = Call {
                service: count.service.as_str().to_owned(),
                operation: count.operation.to_owned(),
                outcome: count.error.map_or("ok", |class| class.as_str()).to_owned(),
            };
            let calls = self.calls.get_or_create(&call);
            calls.inc_by(count.count.saturating_sub(calls.get()));
        }
    }

    /// The text that `/metrics` answers.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

fn label(kind: impl Into<String>) -> Label {
    Label { kind: kind.into() }
}

#[cfg(test)]
mod tests {
    use albatross_contract::{Budget, Cluster, Plan, Withheld};

    use super::*;
    use crate::{example, inputs::snapshot, pass::Pass};

    #[test]
    fn withheld_targets_of_several_target_groups_are_added_up() {
        let withheld = |subject: &str, count| Withheld {
            budget: Budget::Targets,
            subject: Some(subject.to_owned()),
            count,
            total: 4,
            limit: 2,
            ids: Vec::new(),
            message: String::new(),
        };
        let plan = Plan {
            load_balancers: Vec::new(),
            actions: Vec::new(),
            outcomes: Vec::new(),
            diagnostics: Vec::new(),
            withheld: vec![withheld("albatross-one", 3), withheld("albatross-two", 4)],
            next_change_at: None,
        };
        let cluster = Cluster::default();
        let snapshot = snapshot(cluster, example::cloud().unwrap(), example::settings().unwrap(), None);
        let pass =
            Pass { snapshot, plan, policies: Vec::new(), failures: Vec::new(), took: Duration::default() };
        let executed = Executed { pass, results: Vec::new(), took: Duration::default() };
        let metrics = Metrics::default();
        metrics.passed(&executed, Duration::default());
        metrics.passed(&executed, Duration::default());
        assert!(metrics.text().contains(r#"albatross_withheld{kind="targets"} 7"#), "{}", metrics.text());
    }
}
