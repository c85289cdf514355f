//! The guard: the host's own check of a plan, of whatever planner, before anything is executed.
//!
//! A planner is a component that somebody may replace, so nothing that must never happen rests on it alone. The guard
//! looks at a snapshot and at the plan that was made of it, and counts again: what is ours, what is known, how much
//! may go at once. It shares no code with the planner. What it refuses is a defect of the planner, so it refuses the
//! whole plan, and names each action and rule.
//!
//! The guard is pure: no clock, no I/O, the same answer for the same input. It trusts the snapshot and nothing in the
//! plan. It does not ask whether a plan is a good one, only whether it is safe.

mod actions;
mod budgets;
mod certificates;
mod completeness;
mod counted;
mod deletion;
mod form;
mod forwarding;
mod hosts;
mod marks;
mod name_changes;
mod outcomes;
mod ownership;
mod shelves;
mod statuses;
mod tags;
mod targets;
mod unneeded;
mod uses;
mod view;
mod violation;

use albatross_contract::{Plan, Snapshot};

pub use violation::{Refusal, Rule, Violation};

use actions::Actions;
use marks::Marks;
use outcomes::Outcomes;
use uses::Uses;
use view::View;
use violation::Findings;

/// Checks a plan against the snapshot that it was made of.
///
/// # Errors
/// [`Refusal`] with every rule that the plan breaks. Then nothing of it may be executed, no status written.
pub fn check(snapshot: &Snapshot, plan: &Plan) -> Result<(), Refusal> {
    let case = Case::new(snapshot, plan);
    let mut found = Findings::default();
    form::check(&case, &mut found);
    outcomes::check(&case, &mut found);
    ownership::check_writing(&case, &mut found);
    ownership::check(&case, &mut found);
    completeness::check(&case, &mut found);
    marks::check(&case, &mut found);
    deletion::check(&case, &mut found);
    let leaving = certificates::check(&case, &mut found);
    forwarding::check(&case, &mut found);
    targets::check(&case, &mut found);
    statuses::check(&case, &mut found);
    budgets::check(&case, &leaving, &mut found);
    found.verdict()
}

/// What the rules look at.
struct Case<'a> {
    plan: &'a Plan,
    view: View<'a>,
    actions: Actions<'a>,
    outcomes: Outcomes<'a>,
    marks: Marks<'a>,
    uses: Uses<'a>,
}

impl<'a> Case<'a> {
    fn new(snapshot: &'a Snapshot, plan: &'a Plan) -> Self {
        let view = View::new(snapshot);
        let actions = Actions::new(plan);
        let outcomes = Outcomes::new(&view, plan);
        let marks = Marks::new(&view, &actions);
        let uses = Uses::new(&view, &actions);
        Case { plan, view, actions, outcomes, marks, uses }
    }

    /// Whether the plan writes anything, to AWS or to a status.
    fn writes(&self) -> bool {
        !self.actions.list.is_empty() || self.plan.outcomes.iter().any(outcomes::writes_status)
    }
}
