//! The guard: the host's own check of a plan, whichever planner made it, before anything is executed.
//!
//! The planner is a component that somebody may replace, so the safety rules do not depend on it alone. The guard looks at
//! a snapshot and the plan that was made from it, and checks again: what is ours, what is known, how much may be removed at
//! once. It shares no code with the planner, only the types of the contract with their names and fields. A violation is a
//! defect of the planner, so the guard refuses the whole plan, and names each action and rule.
//!
//! It has two layers: `facts` describe the snapshot and the plan, `rules` judge them. Rules read facts, never the reverse.
//!
//! The guard is pure: no clock, no I/O, the same answer for the same input. It trusts the snapshot and nothing in the
//! plan. It does not judge whether a plan is good, only whether it is safe.

mod facts;
mod rules;
mod violation;

use albatross_contract::{Plan, Snapshot};

pub use violation::{Refusal, Rule, Violation};

use facts::Facts;
use violation::Findings;

/// Checks a plan against the snapshot from which it was made.
///
/// # Errors
/// [`Refusal`] with every rule that the plan breaks. Then nothing of the plan may be executed and no status written.
pub fn check(snapshot: &Snapshot, plan: &Plan) -> Result<(), Refusal> {
    let facts = Facts::new(snapshot, plan);
    let mut found = Findings::default();
    rules::check(&facts, &mut found);
    found.verdict()
}
