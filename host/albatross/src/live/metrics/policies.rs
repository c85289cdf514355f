//! Metrics of policies: whether they decide.

use albatross_contract::PolicyPoint;
use prometheus_client::{
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};

use super::labels::{Label, label};
use crate::{live::swap::CandidateState, pass::Pass};

/// The metrics.
pub struct Policies {
    frozen: Family<Label, Gauge>,
    candidates: Family<Label, Gauge>,
    failures: Family<Label, Counter>,
    /// How often policies took over from others.
    pub swaps: Counter,
}

impl Default for Policies {
    fn default() -> Self {
        let failures = Family::<Label, Counter>::default();
        // The first failure must count as an increase for Prometheus.
        for point in PolicyPoint::ALL {
            drop(failures.get_or_create(&label(point.as_str())));
        }
        Policies {
            frozen: Family::default(),
            candidates: Family::default(),
            failures,
            swaps: Counter::default(),
        }
    }
}

impl Policies {
    pub(super) fn register(&self, registry: &mut Registry) {
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
        registry.register("policy_failures", "Passes in which a policy failed", self.failures.clone());
        registry.register("policy_swaps", "Policies that took over from others", self.swaps.clone());
    }

    /// Shows whose decisions a pass has.
    pub(super) fn show(&self, pass: &Pass) {
        self.frozen.clear();
        for point in &pass.snapshot.frozen {
            self.frozen.get_or_create(&label(point.as_str())).set(1);
        }
        for failure in &pass.failures {
            self.failures.get_or_create(&label(failure.point.as_str())).inc();
        }
    }

    /// What became of the policies that do not decide.
    pub fn candidates(&self, states: impl Iterator<Item = CandidateState>) {
        self.candidates.clear();
        for state in states {
            self.candidates.get_or_create(&label(state.as_str())).inc();
        }
    }

    pub(super) fn clear(&self) {
        self.frozen.clear();
        self.candidates.clear();
    }
}
