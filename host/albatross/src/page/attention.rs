//! What a person should look at, the worst first.

use albatross_contract::{ObjectName, Severity};

use super::{Shown, address::address};
use crate::{
    html::{Element, element, table::left_out, text},
    render::{
        problems::{Problem, problems},
        words::more_of,
    },
    report::numbers::withheld,
};

/// The most problems.
const PROBLEMS: usize = 100;
/// The most names of a problem.
const SUBJECTS: usize = 20;

/// What could not be read, which policies failed, the problems of the plan, and what is withheld.
pub fn attention(shown: &Shown) -> Vec<Element> {
    let undone = shown.undone();
    let messages = shown.messages.iter().chain(&undone);
    let messages = messages.map(|message| item("error", Vec::new(), message, None));
    let problems = problems(&shown.plan);
    let items: Vec<Element> = messages.chain(problems.iter().take(PROBLEMS).map(problem)).collect();
    let mut content = Vec::new();
    if !items.is_empty() {
        content.push(element("ul").class("problems").with_all(items));
    }
    content.extend(left_out(problems.len().saturating_sub(PROBLEMS), "problem", ""));
    content.extend(withheld(&shown.plan));
    content
}

fn problem(problem: &Problem) -> Element {
    let severity = match problem.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    };
    let all: Vec<&String> = problem.subjects.iter().filter(|subject| !subject.is_empty()).collect();
    let mut subjects: Vec<Element> = all.iter().take(SUBJECTS).map(|name| subject(name)).collect();
    let more = all.len().saturating_sub(SUBJECTS);
    subjects.extend((more > 0).then(|| text("span", &more_of(more, "object")).class("faint")));
    item(severity, subjects, &problem.text, problem.remedy.as_deref())
}

/// An object, which can be explained, or something else.
fn subject(name: &str) -> Element {
    match ObjectName::parse(name) {
        Some(_) => text("a", name).attribute("href", &address("explain", "object", name)),
        None => text("strong", name),
    }
}

fn item(severity: &'static str, subjects: Vec<Element>, what: &str, remedy: Option<&str>) -> Element {
    element("li")
        .with(text("span", severity).class("badge"))
        .with_all(subjects)
        .with(text("span", what))
        .with_all(remedy.map(|remedy| text("span", remedy).class("faint")))
}
