//! The passes that this process has made.

use std::{collections::VecDeque, time::Duration};

use albatross_contract::{ActionResult, ActionState, Plan, Snapshot, Timestamp};

use super::{Answer, Shown, document, ok};
use crate::{
    html::{
        Element, element,
        frame::Section,
        table::{cell, column, number, numbers, table, title},
        text,
    },
    render::{
        plan::last_line,
        style::Style,
        time::moment,
        words::{count, cut},
    },
};

/// The most passes that are kept.
const PASSES: usize = 500;
/// The most characters of what a pass came to.
const LINE: usize = 300;

/// The last passes, the newest last.
#[derive(Clone, Debug, Default)]
pub struct History {
    passes: VecDeque<Past>,
    /// How many passes there were before those that are kept.
    forgotten: usize,
}

/// A pass that is over.
#[derive(Clone, Debug)]
pub struct Past {
    time: Timestamp,
    /// What was planned, in a line.
    line: String,
    done: usize,
    failed: usize,
    left: usize,
    took: Duration,
}

impl Past {
    /// Sums up a pass. `took`: from its beginning to the end of its last action.
    pub fn new(snapshot: &Snapshot, plan: &Plan, results: &[ActionResult], took: Duration) -> Past {
        let of = |wanted: fn(ActionState) -> bool| results.iter().filter(|it| wanted(it.state)).count();
        let line = last_line(snapshot, plan, Style::plain());
        Past {
            time: snapshot.time,
            line: cut(line.trim().trim_start_matches("Plan: "), LINE),
            done: of(|state| state == ActionState::Done),
            failed: of(|state| state == ActionState::Failed),
            left: of(|state| !matches!(state, ActionState::Done | ActionState::Failed)),
            took,
        }
    }
}

impl History {
    /// Adds a pass. Passes that did nothing and follow another one that did nothing are counted only once, with the last time:
    /// otherwise an idle hour would push out what happened before.
    pub fn add(&mut self, pass: Past) {
        let is_idle = |pass: &Past| pass.done + pass.failed + pass.left == 0;
        let repeats =
            self.passes.back().is_some_and(|last| is_idle(last) && is_idle(&pass) && last.line == pass.line);
        if repeats {
            self.passes.pop_back();
            self.forgotten += 1;
        }
        if self.passes.len() == PASSES {
            self.passes.pop_front();
            self.forgotten += 1;
        }
        self.passes.push_back(pass);
    }
}

/// The page.
pub fn page(shown: &Shown, history: &History) -> Answer {
    let row = |pass: &Past| {
        vec![
            title(&moment(pass.time)),
            cell(&pass.line),
            number(&pass.done.to_string()),
            number(&pass.failed.to_string()),
            number(&pass.left.to_string()),
            number(&format!("{}.{} s", pass.took.as_secs(), pass.took.subsec_millis() / 100)),
        ]
    };
    let columns = vec![
        column("time (UTC)"),
        column("plan"),
        numbers("actions done"),
        numbers("failed"),
        numbers("not tried"),
        numbers("took"),
    ];
    let rows: Vec<Vec<Element>> = history.passes.iter().rev().map(row).collect();
    let mut content = vec![table("Passes, the newest first", columns, rows)];
    if history.forgotten > 0 {
        let more = format!(
            "{} more: passes that did nothing are shown once, and {PASSES} passes are kept.",
            count(history.forgotten, "pass")
        );
        content.push(text("p", &more).class("note"));
    }
    let failed = history.passes.back().is_some_and(|pass| pass.failed > 0);
    let verdict = format!(
        "{} since the start of this process.",
        count(history.passes.len() + history.forgotten, "pass")
    );
    let content = vec![Section::new("passes", "Passes", vec![element("div").with_all(content)]).element()];
    ok(document(shown.head("History", verdict, failed), "history", content))
}
