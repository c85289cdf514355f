//! Tries a case: asks the policy and compares what it decides with what is expected.

use std::path::{Path, PathBuf};

use albatross_contract::{ComponentIdentity, LoadBalancerFate, PolicyQuestion};
use albatross_engine::{Asked, Planner, Policy, PolicySet};
use albatross_manifests::Source;
use serde::Serialize;

use super::{
    expectation::{Mismatch, mismatches},
    file::{Case, Manifest},
    placement::Placement,
};
use crate::{
    error::Error,
    example,
    inputs::{self, read_inventory, read_recording},
    policies::{
        calls::calls,
        decisions::{decisions, lines},
        examination::{Recording, adapt},
        fixture,
    },
};

/// What came of a file of cases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Tested {
    /// The file.
    pub file: PathBuf,
    /// The policy.
    pub policy: ComponentIdentity,
    /// The cases, in the order of the file.
    pub cases: Vec<Tried>,
}

/// What came of a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Tried {
    /// The name of the case.
    pub name: String,
    /// Whether everything is as expected.
    pub passed: bool,
    /// What is not as expected.
    pub mismatches: Vec<Mismatch>,
    /// What the policy decided, a line for each decision. Empty: it failed.
    pub decisions: Vec<String>,
    /// What a person should know about the recorded settings of the snapshot.
    pub remarks: Vec<String>,
}

/// Tries a case of a file in this folder.
pub fn tried(planner: &Planner, policy: &Policy, case: &Case, folder: &Path) -> Tried {
    let name = case.name.clone();
    match answers(planner, policy, case, folder) {
        Ok(answers) => {
            let mismatches = judged(case, &answers);
            let Answers { lines: decisions, remarks, .. } = answers;
            Tried { name, passed: mismatches.is_empty(), mismatches, decisions, remarks }
        }
        Err(error) => {
            let mismatches = vec![broken("the case can be tried", error.to_string())];
            Tried { name, passed: false, mismatches, decisions: Vec::new(), remarks: Vec::new() }
        }
    }
}

/// What is not as the case expects.
fn judged(case: &Case, answers: &Answers) -> Vec<Mismatch> {
    match (&case.expect.fails, &answers.failure) {
        (None, None) => mismatches(&case.expect, &answers.placement),
        (None, Some(failure)) => vec![broken("the policy answers", failure.clone())],
        (Some(part), Some(failure)) if failure.contains(part.as_str()) => Vec::new(),
        (Some(part), failure) => vec![Mismatch {
            field: "fails".to_owned(),
            expected: format!("it fails with {part:?}"),
            actual: failure.clone().unwrap_or_else(|| "it does not fail".to_owned()),
        }],
    }
}

/// A mismatch of something that every case expects.
fn broken(expected: &str, actual: String) -> Mismatch {
    Mismatch { field: "expect".to_owned(), expected: expected.to_owned(), actual }
}

/// What a policy answered.
#[derive(Default)]
struct Answers {
    placement: Placement,
    /// The decisions for people.
    lines: Vec<String>,
    /// How it failed.
    failure: Option<String>,
    /// What was changed in the settings of the snapshot.
    remarks: Vec<String>,
}

impl Answers {
    fn add(&mut self, question: &PolicyQuestion, asked: &Asked) {
        match &asked.answer {
            Ok(answer) => {
                self.placement.add(question, answer);
                self.lines.extend(lines(&decisions(question, answer)));
            }
            Err(failed) => self.failure = Some(failed.source.breach.to_string()),
        }
    }

    fn failed(failure: String) -> Answers {
        Answers { failure: Some(failure), ..Answers::default() }
    }
}

fn answers(planner: &Planner, policy: &Policy, case: &Case, folder: &Path) -> Result<Answers, Error> {
    let settings = case.settings.as_ref().map(serde_json::to_string).transpose()?;
    if let Some(path) = &case.question {
        return answer_to_question(policy, fixture::read(&folder.join(path))?, settings);
    }
    let (mut snapshot, recorded) = recording(case, folder)?;
    let policies = PolicySet::new(vec![policy.clone()])?;
    let remarks = match adapt(&mut snapshot, &recorded, &policies, settings.as_deref()) {
        Ok(remarks) => remarks,
        Err(refused) => return Ok(Answers::failed(refused.to_string())),
    };
    let mut answers = Answers { remarks, ..Answers::default() };
    for call in calls(planner, &policies, snapshot.clone())? {
        answers.add(&call.question, &call.asked);
    }
    if case.expect.load_balancers.is_some() && answers.failure.is_none() {
        let plan = planner.plan(&snapshot, &policies)?.plan;
        let is_kept =
            |fate: &LoadBalancerFate| matches!(fate, LoadBalancerFate::Create | LoadBalancerFate::Keep);
        let count = plan.load_balancers.iter().filter(|found| is_kept(&found.fate)).count();
        answers.placement.load_balancers = Some(count);
    }
    Ok(answers)
}

fn answer_to_question(
    policy: &Policy,
    mut question: PolicyQuestion,
    settings: Option<String>,
) -> Result<Answers, Error> {
    let of_question = match &mut question {
        PolicyQuestion::Grouping(input) => &mut input.settings,
        PolicyQuestion::Subnets(input) => &mut input.settings,
        PolicyQuestion::Certificates(input) => &mut input.settings,
    };
    if let Some(settings) = settings {
        *of_question = settings;
    }
    if let Err(refused) = policy.validate_settings(of_question) {
        return Ok(Answers::failed(refused.to_string()));
    }
    let mut answers = Answers::default();
    answers.add(&question, &policy.ask_again(&question));
    Ok(answers)
}

/// What a case asks about.
fn recording(case: &Case, folder: &Path) -> Result<Recording, Error> {
    if let Some(path) = &case.snapshot {
        return read_recording(&folder.join(path));
    }
    let cluster = match &case.manifests {
        None => example::first()?.cluster,
        Some(manifests) => {
            let read = albatross_manifests::read(&sources(manifests, folder)?)?;
            if let Some(problem) = read.problems.first() {
                return Err(Error::Manifest { problem: problem.to_string() });
            }
            read.cluster
        }
    };
    let inventory = match &case.cloud {
        None => example::cloud()?,
        Some(path) => read_inventory(&folder.join(path))?,
    };
    Ok((inputs::snapshot(cluster, inventory, example::settings()?, None), Vec::new()))
}

/// The manifests of a case; the objects in it together are one more file.
fn sources(manifests: &[Manifest], folder: &Path) -> Result<Vec<Source>, Error> {
    let mut sources = Vec::new();
    for (at, manifest) in manifests.iter().enumerate() {
        sources.push(match manifest {
            Manifest::Path(path) => Source::Path(PathBuf::from(folder).join(path)),
            Manifest::Object(object) => {
                Source::Text { name: format!("manifests[{at}]"), bytes: serde_json::to_vec(object)? }
            }
        });
    }
    Ok(sources)
}
