//! The planner of Albatross: a pure function from a snapshot to a plan.
//!
//! No clock, no randomness, no hash map iteration, no floating point, no I/O: the same snapshot gives the same bytes,
//! in whatever order its lists are. The modules are the steps, in the order in which data flows.

pub mod policies;

use albatross_contract::{Explanation, Plan, PlanningError, Question, Snapshot};

pub use policies::{NoPolicies, Policies};

#[cfg(target_arch = "wasm32")]
mod component;

/// Says what to do.
///
/// # Errors
/// [`PlanningError`] when there can be no plan at all: settings that cannot be used, a snapshot that contradicts
/// itself, a policy whose own answer was an error.
pub fn plan(snapshot: &Snapshot, policies: &dyn Policies) -> Result<Plan, PlanningError> {
    let _ = (snapshot, policies);
    Err(PlanningError {
        code: albatross_contract::DiagnosticCode::SnapshotInvalid,
        message: "not there yet".to_owned(),
    })
}

/// Says why.
///
/// # Errors
/// As [`plan`], and when the subject of the question is unknown.
pub fn explain(
    snapshot: &Snapshot,
    question: &Question,
    policies: &dyn Policies,
) -> Result<Explanation, PlanningError> {
    let _ = question;
    plan(snapshot, policies).map(|_| Explanation { headline: String::new(), decisions: Vec::new() })
}
