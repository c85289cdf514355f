//! A pass as the page shows it.

use std::sync::Arc;

use albatross_contract::{ActionResult, ActionState, LoadBalancerState, Plan, Severity, Snapshot};

use crate::{
    difference::Side,
    pass::Makers,
    render::{
        plan::{Origin, contents},
        summary::Summary,
        words::count,
    },
};

/// A pass, and what led to it.
pub struct Shown {
    /// What was planned for.
    pub snapshot: Snapshot,
    /// The plan.
    pub plan: Plan,
    /// What its execution came to.
    pub results: Vec<ActionResult>,
    /// Whether what was skipped is left to the next plan, because the cluster has changed.
    pub is_superseded: bool,
    /// The planner and the policies.
    pub makers: Arc<Makers>,
    /// What a person should know about the pass: policies that failed, what could not be read.
    pub messages: Vec<String>,
}

impl Shown {
    /// The pass as reports take it.
    pub(super) fn side(&self) -> Side<'_> {
        Side { snapshot: Some(&self.snapshot), plan: &self.plan }
    }

    /// Of what the pass was, and who planned it.
    pub(super) fn facts(&self) -> Vec<(&'static str, String)> {
        let origin =
            Origin { planner: self.makers.planner(), policies: self.makers.policy_identities(), took: None };
        vec![
            ("Cluster", self.snapshot.settings.identity.cluster_id.clone()),
            ("VPC", self.snapshot.inventory.vpc.id.clone()),
            ("Pass", contents(&self.snapshot)),
            ("Planned with", origin.line()),
        ]
    }

    /// Actions that did not succeed, in a sentence: the plan is then not what is there. `None`: all did.
    pub(super) fn undone(&self) -> Option<String> {
        let of = |state| self.results.iter().filter(|result| result.state == state).count();
        let failed = of(ActionState::Failed);
        let skipped = if self.is_superseded { 0 } else { of(ActionState::Skipped) };
        let skipped = (skipped > 0).then(|| {
            format!(
                ", and {} skipped",
                if skipped == 1 { "1 was".to_owned() } else { format!("{skipped} were") }
            )
        });
        (failed > 0 || skipped.is_some()).then(|| {
            format!("{} failed{}: see Last change.", count(failed, "action"), skipped.unwrap_or_default())
        })
    }

    /// Whether a person should look at something.
    pub(super) fn needs_a_look(&self) -> bool {
        let of_objects = self.plan.outcomes.iter().flat_map(|outcome| &outcome.diagnostics);
        let is_error =
            of_objects.chain(&self.plan.diagnostics).any(|found| found.severity == Severity::Error);
        let is_impaired = self.snapshot.inventory.load_balancers.iter().any(|found| {
            matches!(found.state, LoadBalancerState::Failed | LoadBalancerState::ActiveImpaired)
                && self.plan.load_balancers.iter().any(|ours| ours.arn.as_ref() == Some(&found.arn))
        });
        is_error
            || is_impaired
            || self.undone().is_some()
            || !self.messages.is_empty()
            || Summary::new(&self.snapshot, &self.plan).unserved()
    }
}
