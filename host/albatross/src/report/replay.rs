//! Reports of replays: of one pass, and of a folder of passes.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{ObjectName, Plan, Snapshot, Withheld};

use super::{
    both::{Both, Titled},
    differences::{Row, keys, rows, table as differences},
    filter::{Keys, form},
    fleet::{fleet, fleets},
    html::{Element, text},
    numbers,
    page::{Head, Section, page},
    table::{self, cell, title},
    timeline::timeline,
};
use crate::{
    difference::Side,
    render::{
        history,
        plan::contents,
        replay::{RECORDED, cost_note, monthly},
        time::moment,
        words::count,
    },
    replay::{Differing, Month, Move, Report, Span, component},
};

/// The most spans of passes with the same moves.
const SPANS: usize = 300;

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
    /// What planned it now, in words.
    pub planned_with: String,
    /// What was tried, in words. Empty: nothing.
    pub tried: String,
}

/// The report of one pass.
pub fn single(single: &Single<'_>) -> String {
    let Single { pass, verdict, is_problem, planned_with, tried } = single;
    let replayed = if tried.is_empty() { "replayed" } else { tried.as_str() };
    let both = pass.both(replayed);
    let rows = rows(&both);
    let head = Head {
        title: format!("Replay of {}", pass.file),
        verdict: verdict.trim_end().to_owned(),
        is_problem: *is_problem,
        facts: vec![("Snapshot", contents(pass.snapshot)), ("Planned with", planned_with.clone())],
    };
    let mut differing = Vec::new();
    if !rows.is_empty() {
        differing.push(form(rows.iter().map(|row| &row.keys)));
        differing.extend(differences("What differs", both.titles(), &rows));
    }
    page(
        head,
        vec![
            Section::new("differences", "What differs", differing),
            Section::new("fleet", "Load balancers", picture(&both)),
            Section::new("withheld", "Withheld", numbers::withheld(pass.plan))
                .titled(format!("Withheld, {replayed}")),
            Section::new("numbers", "Numbers", numbers::of_both(&both)),
        ],
    )
}

