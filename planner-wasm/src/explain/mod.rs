//! Explanations of decisions: placement, certificates, subnets, and answers to requests.

mod answers;
mod certificates;
mod ingress;
mod load_balancer;
mod placement;
mod request;
mod rules;
mod subnets;

use albatross_contract::{
    Candidate, Decision, DesiredLoadBalancer, DiagnosticCode, Explanation, PlanningError, Question, Snapshot,
};

use crate::{
    planning::{self, Decided},
    policies::Policies,
    source::ObjectName,
};

/// Answers a question.
pub fn explain(
    snapshot: &Snapshot,
    question: &Question,
    policies: &dyn Policies,
) -> Result<Explanation, PlanningError> {
    let asked = match question {
        Question::Object(name) => Some(ObjectName::of(name)),
        Question::LoadBalancer(_) | Question::Request(_) => None,
    };
    planning::decide(snapshot, policies, asked, |decided| match question {
        Question::Object(name) => ingress::explain(name, &decided),
        Question::LoadBalancer(name) => load_balancer::explain(name, &decided),
        Question::Request(asked) => request::explain(asked, &decided),
    })?
}

fn unknown(what: &str) -> PlanningError {
    PlanningError {
        code: DiagnosticCode::SnapshotInvalid,
        field: None,
        message: format!("the snapshot contains no {what}"),
    }
}

fn candidate(chosen: bool, name: impl Into<String>, reason: impl Into<String>) -> Candidate {
    Candidate { chosen, name: name.into(), id: None, reason: reason.into() }
}

/// A decision with its candidates: chosen candidates first, otherwise in the given order.
fn decision(title: impl Into<String>, mut candidates: Vec<Candidate>) -> Decision {
    candidates.sort_by_key(|candidate| !candidate.chosen);
    Decision { title: title.into(), candidates }
}

/// The load balancer of the plan with our id.
fn described<'b>(id: &str, decided: &'b Decided<'_, '_>) -> Option<&'b DesiredLoadBalancer> {
    decided.plan.load_balancers.iter().find(|found| found.id == id)
}
