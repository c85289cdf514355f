//! Asks a policy what the planner would ask it for a snapshot: does it answer, always in the same way, and whatever the order of
//! its input is?

use std::{collections::BTreeMap, time::Duration};

use albatross_contract::{PolicyPoint, PolicyQuestion, Snapshot};
use albatross_engine::{Asked, EngineError, Planner, Policy, PolicySet};

use super::reordered::{decisions, reversed};
use crate::{error::Error, inputs::add_policies};

/// What a policy answered to one question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Examined {
    /// The point.
    pub point: PolicyPoint,
    /// What it decided, by subject: an object, a host, or the load balancers of a scheme.
    pub decisions: BTreeMap<String, String>,
    /// How many subjects the question has.
    pub subjects: usize,
    /// Fuel of the first answer.
    pub fuel: u64,
    /// Peak memory of the first answer, in bytes.
    pub memory: u64,
    /// Wall-clock time of the first answer.
    pub took: Duration,
    /// Everything that is wrong, in words. Empty: nothing.
    pub faults: Vec<String>,
}

/// Asks a policy all that the planner would ask it.
///
/// `settings`: the settings of the policy, instead of those in the snapshot.
///
/// # Errors
/// The policy does not understand its settings, or no plan can be made from the snapshot for another reason than the policy.
pub fn examine(
    planner: &Planner,
    policy: &Policy,
    mut snapshot: Snapshot,
    settings: Option<&str>,
) -> Result<Vec<Examined>, Error> {
    let policies = PolicySet::new(vec![policy.clone()])?;
    snapshot.frozen.clear();
    snapshot.settings.policies.retain(|setting| policies.get(setting.point).is_some());
    if let Some(settings) = settings {
        snapshot.settings.policies.clear();
        add_policies_with(&mut snapshot, &policies, settings);
    }
    add_policies(&mut snapshot.settings, &policies)?;
    let questions: Result<Vec<PolicyQuestion>, EngineError> = planner.questions(&snapshot, &policies);
    Ok(questions?.iter().map(|question| ask(policy, question)).collect())
}

fn add_policies_with(snapshot: &mut Snapshot, policies: &PolicySet, settings: &str) {
    let all = policies.points();
    snapshot.settings.policies =
        all.map(|point| albatross_contract::PolicySetting { point, settings: settings.to_owned() }).collect();
}

fn ask(policy: &Policy, question: &PolicyQuestion) -> Examined {
    let first = policy.ask_again(question);
    let mut examined = Examined {
        point: point(question),
        decisions: BTreeMap::new(),
        subjects: subjects(question),
        fuel: first.fuel,
        memory: first.memory,
        took: first.took,
        faults: Vec::new(),
    };
    let Some(decided) = decided(question, &first, &mut examined.faults) else { return examined };
    let again = policy.ask_again(question);
    if again.answer.as_ref().ok() != first.answer.as_ref().ok() {
        examined.faults.push("asked the same again, it answers something else".to_owned());
    }
    if again.fuel != first.fuel {
        examined.faults.push("asked the same again, it uses another amount of fuel".to_owned());
    }
    let reversed = reversed(question);
    let mut faults = Vec::new();
    let other = self::decided(&reversed, &policy.ask_again(&reversed), &mut faults);
    examined.faults.extend(faults.iter().map(|fault| format!("with its input in another order, {fault}")));
    let other = other.unwrap_or_default();
    let differs = decided.iter().find(|(subject, what)| other.get(*subject) != Some(what));
    if let (true, Some((subject, what))) = (faults.is_empty(), differs) {
        let instead = other.get(subject).map_or("left out", String::as_str);
        examined.faults.push(format!(
            "its answer depends on the order of its input: {subject} is {what}, and with the input in the reverse order {instead}"
        ));
    }
    examined.decisions = decided;
    examined
}

/// What an answer decides. `None`: there is no answer, which is a fault.
fn decided(
    question: &PolicyQuestion,
    asked: &Asked,
    faults: &mut Vec<String>,
) -> Option<BTreeMap<String, String>> {
    match &asked.answer {
        Ok(answer) => Some(decisions(question, answer)),
        Err(failed) => {
            faults.push(failed.source.breach.to_string());
            None
        }
    }
}

fn point(question: &PolicyQuestion) -> PolicyPoint {
    match question {
        PolicyQuestion::Grouping(_) => PolicyPoint::Grouping,
        PolicyQuestion::Subnets(_) => PolicyPoint::Subnets,
        PolicyQuestion::Certificates(_) => PolicyPoint::Certificates,
    }
}

fn subjects(question: &PolicyQuestion) -> usize {
    match question {
        PolicyQuestion::Grouping(input) => input.members.len(),
        PolicyQuestion::Subnets(input) => input.candidates.len(),
        PolicyQuestion::Certificates(input) => input.hosts.len(),
    }
}
