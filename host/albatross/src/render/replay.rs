//! The result of a replay for people.

use std::{borrow::Cow, cmp::Ordering, collections::BTreeMap};

use albatross_contract::{ComponentIdentity, Snapshot};

use super::{columns::wrap, style::Style, time::moment, words::short_digest};
use crate::{
    comparison::{Comparison, Extent, Figures},
    replay::{Cost, HOURS, MicroDollars, Month, component},
};

/// The plan is the same: `verdict` says how much so. `others`: the policies that were asked now, if they are not those of the
/// recording.
pub fn identical(
    snapshot: &Snapshot,
    verdict: &str,
    planner: &ComponentIdentity,
    others: &[Cow<'_, str>],
) -> String {
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

/// The warning that passes were recorded with another planner. `what`: the passes with a verb, such as `2 passes were`.
pub fn other_planner(what: &str, recorded: &ComponentIdentity, now: &ComponentIdentity) -> String {
    format!(
        "{what} recorded with planner {}, and replayed with another planner, {}",
        component(recorded),
        component(now)
    )
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

/// What the figures of two plans, or of two times many plans, are called.
struct Titles {
    in_use: &'static str,
    moves: &'static str,
    moves_withheld: &'static str,
    application_load_balancers: &'static str,
}

/// The key figures of two plans.
pub fn figures(before: &Figures, after: &Figures) -> Vec<Row> {
    let titles = Titles {
        in_use: "load balancers in use",
        moves: "moves (DNS name changes)",
        moves_withheld: "moves that budgets withhold",
        application_load_balancers: "ALBs in the account",
    };
    let (one, other) = (before.extent.load_balancers, after.extent.load_balancers);
    let mut rows = vec![numbers("load balancers", one, other)];
    rows.extend(extents(&titles, &before.extent, &after.extent));
    rows.push(numbers("actions", before.actions, after.actions));
    rows
}

/// The key figures of a month in a region.
pub fn monthly(month: &Month) -> Vec<Row> {
    let titles = Titles {
        in_use: "load balancers in use, at most",
        moves: "Ingresses whose DNS name changes",
        moves_withheld: "Ingresses that budgets withhold",
        application_load_balancers: "ALBs in the account, at most",
    };
    let mut rows = extents(&titles, &month.recorded, &month.replayed);
    rows.extend(month.cost.as_ref().map(cost));
    rows
}

/// What load balancers cost a month, in whole dollars.
fn cost(cost: &Cost) -> Row {
    let [before, after] = [cost.recorded, cost.replayed].map(MicroDollars::rounded);
    let difference = match after.cmp(&before) {
        Ordering::Equal => String::new(),
        Ordering::Greater => format!("+${}", after - before),
        Ordering::Less => format!("-${}", before - after),
    };
    Row { title: "cost a month, about", before: format!("${before}"), after: format!("${after}"), difference }
}

/// How the costs of months were computed, and for which regions there are none. `None`: there are no months.
pub fn cost_note(months: &[Month]) -> Option<String> {
    let prices: BTreeMap<&str, Option<MicroDollars>> =
        months.iter().map(|month| (month.region.as_str(), month.cost.map(|cost| cost.hour))).collect();
    let known = prices.iter().filter_map(|(region, price)| price.map(|price| format!("{price} in {region}")));
    let unknown: Vec<&str> = prices.iter().filter(|it| it.1.is_none()).map(|(region, _)| *region).collect();
    let known = known.collect::<Vec<_>>().join(", ");
    let mut sentences = Vec::new();
    if !known.is_empty() {
        sentences.push(format!(
            "Cost: load balancer hours only, the most load balancers in use at a time × {HOURS} h, at an hourly price of {known}."
        ));
    }
    if !unknown.is_empty() {
        let regions = unknown.join(", ");
        sentences.push(format!(
            "The cost in {regions} is left out, since the price is not known: pass --price REGION=DOLLARS, the price of an hour."
        ));
    }
    (!sentences.is_empty()).then(|| sentences.join(" "))
}

/// The rows that all tables have.
fn extents(titles: &Titles, before: &Extent, after: &Extent) -> Vec<Row> {
    let certificates = |it: &Extent| share(it.most_certificates, it.certificate_limit);
    let load_balancers =
        |it: &Extent| share(it.application_load_balancers, it.application_load_balancer_quota);
    vec![
        numbers(titles.in_use, before.in_use, after.in_use),
        numbers(titles.moves, before.moves, after.moves),
        numbers(titles.moves_withheld, before.moves_withheld, after.moves_withheld),
        texts("certificates, at most", certificates(before), certificates(after)),
        texts(titles.application_load_balancers, load_balancers(before), load_balancers(after)),
    ]
}

/// A row: the title, both values, and how much more there is now.
pub struct Row {
    /// What it is.
    pub title: &'static str,
    /// The recorded value.
    pub before: String,
    /// The value now.
    pub after: String,
    /// How much more there is now, if that is a number and there is a difference.
    pub difference: String,
}

/// The title of recorded values.
pub const RECORDED: &str = "as recorded";

/// Numbers, with their difference.
pub(super) fn numbers(title: &'static str, before: usize, after: usize) -> Row {
    let difference = match after.cmp(&before) {
        Ordering::Equal => String::new(),
        Ordering::Greater => format!("+{}", after - before),
        Ordering::Less => format!("-{}", before - after),
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
