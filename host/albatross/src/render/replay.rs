//! The result of a replay for people.

use albatross_contract::{ComponentIdentity, Snapshot};

use super::{columns::wrap, style::Style, time::moment, words::short_digest};
use crate::comparison::Comparison;

/// The plan is the same, byte for byte. `others`: the policies that were asked now, if they are not those of the recording.
pub fn identical(snapshot: &Snapshot, planner: &ComponentIdentity, others: &[&str]) -> String {
    let plan = format!(
        "The plan of {} is byte-identical ({}, sha256 {})",
        moment(snapshot.time),
        planner.name,
        short_digest(&planner.sha256)
    );
    match others {
        [] => format!("{plan}\n"),
        others => format!("{plan}: {} makes no difference\n", others.join(", ")),
    }
}

/// Two plans side by side: a table, and the first difference.
pub fn comparison(comparison: &Comparison, replayed: &str, style: Style) -> String {
    let (before, after) = (&comparison.recorded, &comparison.replayed);
    let certificates = |most: usize, limit: u32| format!("{most}/{limit}");
    let rows = [
        row("load balancers", before.load_balancers, after.load_balancers),
        row("moves (DNS name changes)", before.moves, after.moves),
        (
            "certificates, at most",
            certificates(before.most_certificates, before.certificate_limit),
            certificates(after.most_certificates, after.certificate_limit),
            String::new(),
        ),
        row("actions", before.actions, after.actions),
    ];
    let width = replayed.chars().count().max(12);
    let mut out = format!("{:<26}{:>12}  {replayed:>width$}\n", "", "as recorded");
    for (title, before, after, difference) in rows {
        out.push_str(format!("{title:<26}{before:>12}  {after:>width$}  {difference:>6}").trim_end());
        out.push('\n');
    }
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

fn row(title: &'static str, before: usize, after: usize) -> (&'static str, String, String, String) {
    let difference = match after.cmp(&before) {
        std::cmp::Ordering::Equal => String::new(),
        std::cmp::Ordering::Greater => format!("+{}", after - before),
        std::cmp::Ordering::Less => format!("-{}", before - after),
    };
    (title, before.to_string(), after.to_string(), difference)
}
