//! The report of a replay of one pass.

use albatross_contract::{Plan, Snapshot};

use super::{
    both::{Both, Titled},
    differences::rows,
    filter::form,
    fleet::{fleet, fleets},
    numbers,
    page::page,
};
use crate::{
    difference::Side,
    html::{
        Element,
        frame::{Head, Section},
    },
    render::{plan::contents, replay::RECORDED},
};

/// A pass that was planned again.
pub struct Replayed<'a> {
    /// Its file.
    pub file: &'a str,
    /// What was planned.
    pub snapshot: &'a Snapshot,
    /// The recorded plan.
    pub recorded: &'a Plan,
    /// The plan made now.
    pub plan: &'a Plan,
}

/// A replay of one pass.
pub struct Single<'a> {
    /// The pass.
    pub pass: Replayed<'a>,
    /// What came of it, in one sentence.
    pub verdict: String,
    /// Whether a person must look at it.
    pub is_problem: bool,
    /// What a person should know about it.
    pub messages: Vec<String>,
    /// What planned it now, in words.
    pub planned_with: String,
    /// What was tried, in words. Empty: nothing.
    pub tried: String,
}

/// The report of one pass.
pub fn single(single: &Single<'_>) -> String {
    let Single { pass, verdict, is_problem, messages, planned_with, tried } = single;
    let replayed = title(tried);
    let both = pass.both(replayed);
    let rows = rows(&both);
    let mut facts = vec![("Snapshot", contents(pass.snapshot)), ("Planned with", planned_with.clone())];
    if !tried.is_empty() {
        facts.push(("Tried", tried.clone()));
    }
    let head = Head {
        title: format!("Replay of {}", pass.file),
        verdict: verdict.trim_end().to_owned(),
        is_problem: *is_problem,
        facts,
    };
    let mut differing = Vec::new();
    if !rows.is_empty() {
        differing.push(form(&[&rows]));
        differing.extend(rows.table(&format!("What differs: {}", rows.counted()), both.titles()));
    }
    page(
        head,
        vec![
            Section::new("problems", "What to look at", numbers::messages(messages)),
            Section::new("differences", "What differs", differing),
            Section::new("fleet", "Load balancers", picture(&both)),
            Section::new("withheld", "Withheld", numbers::withheld(pass.plan))
                .titled(format!("Withheld, {replayed}")),
            Section::new("numbers", "Numbers", numbers::of_both(&both)),
        ],
    )
}

/// The title of what was planned now. `tried`: what was tried, in words.
pub(super) fn title(tried: &str) -> &str {
    if tried.is_empty() { "replayed" } else { tried }
}

impl<'a> Replayed<'a> {
    /// Both plans.
    pub(super) fn both(&self, replayed: &'a str) -> Both<'a> {
        let titled = |title, plan| Titled { title, side: Side { snapshot: Some(self.snapshot), plan } };
        Both { before: titled(RECORDED, self.recorded), after: titled(replayed, self.plan) }
    }
}

/// Both fleets, or one if they are the same.
pub(super) fn picture(both: &Both<'_>) -> Vec<Element> {
    if both.before.side.plan.load_balancers == both.after.side.plan.load_balancers {
        return fleet(&both.after);
    }
    fleets(both)
}
