//! What a change of nodes, Ingresses, zones or certificates would do, as a comment.

use super::{document::Document, escape::text, plan::lines};
use crate::render::{
    plan::contents,
    replay::Row,
    summary::Summary,
    what_if::{SIDES, Shown},
};

/// The whole comment.
pub fn what_if(shown: &Shown<'_>) -> String {
    let mut document = Document::default();
    let plan = Summary::new(shown.then, shown.plan).line(shown.then, shown.plan);
    let head = format!(
        "### Albatross: what if {}?\n\n**{}**\n\n{}\n",
        text(&shown.change.words()),
        text(&shown.first()),
        text(&plan)
    );
    document.block("the summary", &head);
    for failure in shown.failures {
        document.block("a policy that failed", &format!("> **{}**\n", text(failure)));
    }
    document.block("the numbers", &table("", &shown.amount_rows()));
    document.block("the quotas", &table("Quotas", &shown.quota_rows()));
    let problems = shown.problem_rows();
    if !problems.is_empty() {
        document.folded("the problems", "<b>Problems that come or go</b>", &lines(&problems));
    }
    let foot = format!(
        "<sub>Snapshot: {}<br>Planner: {}</sub>\n",
        text(&contents(shown.now)),
        text(&shown.origin.line())
    );
    document.block("the planner", &foot);
    document.finish(
        "<code>albatross what-if</code> with the same arguments and <code>--output json</code> shows more",
    )
}

fn table(heading: &str, rows: &[Row]) -> String {
    let [now, then] = SIDES;
    let mut out = format!("| {heading} | {now} | {then} | |\n|:--|--:|--:|--:|\n");
    for row in rows {
        out.push_str(&format!("| {} | {} | {} | {} |\n", row.title, row.before, row.after, row.difference));
    }
    out
}
