//! The report of a replay of a folder of passes.

use super::{
    differences::rows,
    filter::form,
    moves, numbers,
    page::page,
    replay::{Replayed, picture, title},
    rows::Rows,
    timeline::timeline,
};
use crate::{
    html::{
        Element,
        frame::{Head, Section},
        table::{self, cell},
        text,
    },
    render::{
        history,
        plan::contents,
        replay::{RECORDED, cost_note, monthly, other_planner},
        time::moment,
        words::count,
    },
    replay::{Differing, Month, Report, component},
};

/// The most passes that are named.
const PASSES: usize = 300;

/// What is shown of a folder.
pub struct Folder<'a> {
    /// Its name.
    pub name: &'a str,
    /// What came of its passes.
    pub report: &'a Report,
    /// The passes that are shown as a whole, such as the first one that differs, and last the last pass.
    pub passes: &'a [Replayed<'a>],
    /// What should be among them and is not, and why.
    pub not_shown: &'a [String],
}

/// The report of a folder.
pub fn folder(folder: &Folder<'_>) -> String {
    let Folder { report, passes, .. } = *folder;
    let tried = report.tried.join(", ");
    let replayed = title(&tried);
    let last = passes.last();
    let both = last.map(|pass| pass.both(replayed));
    let of_last = |title: &str| match last {
        Some(pass) => format!("{title} at {}", moment(pass.snapshot.time)),
        None => title.to_owned(),
    };
    let fleet = both.as_ref().map(picture).unwrap_or_default();
    let withheld = last.map(|pass| numbers::withheld(pass.plan)).unwrap_or_default();
    let numbers = both.as_ref().map(numbers::of_both).unwrap_or_default();
    page(
        folder.head(),
        vec![
            Section::new("problems", "What to look at", numbers::messages(&folder.messages())),
            Section::new("months", "Months and regions", months(&report.months, replayed)),
            Section::new("fleet", "Load balancers", fleet).titled(of_last("Load balancers")),
            Section::new("timeline", "Over time", timeline(&report.timeline, &sides(report, replayed))),
            Section::new("differing", "Passes whose plans differ", differing_passes(&report.differing)),
            Section::new("differences", "What differs", folder.differences(replayed)),
            Section::new("withheld", "Withheld", withheld)
                .titled(format!("{}, {replayed}", of_last("Withheld"))),
            Section::new("numbers", "Numbers", numbers).titled(of_last("Numbers")),
        ],
    )
}

impl Folder<'_> {
    fn head(&self) -> Head {
        let report = self.report;
        let is_fine = report.differing.is_empty() && report.unusable.is_empty() && report.failures.is_empty();
        Head {
            title: format!("Replay of {}", self.name),
            verdict: history::line(report),
            is_problem: !is_fine,
            facts: facts(report, self.passes.last()),
        }
    }

    /// What a person must look at, the worst first.
    fn messages(&self) -> Vec<String> {
        let report = self.report;
        let unusable = report.unusable.iter().map(|it| format!("{}: {}", it.file, it.message));
        let failure = |message: &str, passes| format!("{message} (in {})", count(passes, "pass"));
        let failures = report.failures.iter().map(|it| failure(&it.message, it.passes));
        let others = report.other_planners.iter().map(|it| {
            let were = if it.passes == 1 { "was" } else { "were" };
            other_planner(&format!("{} {were}", count(it.passes, "pass")), &it.component, &report.planner)
        });
        let remarks = report.remarks.iter().cloned();
        unusable.chain(failures).chain(self.not_shown.iter().cloned()).chain(others).chain(remarks).collect()
    }

    fn differences(&self, replayed: &str) -> Vec<Element> {
        let moves = moves::rows(self.report, self.passes);
        let passes: Vec<(String, Rows)> = self
            .passes
            .iter()
            .map(|pass| (moment(pass.snapshot.time), rows(&pass.both(replayed))))
            .filter(|(_, rows)| !rows.is_empty())
            .collect();
        if moves.is_empty() && passes.is_empty() {
            return Vec::new();
        }
        let tables: Vec<&Rows> = [&moves].into_iter().chain(passes.iter().map(|(_, rows)| rows)).collect();
        let mut elements = vec![form(&tables)];
        elements.extend(moves::table(self.report, &moves, [RECORDED, replayed]));
        for (time, rows) in &passes {
            let caption = format!("The plan of {time}: {}", rows.counted());
            elements.extend(rows.table(&caption, [RECORDED, replayed]));
        }
        elements
    }
}

/// What was recorded, and what was planned now if that may differ.
fn sides<'a>(report: &Report, replayed: &'a str) -> Vec<&'a str> {
    if report.months.is_empty() && report.differing.is_empty() {
        return vec![RECORDED];
    }
    vec![RECORDED, replayed]
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
        vec![table::title(&moment(it.first.time)), cell(&it.first.difference), cell(&it.reasons.join("; "))]
    };
    let rows = differing.iter().take(PASSES).map(row).collect();
    let mut elements = vec![table::table(
        "Plans that should be the same",
        ["pass", "first difference", "why"].map(table::column).into(),
        rows,
    )];
    elements.extend(table::left_out(differing.len().saturating_sub(PASSES), "pass", ""));
    elements
}
