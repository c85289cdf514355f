//! Metrics of the controller, in the OpenMetrics text format. `deploy/README.md` says what each means.
//!
//! Whoever reaches the port may read them, so they have neither hosts nor names.

mod admission;
mod calls;
mod fleet;
mod labels;
mod passes;
mod policies;
#[cfg(test)]
mod tests;
mod view;

use std::time::Duration;

use albatross_cluster::WatchHealth;
use albatross_contract::StatusChange;
use prometheus_client::{
    encoding::text::encode,
    metrics::{counter::Counter, gauge::Gauge, info::Info},
    registry::Registry,
};

pub use admission::{Admission, Answered};
pub use passes::Stage;

use super::{executed::Executed, pace::Came, written::Written};
use crate::pass::Pass;
use calls::Calls;
use fleet::Fleet;
use labels::Build;
use passes::Passes;
use policies::Policies;
use view::View;

/// All metrics.
pub struct Metrics {
    registry: Registry,
    /// Whether this replica leads: 0 or 1.
    pub leader: Gauge,
    /// How often this replica began to lead.
    pub terms: Counter,
    /// Whether this replica only reads: 0 or 1.
    pub read_only: Gauge,
    /// Passes.
    pub passes: Passes,
    /// Policies.
    pub policies: Policies,
    /// Calls to AWS.
    pub calls: Calls,
    /// The webhook.
    pub admission: Admission,
    fleet: Fleet,
    view: View,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut metrics = Metrics {
            registry: Registry::with_prefix("albatross"),
            leader: Gauge::default(),
            terms: Counter::default(),
            read_only: Gauge::default(),
            passes: Passes::default(),
            policies: Policies::default(),
            calls: Calls::default(),
            admission: Admission::default(),
            fleet: Fleet::default(),
            view: View::default(),
        };
        metrics.register();
        metrics
    }
}

impl Metrics {
    fn register(&mut self) {
        let registry = &mut self.registry;
        let build = Build { version: env!("CARGO_PKG_VERSION") };
        registry.register("build", "The version of the program", Info::new(build));
        registry.register("leader", "Whether this replica leads", self.leader.clone());
        registry.register("leader_terms", "How often this replica began to lead", self.terms.clone());
        registry.register("read_only", "Whether this replica writes nothing", self.read_only.clone());
        self.passes.register(registry);
        self.policies.register(registry);
        self.calls.register(registry);
        self.admission.register(registry);
        self.fleet.register(registry);
        self.view.register(registry);
    }

    /// A pass is over, except for its statuses.
    pub fn passed(&self, executed: &Executed, took: Duration) {
        self.over(executed, "changed", took);
    }

    /// A pass of a controller that writes nothing is over.
    pub fn only_planned(&self, executed: &Executed, took: Duration) {
        self.over(executed, "planned", took);
    }

    /// `changes`: the result of a pass whose plan changes something.
    fn over(&self, executed: &Executed, changes: &str, took: Duration) {
        self.show(&executed.pass);
        let end = match executed.is_whole() {
            false => "incomplete",
            true if executed.is_behind => "catching-up",
            true if executed.changes_something() => changes,
            true => "converged",
        };
        self.passes.ended(end);
        self.passes.took(took);
    }

    fn show(&self, pass: &Pass) {
        let statuses = pass.plan.outcomes.iter().filter(|it| it.status != StatusChange::Keep).count();
        self.passes.planned(pass.plan.actions.len(), statuses);
        self.fleet.show(&pass.snapshot, &pass.plan);
        self.policies.show(pass);
    }

    /// What the watches say about the view of a pass.
    pub fn saw(&self, pass: &Pass, watches: &[WatchHealth]) {
        self.view.show(&pass.snapshot, watches);
    }

    /// This replica no longer leads: it must not report values that only a leader updates, or alerts on them never end.
    pub fn follows(&self) {
        self.leader.set(0);
        self.passes.clear();
        self.policies.clear();
        self.fleet.clear();
        self.view.clear();
    }

    /// A pass ended without a plan.
    pub fn failed(&self) {
        self.passes.ended("failed");
    }

    /// The conditions and statuses of a pass were written, and with that it is over.
    pub fn wrote(&self, executed: &Executed, written: &Written) {
        self.passes.wrote(written);
        if executed.came(written) != Came::Trouble {
            self.passes.succeeded(executed.pass.snapshot.time);
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
