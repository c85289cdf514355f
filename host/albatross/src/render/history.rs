//! The result of replaying a folder for people.

use std::time::Duration;

use super::{
    columns::{Row, Sign, wrap, write},
    progress::Progress,
    replay::{RECORDED, cost_note, monthly, table},
    style::Style,
    time::{date, length, moment},
    words::{count, more_of, short_digest},
};
use crate::{
    pass::Pass,
    replay::{Beginning, Difference, Differing, Earlier, Month, Move, Report, Span},
};

/// The most passes that are told one by one.
const TOLD: usize = 10;

/// The line that says it all, then the passes whose plans differ. `details`: every Ingress that moves in a trial.
pub fn report(report: &Report, details: bool, style: Style) -> String {
    let mut out = String::new();
    write_wrapped(&line(report), 0, style, &mut out);
    for differing in report.differing.iter().take(TOLD) {
        write_differing(differing, style, &mut out);
    }
    if let Some(more @ 1..) = report.differing.len().checked_sub(TOLD) {
        let line = format!("{} (`--output json` has all)", more_of(more, "pass"));
        write_wrapped(&line, 2, style, &mut out);
    }
    for month in &report.months {
        out.push('\n');
        write_month(month, &report.tried.join(", "), style, &mut out);
    }
    if let Some(note) = cost_note(&report.months) {
        out.push('\n');
        write_wrapped(&note, 0, style, &mut out);
    }
    if details {
        for span in report.changes.iter().filter(|span| !span.changes.is_empty()) {
            out.push('\n');
            write_span(span, style, &mut out);
        }
    } else if report.has_changes {
        out.push_str("\n--details lists every Ingress that moves, and what the budgets withhold.\n");
    }
    out
}

/// `200 passes, 2026-11-14 to 2026-11-21: all plans byte-identical (albatross 0.1.0, sha256 3f2a91c0)`.
pub fn line(report: &Report) -> String {
    format!(
        "{}{}{}: {} ({}, sha256 {})",
        count(report.passes, "pass"),
        report.shard.map(|shard| format!(" of shard {shard}")).unwrap_or_default(),
        days(report),
        verdict(report),
        report.planner.name,
        short_digest(&report.planner.sha256)
    )
}

fn write_month(month: &Month, tried: &str, style: Style, out: &mut String) {
    let heading = format!("{}, {}", month.month, month.region);
    out.push_str(&table(&heading, [RECORDED, tried], &monthly(month)));
    write_wrapped(&month_line(month), 0, style, out);
}

/// `2 of 4 passes differ; first difference: …`.
pub fn month_line(month: &Month) -> String {
    match &month.first_difference {
        None => format!("{}, and no difference", count(month.passes, "pass")),
        Some(first) => format!(
            "{} of {} {}; first difference: {} ({}): {}",
            month.differing,
            count(month.passes, "pass"),
            if month.differing == 1 { "differs" } else { "differ" },
            moment(first.time),
            first.file,
            first.difference
        ),
    }
}

fn write_span(span: &Span, style: Style, out: &mut String) {
    let line = if span.passes == 1 {
        format!("{}, 1 pass", moment(span.begin.time))
    } else {
        format!("{} to {}, {}", moment(span.begin.time), moment(span.last), count(span.passes, "pass"))
    };
    write_wrapped(&line, 0, style, out);
    let mut rows: Vec<Row> = Vec::new();
    for Move { object, from, to, name_changes } in &span.changes.moves {
        let note = if *name_changes { "; its DNS name changes" } else { "" };
        rows.push(Row::signed(2, Sign::Change, object.clone(), format!("{from} → {to}{note}")));
    }
    for withheld in &span.changes.withheld {
        rows.push(Row::signed(2, Sign::Attention, "withheld", withheld.message.clone()));
        rows.extend(withheld.ids.iter().map(|id| Row::plain(6, id.clone(), "")));
    }
    write(&rows, style, out);
}

/// `, 2026-11-14 to 2026-11-21`.
fn days(report: &Report) -> String {
    let (Some(first), Some(last)) = (report.first.map(date), report.last.map(date)) else {
        return String::new();
    };
    if first == last { format!(", {first}") } else { format!(", {first} to {last}") }
}

