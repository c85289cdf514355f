//! The guard: the host's own check of a plan, of whatever planner, before anything is executed.
//!
//! A planner is a component that somebody may replace, so nothing that must never happen rests on it alone. The guard
//! looks at a snapshot and at the plan that was made of it, and counts again: what is ours, what is known, how much
//! may go at once. It shares no code with the planner. What it refuses is a defect of the planner, so it refuses the
//! whole plan, and names each action and rule.
//!
//! It is built in two storeys: `facts` say what is the case, `rules` what must hold. Rules read facts; no arrow runs back.
//!
//! The guard is pure: no clock, no I/O, the same answer for the same input. It trusts the snapshot and nothing in the
//! plan. It does not ask whether a plan is a good one, only whether it is safe.

mod facts;
mod rules;
mod violation;

use albatross_contract::{Plan, Snapshot};

pub use violation::{Refusal, Rule, Violation};

use facts::Facts;
use violation::Findings;

/// Checks a plan against the snapshot that it was made of.
///
/// # Errors
/// [`Refusal`] with every rule that the plan breaks. Then nothing of it may be executed, no status written.
pub fn check(snapshot: &Snapshot, plan: &Plan) -> Result<(), Refusal> {
    let facts = Facts::new(snapshot, plan);
    let mut found = Findings::default();
    rules::check(&facts, &mut found);
    found.verdict()
}
