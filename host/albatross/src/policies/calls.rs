//! The calls of policies for a plan: each question with what came of it.

use std::collections::BTreeSet;

use albatross_contract::{PolicyPoint, PolicyQuestion, Snapshot};
use albatross_engine::{Asked, EngineError, Planner, PolicySet};

/// A question to a policy, and what came of it.
pub struct Call {
    /// The question.
    pub question: PolicyQuestion,
    /// The answer or the failure, and what it took.
    pub asked: Asked,
}

/// Every call of a policy for the plan of a snapshot. Where a policy fails its point is frozen, so that other policies are asked
/// too.
///
/// A policy answers the same question always in the same way, so each question is asked again to get the answer.
///
/// # Errors
/// The planner has no plan.
pub fn calls(
    planner: &Planner,
    policies: &PolicySet,
    mut snapshot: Snapshot,
) -> Result<Vec<Call>, EngineError> {
    let mut calls: Vec<Call> = Vec::new();
    let mut failed: BTreeSet<PolicyPoint> = BTreeSet::new();
    loop {
        let asked = planner.questions(&snapshot, policies)?;
        let answered = asked.into_iter().filter_map(|question| {
            let asked = policies.get(point(&question))?.ask_again(&question);
            Some(Call { question, asked })
        });
        let round: Vec<Call> = answered.collect();
        let failure = round.iter().find(|call| call.asked.answer.is_err());
        let Some(failing) = failure.map(Call::point).filter(|point| failed.insert(*point)) else {
            calls.extend(round);
            calls.sort_by_key(Call::point);
            return Ok(calls);
        };
        calls.extend(round.into_iter().filter(|call| call.point() == failing));
        snapshot.frozen.push(failing);
        snapshot.frozen.sort();
    }
}

impl Call {
    /// The point that is asked for.
    pub fn point(&self) -> PolicyPoint {
        point(&self.question)
    }
}

/// The point that a question is for.
pub fn point(question: &PolicyQuestion) -> PolicyPoint {
    match question {
        PolicyQuestion::Grouping(_) => PolicyPoint::Grouping,
        PolicyQuestion::Subnets(_) => PolicyPoint::Subnets,
        PolicyQuestion::Certificates(_) => PolicyPoint::Certificates,
    }
}