/// What came of the passes. Passes that were planned as they were recorded, and passes on which something was tried, are told
/// apart: only the first can be byte-identical.
fn verdict(report: &Report) -> String {
    let tried: usize = report.months.iter().map(|month| month.passes).sum();
    let differing_tried: usize = report.months.iter().map(|month| month.differing).sum();
    let differs =
        |number: usize| if number == 1 { "1 differs".to_owned() } else { format!("{number} differ") };
    let mut parts = Vec::new();
    if report.passes == 0 && report.shard.is_some() && report.unusable.is_empty() {
        parts.push("all groups of passes are in other shards".to_owned());
    } else if report.passes == 0 {
        parts.push("no pass could be replayed".to_owned());
    } else if report.identical == report.passes {
        let all = if report.passes == 1 { "the plan is byte-identical" } else { "all plans byte-identical" };
        parts.push(all.to_owned());
    } else if report.identical > 0 || tried < report.passes {
        parts.push(format!("{} byte-identical", count(report.identical, "plan")));
    }
    if report.equal > 0 {
        parts.push(format!("{} equal, but written differently", report.equal));
    }
    if !report.differing.is_empty() {
        parts.push(differs(report.differing.len()));
    }
    if tried > 0 {
        let with = report.tried.join(", ");
        let of = if tried == report.passes { String::new() } else { format!(" of {tried}") };
        parts.push(match differing_tried {
            0 if tried == report.passes => format!("no difference with {with}"),
            0 => format!("no difference in {} with {with}", count(tried, "pass")),
            1 => format!("1{of} differs with {with}"),
            number => format!("{number}{of} differ with {with}"),
        });
    }
    if !report.unusable.is_empty() {
        parts.push(format!("{} cannot be replayed", count(report.unusable.len(), "file")));
    }
    parts.join(", ")
}

fn write_differing(differing: &Differing, style: Style, out: &mut String) {
    let Difference { time, file, difference } = &differing.first;
    write_wrapped(&format!("{}, {file}", moment(*time)), 2, style, out);
    write_wrapped(&format!("first difference: {difference}"), 4, style, out);
    for reason in &differing.reasons {
        write_wrapped(reason, 4, style, out);
    }
}

fn write_wrapped(text: &str, indent: usize, style: Style, out: &mut String) {
    for line in wrap(text, style.width() - indent) {
        out.push_str(&format!("{:indent$}{line}\n", ""));
    }
}

/// The pass at which something began, and what its plan did.
pub fn beginning(found: &Beginning, passes: usize, style: Style) -> String {
    let Pass { snapshot, plan, .. } = &found.replayed.pass;
    let mut out = String::new();
    let verb = if found.earlier == Earlier::None { "has been there since the first pass" } else { "began" };
    let line = format!(
        "{} {verb}: {}, pass {} of {passes} ({})",
        found.sought,
        moment(snapshot.time),
        found.number,
        count(found.plans, "plan")
    );
    write_wrapped(&line, 0, style, &mut out);
    write_wrapped(&found.file.display().to_string(), 2, style, &mut out);
    let progress = Progress::new(&snapshot.inventory, plan);
    let actions = found.sought.actions(snapshot, plan);
    let mut rows: Vec<Row> = actions
        .iter()
        .map(|action| Row { detail: action.reason.clone(), indent: 2, ..progress.row(action) })
        .collect();
    if rows.is_empty() {
        rows.push(Row::plain(2, "its plan has no action for it", ""));
    }
    for outcome in found.sought.outcomes(snapshot, plan) {
        for diagnostic in &outcome.diagnostics {
            rows.push(Row::signed(2, Sign::Note, outcome.object.to_string(), diagnostic.message.clone()));
        }
    }
    write(&rows, style, &mut out);
    write_wrapped(&certainty(found.earlier), 0, style, &mut out);
    out
}

/// How sure the answer is: not every pass is looked at.
fn certainty(earlier: Earlier) -> String {
    let begin = match earlier {
        Earlier::None => String::new(),
        Earlier::Absent => "The pass before does not have it. ".to_owned(),
        Earlier::Unknown(1) => "The pass before cannot be used: it may have begun there. ".to_owned(),
        Earlier::Unknown(passes) => {
            format!("The {passes} passes before cannot be used: it may have begun in one of them. ")
        }
    };
    format!("{begin}Most passes were not looked at: if it was gone for a time, it came back after this pass.")
}

/// `[######        ] 1200 of 10000 passes, 80 s left`.
pub fn progress(done: usize, total: usize, since: Duration, style: Style) -> String {
    const BAR: usize = 30;
    let filled = (BAR * done).checked_div(total).unwrap_or(BAR).min(BAR);
    let left = since.as_secs_f64() / done.max(1) as f64 * total.saturating_sub(done) as f64;
    let line = format!(
        "[{:BAR$}] {done} of {}, {} left",
        "#".repeat(filled),
        count(total, "pass"),
        length(left as u64)
    );
    line.chars().take(style.width() - 1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_fits_into_a_line() {
        let line =
            |done, columns| progress(done, 200, Duration::from_secs(10), Style::terminal(false, columns));
        assert_eq!(line(100, 100), "[###############               ] 100 of 200 passes, 10 s left");
        assert_eq!(line(200, 100), "[##############################] 200 of 200 passes, 0 s left");
        assert_eq!(line(0, 40).chars().count(), 39);
    }
}