impl<'a> Replayed<'a> {
    fn both(&self, replayed: &'a str) -> Both<'a> {
        let titled = |title, plan| Titled { title, side: Side { snapshot: Some(self.snapshot), plan } };
        Both { before: titled(RECORDED, self.recorded), after: titled(replayed, self.plan) }
    }
}

/// Both fleets, or one if they are the same.
fn picture(both: &Both<'_>) -> Vec<Element> {
    if both.before.side.plan.load_balancers == both.after.side.plan.load_balancers {
        return fleet(&both.after);
    }
    fleets(both)
}

/// The report of a folder. `passes`: those that are shown as a whole, such as the first one that differs, and last the last pass.
pub fn folder(name: &str, report: &Report, passes: &[Replayed<'_>]) -> String {
    let tried = report.tried.join(", ");
    let replayed = if tried.is_empty() { "replayed" } else { tried.as_str() };
    let is_problem =
        !(report.differing.is_empty() && report.unusable.is_empty() && report.failures.is_empty());
    let head = Head {
        title: format!("Replay of {name}"),
        verdict: history::line(report),
        is_problem,
        facts: facts(report, passes.last()),
    };
    let shown: Vec<(String, Vec<Row>)> = passes
        .iter()
        .map(|pass| (moment(pass.snapshot.time), rows(&pass.both(replayed))))
        .filter(|(_, rows)| !rows.is_empty())
        .collect();
    let moves = moves(report, passes);
    let mut differing = Vec::new();
    if !(shown.is_empty() && moves.is_empty()) {
        let all = shown.iter().flat_map(|(_, rows)| rows).chain(&moves);
        differing.push(form(all.map(|row| &row.keys)));
    }
    if !moves.is_empty() {
        differing.extend(differences("Moves in all passes", [RECORDED, replayed], &moves));
    }
    for (time, rows) in &shown {
        differing.extend(differences(&format!("The plan of {time}"), [RECORDED, replayed], rows));
    }
    let sides = [RECORDED, replayed];
    let sides = if report.months.is_empty() && report.differing.is_empty() { &sides[..1] } else { &sides };
    let last = passes.last().map(|pass| pass.both(replayed));
    let problems: Vec<String> = report
        .unusable
        .iter()
        .map(|it| format!("{}: {}", it.file, it.message))
        .chain(report.failures.iter().map(|it| format!("{} (in {})", it.message, count(it.passes, "pass"))))
        .chain(report.remarks.iter().cloned())
        .collect();
    let of_last = last.as_ref().map(numbers::of_both).unwrap_or_default();
    let last_time =
        passes.last().map(|pass| format!(" at {}", moment(pass.snapshot.time))).unwrap_or_default();
    page(
        head,
        vec![
            Section::new("problems", "What to look at", numbers::messages(&problems)),
            Section::new("months", "Months and regions", months(&report.months, replayed)),
            Section::new("fleet", "Load balancers", last.as_ref().map(picture).unwrap_or_default())
                .titled(format!("Load balancers{last_time}")),
            Section::new("timeline", "Over time", timeline(&report.timeline, sides)),
            Section::new("differing", "Passes whose plans differ", differing_passes(&report.differing)),
            Section::new("differences", "What differs", differing),
            Section::new(
                "withheld",
                "Withheld",
                passes.last().map(|pass| numbers::withheld(pass.plan)).unwrap_or_default(),
            )
            .titled(format!("Withheld{last_time}, {replayed}")),
            Section::new("numbers", "Numbers", of_last).titled(format!("Numbers{last_time}")),
        ],
    )
}

fn facts(report: &Report, last: Option<&Replayed<'_>>) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    if let (Some(first), Some(last)) = (report.first, report.last) {
        facts.push(("Passes", format!("{}, {} to {}", report.passes, moment(first), moment(last))));
    }
    if let Some(last) = last {
        facts.push(("Last pass", contents(last.snapshot)));
    }
    facts.push(("Planner", component(&report.planner)));
    if !report.policies.is_empty() {
        let policies = report.policies.iter().map(|policy| component(&policy.component));
        facts.push(("Policies", policies.collect::<Vec<_>>().join(", ")));
    }
    facts
}

fn months(months: &[Month], replayed: &str) -> Vec<Element> {
    let mut elements = Vec::new();
    for month in months {
        let caption = format!("{}, {}", month.month, month.region);
        elements.push(numbers::rows(&caption, [RECORDED, replayed], &monthly(month)));
        elements.push(text("p", &history::month_line(month)).class("note"));
    }
    elements.extend(cost_note(months).map(|note| text("p", &note).class("note")));
    elements
}

fn differing_passes(differing: &[Differing]) -> Vec<Element> {
    if differing.is_empty() {
        return Vec::new();
    }
    let row = |it: &Differing| {
        vec![title(&moment(it.first.time)), cell(&it.first.difference), cell(&it.reasons.join("; "))]
    };
    let rows = differing.iter().take(SPANS).map(row).collect();
    let mut elements = vec![table::table(
        "Plans that should be the same",
        ["pass", "first difference", "why"].map(table::column).into(),
        rows,
    )];
    elements.extend(table::left_out(differing.len().saturating_sub(SPANS), "passes"));
    elements
}

/// What moves, and what is withheld, in any pass.
fn moves(report: &Report, passes: &[Replayed<'_>]) -> Vec<Row> {
    let mut hosts: BTreeMap<ObjectName, Vec<&str>> = BTreeMap::new();
    for pass in passes {
        hosts.extend(pass.both("").hosts());
    }
    let mut rows = Vec::new();
    for span in report.changes.iter().take(SPANS) {
        rows.extend(of_span(span, &hosts));
    }
    rows
}

fn of_span(span: &Span, hosts: &BTreeMap<ObjectName, Vec<&str>>) -> Vec<Row> {
    let when = if span.passes == 1 {
        moment(span.begin.time)
    } else {
        format!("{} to {}, {}", moment(span.begin.time), moment(span.last), count(span.passes, "pass"))
    };
    let line = |value: &str| vec![(String::new(), value.to_owned())];
    let of_move = |it: &Move| {
        let object = object(&it.object);
        let names = [&it.from, &it.to].map(|name| name.trim_end_matches(" (new)").to_owned());
        let hosts = hosts.get(&object).map(Vec::as_slice).unwrap_or_default();
        let note = if it.name_changes { "; its DNS name changes" } else { "" };
        Row {
            keys: keys(&object, BTreeSet::from(names), hosts),
            subject: it.object.clone(),
            note: format!("{when}{note}"),
            sides: [line(&it.from), line(&it.to)],
        }
    };
    let of_withheld = |it: &Withheld| {
        let objects: Vec<ObjectName> = it.ids.iter().map(|id| object(id)).collect();
        let mut row = Row {
            keys: Keys { kind: "withheld change".to_owned(), ..Default::default() },
            subject: it.message.clone(),
            note: when.clone(),
            sides: [Vec::new(), line(&numbers::listed(&it.ids))],
        };
        row.keys.namespaces =
            objects.into_iter().map(|it| it.namespace).filter(|it| !it.is_empty()).collect();
        row
    };
    span.changes.moves.iter().map(of_move).chain(span.changes.withheld.iter().map(of_withheld)).collect()
}

/// An object by the text that names it.
fn object(name: &str) -> ObjectName {
    ObjectName::parse(name).unwrap_or_else(|| ObjectName::ingress("", name))
}
