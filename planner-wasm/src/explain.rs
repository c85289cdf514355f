//! Explanations.
use albatross_contract::*;
use crate::policies::Policies;
/// Says why.
pub fn explain(snapshot: &Snapshot, _question: &Question, policies: &dyn Policies) -> Result<Explanation, PlanningError> {
    crate::planning::plan(snapshot, policies).map(|_| Explanation { headline: String::new(), decisions: Vec::new() })
}
