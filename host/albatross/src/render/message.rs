//! What a command says about its input, besides its answer.

use std::collections::BTreeMap;

use albatross_contract::{IncompletePart, ViewPart};
use albatross_engine::PolicyFailed;
use albatross_manifests::Problem;

use super::terms;

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// A part of the input cannot be used.
    Error(String),
    /// What follows from it, or something that a person should know.
    Warning(String),
}

impl Message {
    /// What it says.
    pub fn text(&self) -> &str {
        let (Message::Error(text) | Message::Warning(text)) = self;
        text
    }
}

/// Names every object and every part of the cluster and the account that could not be read, and every policy that failed.
pub fn messages(problems: &[Problem], unread: &[IncompletePart], failures: &[PolicyFailed]) -> Vec<Message> {
    let mut messages: Vec<Message> =
        problems.iter().map(|problem| Message::Error(problem.to_string())).collect();
    let warning = |message: &str| Message::Warning(message.to_owned());
    if !problems.is_empty() {
        messages.push(warning(
            "the other objects are planned; nothing is removed because of the objects that cannot be read",
        ));
    }
    for ((part, reason), resources) in by_reason(unread) {
        let of = match resources.as_slice() {
            [] => String::new(),
            [only] => format!(" of {only}"),
            [first, others @ ..] => format!(" of {first} and {} more", others.len()),
        };
        let part = terms::view_part(part);
        messages.push(Message::Error(format!("{part}{of} could not be read completely: {reason}")));
    }
    if !unread.is_empty() {
        messages.push(warning("everything that depends on them is kept as it is"));
    }
    for failure in failures {
        messages.push(Message::Error(failure.to_string()));
        let point = failure.point.as_str();
        messages.push(Message::Warning(format!(
            "{point} is frozen: existing decisions are kept, and new Ingresses wait until the policy answers"
        )));
    }
    messages
}

/// The parts that could not be read, with the resources concerned: when a call is denied, it fails for each resource.
fn by_reason(unread: &[IncompletePart]) -> BTreeMap<(ViewPart, &str), Vec<&str>> {
    let mut found: BTreeMap<(ViewPart, &str), Vec<&str>> = BTreeMap::new();
    for part in unread {
        let resources = found.entry((part.part, &part.reason)).or_default();
        resources.extend(part.resource.as_deref());
    }
    found
}
