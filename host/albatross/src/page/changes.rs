//! The last plan that changes something: what it changes and why, what is withheld, and what its execution came to.

use std::collections::BTreeMap;

use albatross_contract::{Action, ActionResult, ActionState};

use super::{Answer, Page, Shown, attention::attention, document, ok};
use crate::{
    html::{
        Element, element,
        frame::Section,
        table::{cell, column, left_out, scrolling, table, title},
        text,
    },
    render::{plan::change_texts, progress::Progress, style::Style, summary::Summary, terms},
    report::both::load_balancer_name,
};

/// The most characters of all changes.
const TEXT: usize = 400_000;
/// The most actions.
const ACTIONS: usize = 1_000;

/// The page.
pub fn page(page: &Page, shown: &Shown) -> Answer {
    let verdict = Summary::new(&shown.snapshot, &shown.plan).line(&shown.snapshot, &shown.plan);
    let sections = [
        Section::new("look", "What to look at", attention(shown)),
        Section::new("changes", "Changes", changes(shown)),
        Section::new("execution", "Execution", execution(shown)),
    ];
    let sections = sections.into_iter().filter(|section| !section.content.is_empty());
    let head = page.head(shown, "Last change", &verdict, shown.needs_a_look());
    ok(document(head, "plan", sections.map(Section::element).collect()))
}

/// What changes on each load balancer, as on the screen of `albatross plan`.
fn changes(shown: &Shown) -> Vec<Element> {
    let all = change_texts(&shown.snapshot, &shown.plan, Style::plain());
    let mut length = 0;
    let texts: Vec<&(String, String)> = all
        .iter()
        .take_while(|(_, changes)| {
            length += changes.len();
            length <= TEXT
        })
        .collect();
    let one = |(title, changes): &(String, String)| {
        element("div")
            .with(text("h3", title))
            .with(scrolling(title, element("pre").lines(changes.trim_end())))
    };
    let mut content: Vec<Element> = texts.iter().map(|text| one(text)).collect();
    content.extend(left_out(all.len() - texts.len(), "load balancer", " with changes"));
    content
}

/// The actions that were tried, those that did not succeed first.
fn execution(shown: &Shown) -> Vec<Element> {
    let results = &shown.results;
    if results.is_empty() {
        return Vec::new();
    }
    let actions: BTreeMap<&str, &Action> =
        shown.plan.actions.iter().map(|action| (action.id.as_str(), action)).collect();
    let progress = Progress::new(&shown.snapshot.inventory, &shown.plan);
    let row = |result: &ActionResult| {
        let action = actions.get(result.action.as_str());
        let what = action.map_or_else(|| result.action.clone(), |action| progress.row(action).subject);
        let on = action.map_or("", |action| load_balancer_name(&shown.plan, &action.load_balancer));
        vec![
            title(what.trim()),
            cell(on),
            cell(action.map_or("", |action| &action.reason)),
            cell(&terms::action_state(result.state)),
            cell(result.error.as_deref().unwrap_or_default()),
        ]
    };
    let mut ordered: Vec<&ActionResult> = results.iter().collect();
    ordered.sort_by_key(|result| match result.state {
        ActionState::Failed => 0,
        ActionState::Skipped => 1,
        ActionState::Done => 2,
    });
    let rows = ordered.iter().take(ACTIONS).map(|result| row(result)).collect();
    let columns =
        vec![column("action"), column("load balancer"), column("why"), column("result"), column("error")];
    let mut content = vec![table("Actions, the failed ones first", columns, rows)];
    content.extend(left_out(results.len().saturating_sub(ACTIONS), "action", ""));
    content
}
