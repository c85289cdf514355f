//! A plan that leaves everything as it is.

use albatross_contract::{OutcomeState, Plan, StatusChange};

/// Removes all changes from a plan: every object that is ours waits, and every status stays.
pub fn stop(plan: &mut Plan) {
    plan.actions.clear();
    plan.load_balancers.clear();
    plan.withheld.clear();
    plan.next_change_at = None;
    plan.gates = None;
    for outcome in plan.outcomes.iter_mut().filter(|outcome| outcome.state != OutcomeState::Ignored) {
        outcome.state = OutcomeState::Waiting;
        outcome.load_balancer = None;
        outcome.certificates.clear();
        outcome.status = StatusChange::Keep;
    }
}
