//! The execution of a plan: one line for each action.

use albatross_contract::{Action, ActionResult, ActionState, Inventory, Plan};

use super::{
    changes::{Change, changes},
    columns::{Row, Sign},
    names::Names,
    words::count,
};

/// Renders each action as one line.
pub struct Progress<'a> {
    names: Names<'a>,
}

impl<'a> Progress<'a> {
    /// For the actions of a plan, which was made for this inventory.
    pub fn new(inventory: &'a Inventory, plan: &'a Plan) -> Progress<'a> {
        Progress::of(Names::new(inventory, plan))
    }

    /// With the names of resources.
    pub fn of(names: Names<'a>) -> Progress<'a> {
        Progress { names }
    }

    /// `listener 443: + certificate shop.example.org`, without a result yet.
    pub fn row(&self, action: &Action) -> Row {
        let all = changes(action, &self.names);
        let text = match all.iter().find(|change| change.whole) {
            Some(change) => {
                let title = change.part.title().unwrap_or_else(|| "load balancer".to_owned());
                format!("{} {title}", change.sign.text())
            }
            None => of_part(&all).unwrap_or_else(|| all.iter().map(words).collect::<Vec<_>>().join("; ")),
        };
        Row::plain(4, text, "")
    }
}

/// Several changes of one part, whose title is written once.
fn of_part(all: &[Change]) -> Option<String> {
    let (first, others) = all.split_first()?;
    let title = first.part.title().filter(|_| others.iter().all(|other| other.part == first.part))?;
    let changes = all.iter().map(|change| format!("{} {}", change.sign.text(), change.what));
    Some(format!("{title}: {}", changes.collect::<Vec<_>>().join("; ")))
}

fn words(change: &Change) -> String {
    let sign = change.sign.text();
    match change.part.title() {
        None => format!("{sign} {}", change.what),
        Some(part) => format!("{part}: {sign} {}", change.what),
    }
}

/// The row of an action with its result, including the error of AWS if there is one.
pub fn with_result(row: Row, result: &ActionResult) -> Row {
    let (sign, otherwise) = match result.state {
        ActionState::Done => (Sign::Done, ""),
        ActionState::Failed => (Sign::Failed, "failed"),
        ActionState::Skipped => (Sign::Skipped, "not tried, since an action before it failed"),
    };
    Row { sign: Some(sign), detail: result.error.clone().unwrap_or_else(|| otherwise.to_owned()), ..row }
}

/// `9 of 9 actions done`.
pub fn total(results: &[ActionResult]) -> String {
    let done = results.iter().filter(|result| result.state == ActionState::Done).count();
    format!("{done} of {} done", count(results.len(), "action"))
}
