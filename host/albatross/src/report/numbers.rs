//! The numbers of a report as tables.

use albatross_contract::{Plan, Snapshot, Withheld};

use super::both::Both;
use crate::{
    comparison::Figures,
    html::{
        Element, element,
        table::{cell, column, left_out, number, numbers, table, title},
        text,
    },
    render::{
        replay::{Row, figures},
        words::first_of,
    },
    what_if::{Quota, quota_changes},
};

/// The most rows of a list.
const ROWS: usize = 500;

/// Key figures of both sides: rows as the screens have them.
pub fn rows(caption: &str, titles: [&str; 2], rows: &[Row]) -> Element {
    let [before, after] = titles;
    let cells =
        |row: &Row| vec![title(row.title), number(&row.before), number(&row.after), number(&row.difference)];
    table(
        caption,
        vec![column("figure"), numbers(before), numbers(after), numbers("difference")],
        rows.iter().map(cells).collect(),
    )
}

/// Key figures and quotas of two plans with their snapshots. Plans alone have none.
pub fn of_both(both: &Both<'_>) -> Vec<Element> {
    let Some((old, new)) = both.before.side.snapshot.zip(both.after.side.snapshot) else { return Vec::new() };
    let (one, other) = (both.before.side.plan, both.after.side.plan);
    vec![
        rows("Key figures", both.titles(), &figures(&Figures::new(old, one), &Figures::new(new, other))),
        quotas(both.titles(), (old, one), (new, other)),
    ]
}

/// How much of the quotas is used, by the resource that uses most of each.
pub fn quotas(titles: [&str; 2], before: (&Snapshot, &Plan), after: (&Snapshot, &Plan)) -> Element {
    let used = |quota: &Quota| format!("{} of {} ({})", quota.used, quota.limit, quota.resource);
    let changes = quota_changes(before, after);
    let cells = changes.iter().map(|change| {
        let before = change.before.as_ref().map_or_else(|| "0".to_owned(), used);
        vec![title(change.quota), cell(&before), cell(&used(&change.after))]
    });
    let [before, after] = titles;
    table(
        "Quotas, by the resource that uses most of each",
        vec![column("quota"), column(before), column(after)],
        cells.collect(),
    )
}

/// What the budgets of a plan withhold.
pub fn withheld(plan: &Plan) -> Vec<Element> {
    let row = |withheld: &Withheld| {
        vec![title(&withheld.message), cell(&listed(&withheld.ids)), number(&withheld.limit.to_string())]
    };
    if plan.withheld.is_empty() {
        return Vec::new();
    }
    let rows = plan.withheld.iter().take(ROWS).map(row).collect();
    let mut elements = vec![table(
        "Changes that a budget withholds",
        vec![column("what"), column("which"), numbers("at most")],
        rows,
    )];
    elements.extend(left_out(plan.withheld.len().saturating_sub(ROWS), "withheld change", ""));
    elements
}

/// The first of many names.
pub fn listed(names: &[String]) -> String {
    first_of(names, 100)
}

/// A list of messages.
pub fn messages(messages: &[String]) -> Vec<Element> {
    if messages.is_empty() {
        return Vec::new();
    }
    let items = messages.iter().take(ROWS).map(|message| text("li", message));
    let mut elements = vec![element("ul").with_all(items)];
    elements.extend(left_out(messages.len().saturating_sub(ROWS), "message", ""));
    elements
}
