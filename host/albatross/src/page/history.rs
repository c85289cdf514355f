//! The passes that this process has made.

use std::{collections::VecDeque, time::Duration};

use albatross_contract::{ActionResult, ActionState, Plan, Snapshot, Timestamp};

use super::{Answer, Page, document, ok};
use crate::{
    html::{
        Element, element,
        frame::{Head, Section},
        table::{cell, column, number, numbers, table, title},
        text,
    },
    render::{
        summary::Summary,
        time::moment,
        words::{count, cut},
    },
};

/// The most rows that are kept.
const ROWS: usize = 500;
/// The most characters of what a pass came to.
const LINE: usize = 300;

/// The last passes, the newest last.
#[derive(Clone, Debug, Default)]
pub struct History {
    rows: VecDeque<Past>,
    /// How many passes there were.
    passes: usize,
}

/// A pass that is over, or several in a row that did nothing for the same reason.
#[derive(Clone, Debug)]
pub struct Past {
    first: Timestamp,
    last: Timestamp,
    passes: usize,
    /// What the plan was. Absent: there was none.
    summary: Option<Summary>,
    /// The same for people, or why there was no plan.
    line: String,
    done: usize,
    failed: usize,
    skipped: usize,
    took: Duration,
}

impl Past {
    /// Sums up a pass. `took`: from its beginning to the end of its last action.
    pub fn new(snapshot: &Snapshot, plan: &Plan, results: &[ActionResult], took: Duration) -> Past {
        let of = |state| results.iter().filter(|result| result.state == state).count();
        let summary = Summary::new(snapshot, plan);
        let line = summary.line(snapshot, plan);
        Past {
            line: cut(line.trim_start_matches("Plan: "), LINE),
            summary: Some(summary),
            done: of(ActionState::Done),
            failed: of(ActionState::Failed),
            skipped: of(ActionState::Skipped),
            took,
            ..Past::empty(snapshot.time)
        }
    }

    /// A pass that had no plan.
    pub fn failed(time: Timestamp, message: &str) -> Past {
        Past { line: cut(&format!("no plan: {message}"), LINE), ..Past::empty(time) }
    }

    fn empty(time: Timestamp) -> Past {
        Past {
            first: time,
            last: time,
            passes: 1,
            summary: None,
            line: String::new(),
            done: 0,
            failed: 0,
            skipped: 0,
            took: Duration::ZERO,
        }
    }

    /// Whether it did nothing, and for the same reason as another one. The line may differ: it says how long until a change is due.
    fn repeats(&self, before: &Past) -> bool {
        match (&before.summary, &self.summary) {
            (Some(before), Some(now)) => now.is_empty() && before == now,
            (None, None) => before.line == self.line,
            _ => false,
        }
    }

    fn is_problem(&self) -> bool {
        self.failed + self.skipped > 0 || self.summary.is_none()
    }
}

impl History {
    /// Adds a pass. Passes in a row that do the same nothing are one row: otherwise an idle night would push out what happened
    /// before.
    pub fn add(&mut self, pass: Past) {
        self.passes += 1;
        match self.rows.back_mut() {
            Some(last) if pass.repeats(last) => {
                *last = Past { first: last.first, passes: last.passes + 1, ..pass };
            }
            _ => {
                if self.rows.len() == ROWS {
                    self.rows.pop_front();
                }
                self.rows.push_back(pass);
            }
        }
    }
}

/// The page.
pub fn page(page: &Page) -> Answer {
    let history = &page.history;
    let is_problem = history.rows.back().is_some_and(Past::is_problem);
    let shown: usize = history.rows.iter().map(|row| row.passes).sum();
    let mut verdict = format!("{} since the start of this process.", count(history.passes, "pass"));
    if shown < history.passes {
        verdict.push_str(&format!(" The last {shown} are below."));
    }
    let head = Head {
        title: "History".to_owned(),
        verdict,
        is_problem,
        facts: page.shown.as_ref().map(|shown| shown.facts()).unwrap_or_default(),
    };
    let content = if history.rows.is_empty() {
        text("p", "No pass has ended yet.").class("note")
    } else {
        rows(history)
    };
    ok(document(head, "history", vec![Section::new("passes", "Passes", vec![content]).element()]))
}

fn rows(history: &History) -> Element {
    let row = |pass: &Past| {
        let when = match pass.passes {
            1 => moment(pass.last),
            passes => format!("{} to {}, {}", moment(pass.first), moment(pass.last), count(passes, "pass")),
        };
        vec![
            title(&when),
            cell(&pass.line),
            number(&pass.done.to_string()),
            number(&pass.failed.to_string()),
            number(&pass.skipped.to_string()),
            number(&format!("{}.{} s", pass.took.as_secs(), pass.took.subsec_millis() / 100)),
        ]
    };
    let columns = vec![
        column("time"),
        column("plan"),
        numbers("actions done"),
        numbers("failed"),
        numbers("skipped"),
        numbers("took"),
    ];
    let rows = history.rows.iter().rev().map(row).collect();
    element("div").with(table("Passes, the newest first", columns, rows))
}
