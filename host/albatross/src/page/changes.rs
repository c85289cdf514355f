//! The last plan: what it changes and why, what is withheld, and what its execution came to.

use albatross_contract::{ActionResult, ActionState};

use super::{Answer, Shown, document, ok};
use crate::{
    html::{
        Element, element,
        frame::Section,
        table::{cell, column, left_out, table, title},
    },
    render::{
        names::Names,
        plan::{last_line, load_balancers},
        problems::problems_text,
        style::Style,
        terms,
    },
    report::numbers::withheld,
};

/// The most characters of the text of a plan.
const TEXT: usize = 400_000;
/// The most actions.
const ACTIONS: usize = 1_000;

/// The page.
pub fn page(shown: &Shown) -> Answer {
    let Shown { snapshot, plan, results, .. } = shown;
    let failed = results.iter().any(|result| result.state == ActionState::Failed);
    let verdict = last_line(snapshot, plan, Style::plain()).trim_end().to_owned();
    let sections = [
        Section::new("withheld", "Withheld", withheld(plan)),
        Section::new("changes", "Changes", changes(shown)),
        Section::new("execution", "Execution", execution(results, shown)),
    ];
    let sections = sections.into_iter().filter(|section| !section.content.is_empty());
    let head = shown.head("Last plan", verdict, failed || !plan.withheld.is_empty());
    ok(document(head, "plan", sections.map(Section::element).collect()))
}

/// The screen of `albatross plan`.
fn changes(shown: &Shown) -> Vec<Element> {
    let Shown { snapshot, plan, .. } = shown;
    let mut screen = load_balancers(snapshot, plan, Style::plain());
    screen.push('\n');
    screen.push_str(&problems_text(plan, &Names::new(&snapshot.inventory, plan), Style::plain()));
    let all = screen.lines().count();
    let mut length = 0;
    let lines = screen.lines().take_while(|line| {
        length += line.len() + 1;
        length <= TEXT
    });
    let shown: Vec<&str> = lines.collect();
    if screen.trim().is_empty() {
        return Vec::new();
    }
    let text = element("pre")
        .attribute("tabindex", "0")
        .attribute("role", "group")
        .attribute("aria-label", "The plan")
        .lines(shown.join("\n").trim_start_matches('\n'));
    let mut content = vec![text];
    content.extend(left_out(all - shown.len(), "line", ""));
    content
}

/// The actions that were tried.
fn execution(results: &[ActionResult], shown: &Shown) -> Vec<Element> {
    if results.is_empty() {
        return Vec::new();
    }
    let reason = |id: &str| {
        shown.plan.actions.iter().find(|action| action.id == id).map(|action| action.reason.as_str())
    };
    let row = |result: &ActionResult| {
        vec![
            title(&result.action),
            cell(reason(&result.action).unwrap_or_default()),
            cell(&terms::action_state(result.state)),
            cell(result.error.as_deref().unwrap_or_default()),
        ]
    };
    // Failures first.
    let mut ordered: Vec<&ActionResult> = results.iter().collect();
    ordered.sort_by_key(|result| result.state != ActionState::Failed);
    let rows = ordered.iter().take(ACTIONS).map(|result| row(result)).collect();
    let columns = vec![column("action"), column("why"), column("result"), column("error")];
    let mut content = vec![table("Actions", columns, rows)];
    content.extend(left_out(results.len().saturating_sub(ACTIONS), "action", ""));
    content
}
