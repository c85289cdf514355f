//! The result of a replay for people.

use albatross_contract::{ComponentIdentity, Snapshot};

use super::{columns::wrap, style::Style, time::moment, words::short_digest};
use crate::comparison::{Comparison, Figures};

/// The plan is the same: `verdict` says how much so. `others`: the policies that were asked now, if they are not those of the
/// recording.
pub fn identical(snapshot: &Snapshot, verdict: &str, planner: &ComponentIdentity, others: &[&str]) -> String {
    let plan = format!(
        "The plan of {} is {verdict} ({}, sha256 {})",
        moment(snapshot.time),
        planner.name,
        short_digest(&planner.sha256)
    );
    match others {
        [] => format!("{plan}\n"),
        others => format!("{plan}: no difference with {}\n", others.join(", ")),
    }
}

/// Two plans side by side: a table, and the first difference.
pub fn comparison(comparison: &Comparison, replayed: &str, style: Style) -> String {
    let rows = figures(&comparison.recorded, &comparison.replayed);
    let mut out = table("", [RECORDED, replayed], &rows);
    let last = match &comparison.first_difference {
        Some(difference) => format!("first difference: {difference}"),
        None => "no difference".to_owned(),
    };
    for line in wrap(&last, style.width()) {
        out.push_str(&line);
        out.push('\n');
    }
    out
}

/// The key figures of two plans.
pub(super) fn figures(before: &Figures, after: &Figures) -> [Row; 6] {
    let certificates = |figures: &Figures| share(figures.most_certificates, figures.certificate_limit);
    let load_balancers = |figures: &Figures| {
        share(figures.application_load_balancers, figures.application_load_balancer_quota)
    };
    [
        numbers("load balancers", before.load_balancers, after.load_balancers),
        numbers("moves (DNS name changes)", before.moves, after.moves),
        numbers("moves that budgets withhold", before.moves_withheld, after.moves_withheld),
        texts("certificates, at most", certificates(before), certificates(after)),
        texts("ALBs in the account", load_balancers(before), load_balancers(after)),
        numbers("actions", before.actions, after.actions),
    ]
}

/// A row: the title, both values, and how much more there is now.
pub(super) struct Row {
    pub title: &'static str,
    pub before: String,
    pub after: String,
    pub difference: String,
}

/// The title of recorded values.
pub(super) const RECORDED: &str = "as recorded";

/// Numbers, with their difference.
pub(super) fn numbers(title: &'static str, before: usize, after: usize) -> Row {
    let difference = match after.cmp(&before) {
        std::cmp::Ordering::Equal => String::new(),
        std::cmp::Ordering::Greater => format!("+{}", after - before),
        std::cmp::Ordering::Less => format!("-{}", before - after),
    };
    Row { title, before: before.to_string(), after: after.to_string(), difference }
}

/// Texts.
pub(super) fn texts(title: &'static str, before: String, after: String) -> Row {
    Row { title, before, after, difference: String::new() }
}

/// `9/25`: how much of a limit is used.
pub(super) fn share(used: usize, limit: impl std::fmt::Display) -> String {
    format!("{used}/{limit}")
}

/// A table with a heading, and titles of both values.
pub(super) fn table(heading: &str, [before, after]: [&str; 2], rows: &[Row]) -> String {
    let titles = rows.iter().map(|row| row.title.chars().count());
    let first = titles.chain([heading.chars().count()]).max().unwrap_or_default() + 2;
    let width = after.chars().count().max(12);
    let mut out = format!("{heading:<first$}{before:>12}  {after:>width$}\n");
    for Row { title, before, after, difference } in rows {
        out.push_str(format!("{title:<first$}{before:>12}  {after:>width$}  {difference:>6}").trim_end());
        out.push('\n');
    }
    out
}
