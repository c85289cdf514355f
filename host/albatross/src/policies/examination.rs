//! Asks a policy what the planner would ask it for a snapshot: does it answer, always in the same way, whatever the order of its
//! input is, and without moving an Ingress because another one changes?

use std::time::Duration;

use albatross_contract::{
    PolicyAnswer, PolicyPoint, PolicyQuestion, PolicySetting, RecordedPolicy, Scheme, Snapshot, SubnetInput,
};
use albatross_engine::{Asked, Planner, Policy, PolicySet};

use serde::{Serialize, Serializer};

use super::{
    calls::{Call, calls},
    decisions::{Decisions, decisions, difference},
    permuted::{orders, permuted},
    stability,
};
use crate::{
    error::Error,
    inputs::{add_policies, adopt_recorded_policies},
    render::words::count,
};

/// What a policy answered to one question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Examined {
    /// The point.
    pub point: PolicyPoint,
    /// The scheme that a question about subnets is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheme: Option<Scheme>,
    /// What it decided.
    pub decisions: Decisions,
    /// How many subjects the question has.
    pub subjects: usize,
    /// Fuel of the first answer.
    pub fuel: u64,
    /// Peak memory of the first answer, in bytes.
    pub memory: u64,
    /// Wall-clock time of the first answer.
    #[serde(rename = "milliseconds", serialize_with = "milliseconds")]
    pub took: Duration,
    /// Everything that is wrong, in words. Empty: nothing.
    pub faults: Vec<String>,
    /// What may be intended and should be known, in words.
    pub warnings: Vec<String>,
}

fn milliseconds<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u128(time.as_millis())
}

/// What the questions about one snapshot showed.
pub struct Examination {
    /// One for each question.
    pub examined: Vec<Examined>,
    /// What was changed in the settings of the snapshot, in words.
    pub remarks: Vec<String>,
    /// The questions and answers.
    pub calls: Vec<Call>,
}

/// Asks a policy all that the planner would ask it about a snapshot, which was recorded with these policies.
///
/// `settings`: the settings of the policy, instead of those in the snapshot.
///
/// # Errors
/// The policy does not understand its settings, or no plan can be made from the snapshot for another reason than the policy.
pub fn examine(
    planner: &Planner,
    policy: &Policy,
    (mut snapshot, recorded): Recording,
    settings: Option<&str>,
) -> Result<Examination, Error> {
    let policies = PolicySet::new(vec![policy.clone()])?;
    let remarks = adapt(&mut snapshot, &recorded, &policies, settings)?;
    let calls = calls(planner, &policies, snapshot)?;
    let examined = calls.iter().map(|call| examine_one(policy, call)).collect();
    Ok(Examination { examined, remarks, calls })
}

/// A snapshot, and the policies with which it was recorded.
pub type Recording = (Snapshot, Vec<RecordedPolicy>);

/// Adapts a snapshot so that these policies are asked, with these settings instead of those in the snapshot. Returns what was
/// changed in the settings of the snapshot, in words.
///
/// # Errors
/// A policy does not understand its settings.
pub fn adapt(
    snapshot: &mut Snapshot,
    recorded: &[RecordedPolicy],
    policies: &PolicySet,
    settings: Option<&str>,
) -> Result<Vec<String>, Error> {
    snapshot.frozen.clear();
    let Some(settings) = settings else {
        return adopt_recorded_policies(&mut snapshot.settings, recorded, policies);
    };
    let with_settings = |point| PolicySetting { point, settings: settings.to_owned() };
    snapshot.settings.policies = policies.points().map(with_settings).collect();
    add_policies(&mut snapshot.settings, policies)?;
    Ok(Vec::new())
}

fn examine_one(policy: &Policy, Call { question, asked: first }: &Call) -> Examined {
    let (point, scheme, subjects) = about(question);
    let mut examined = Examined {
        point,
        scheme,
        decisions: Decisions::new(),
        subjects,
        fuel: first.fuel,
        memory: first.memory,
        took: first.took,
        faults: Vec::new(),
        warnings: Vec::new(),
    };
    let answer = match &first.answer {
        Ok(answer) => answer,
        Err(failed) => {
            examined.faults.push(failed.source.breach.to_string());
            return examined;
        }
    };
    examined.decisions = decisions(question, answer);
    examined.faults.extend(unsteady(policy, question, first));
    examined.faults.extend(disordered(policy, question, &examined.decisions));
    if let (PolicyQuestion::Grouping(input), PolicyAnswer::Grouping(answer), true) =
        (question, answer, examined.faults.is_empty())
    {
        examined.faults.extend(stability::faults(policy, input, answer));
    }
    if let (PolicyQuestion::Subnets(input), PolicyAnswer::Subnets(answer)) = (question, answer) {
        examined.warnings.extend(too_few(input, answer.subnets.len()));
    }
    examined
}

/// What differs when the policy is asked the same again.
fn unsteady(policy: &Policy, question: &PolicyQuestion, first: &Asked) -> Option<String> {
    let again = policy.ask_again(question);
    if again.answer.as_ref().ok() != first.answer.as_ref().ok() {
        return Some("asked the same again, it answers something else".to_owned());
    }
    (again.fuel != first.fuel).then(|| "asked the same again, it uses another amount of fuel".to_owned())
}

/// The first order of the items in which the policy fails or decides otherwise.
fn disordered(policy: &Policy, question: &PolicyQuestion, decided: &Decisions) -> Option<String> {
    orders().find_map(|order| {
        let other = permuted(question, order);
        match policy.ask_again(&other).answer {
            Err(failed) => Some(format!("with its input in another order, {}", failed.source.breach)),
            Ok(answer) => {
                let instead = decisions(&other, &answer);
                let (subject, was, is) = difference(decided, &instead)?;
                Some(format!(
                    "its answer depends on the order of its input: for {subject} it decides {was}, and in another order {is}"
                ))
            }
        }
    })
}

/// An Application Load Balancer needs subnets in two zones, and a Network Load Balancer one subnet.
fn too_few(input: &SubnetInput, chosen: usize) -> Option<String> {
    let scheme = input.scheme.as_str();
    let subnets = count(chosen, "subnet");
    (chosen < 2).then(|| {
        format!("it chooses {subnets}, so no Application Load Balancer that is {scheme} can be made: it needs two zones")
    })
}

/// The point, the scheme that a question about subnets is for, and how many subjects there are.
fn about(question: &PolicyQuestion) -> (PolicyPoint, Option<Scheme>, usize) {
    match question {
        PolicyQuestion::Grouping(input) => (PolicyPoint::Grouping, None, input.members.len()),
        PolicyQuestion::Subnets(input) => (PolicyPoint::Subnets, Some(input.scheme), input.candidates.len()),
        PolicyQuestion::Certificates(input) => (PolicyPoint::Certificates, None, input.hosts.len()),
    }
}
