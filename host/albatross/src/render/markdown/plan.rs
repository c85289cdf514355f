//! A plan as a comment on a pull request.

use std::collections::BTreeMap;

use albatross_contract::{Outcome, Plan, Severity, Snapshot, StatusChange, Withheld};

use super::{
    SHOWN,
    document::Document,
    escape::{code, fence, shown, text},
};
use crate::render::{
    columns::{Row, write},
    gates::gates,
    grace::graces,
    load_balancer::sections,
    message::Message,
    names::Names,
    plan::{Origin, contents},
    problems::{ADD_CLASSES, Problem, ignored, problems},
    section::Section,
    style::{Style, printable},
    summary::{Summary, ingress},
    tally::tallies,
    terms,
    words::{cut, first_of},
};

/// How many names of objects with the same problem are written out.
const NAMES: usize = 5;

/// The longest flag with its ids, in bytes.
const FLAG: usize = 4_000;

/// Where everything is that does not fit.
const ALL: &str = "<code>albatross plan</code> with the same inputs shows everything, and with \
                   <code>--output json</code> all ids";

/// The comment that says why there is no plan.
pub fn no_plan(error: &str) -> String {
    format!("### Albatross\n\n**No plan can be made.**\n\n- **error** {}\n", text(error))
}

/// A plan, and what is known about it.
pub struct Comment<'a> {
    /// The snapshot that was planned.
    pub snapshot: &'a Snapshot,
    /// The plan.
    pub plan: &'a Plan,
    /// The components that made it.
    pub origin: &'a Origin<'a>,
    /// What could not be read.
    pub messages: &'a [Message],
}

impl Comment<'_> {
    /// The whole comment. The same plan gives the same comment.
    pub fn markdown(&self) -> String {
        let Comment { snapshot, plan, .. } = *self;
        let names = Names::new(&snapshot.inventory, plan);
        let summary = Summary::new(snapshot, plan);
        let mut document = Document::default();
        document.block("the summary", &self.head(&summary));
        document.list("Withheld", &plan.withheld.iter().map(withheld).collect::<Vec<_>>());
        document.list("Problems", &self.problems());
        document.list("Published DNS names", &name_changes(plan, &summary));
        let sections = sections(plan, &names);
        if !sections.is_empty() {
            document.block("the changes", "#### Changes\n");
        }
        for Section { sign, name, facts, rows } in &sections {
            let facts = facts.line();
            let separator = if facts.is_empty() { "" } else { " · " };
            let summary = format!("{} <b>{}</b>{separator}{}", code(sign.text()), text(name), text(&facts));
            document.folded(name, &summary, &lines(rows));
        }
        let gates = gates(plan);
        if !gates.is_empty() {
            document.block("readiness gates", &fence("", &lines(&gates)));
        }
        let graces = graces(snapshot, plan);
        if !graces.is_empty() {
            document.block("load balancers in their grace period", &fence("", &lines(&graces)));
        }
        document.block("the planner", &self.foot());
        document.finish(ALL)
    }

    fn head(&self, summary: &Summary) -> String {
        let line = summary.line(self.snapshot, self.plan);
        let mut out = format!("### Albatross\n\n**{}**\n", text(&line));
        if summary.is_empty() {
            out.push_str("\nNo load balancer changes.\n");
            return out;
        }
        out.push_str("\n| | created | changed | deleted |\n|:--|--:|--:|--:|\n");
        for tally in tallies(self.snapshot, self.plan) {
            let (created, changed, deleted) = (tally.created, tally.changed, tally.deleted);
            out.push_str(&format!("| {} | {created} | {changed} | {deleted} |\n", tally.what));
        }
        out
    }

    /// What could not be read, what is wrong with objects, and what is not served, the worst first.
    fn problems(&self) -> Vec<String> {
        let of_input = self.messages.iter().map(|message| match message {
            Message::Error(message) => format!("**error** {}", text(message)),
            Message::Warning(message) => format!("**warning** {}", text(message)),
        });
        let of_plan = problems(self.plan);
        let not_ours = ignored(self.plan);
        let not_ours = not_ours.map(|(how_many, which)| {
            format!("**note** {}: {}. To do: {}", text(&how_many), text(&which), text(ADD_CLASSES))
        });
        of_input.chain(of_plan.iter().map(problem)).chain(not_ours).collect()
    }

    fn foot(&self) -> String {
        let snapshot = text(&contents(self.snapshot));
        format!("<sub>Snapshot: {snapshot}<br>Planner: {}</sub>\n", text(&self.origin.line()))
    }
}

/// Rows as lines of a difference, none of them endless.
pub(super) fn lines(rows: &[Row]) -> String {
    let short =
        |row: &Row| Row { subject: cut(&row.subject, SHOWN), detail: cut(&row.detail, SHOWN), ..row.clone() };
    let mut out = String::new();
    write(&rows.iter().map(short).collect::<Vec<_>>(), Style::difference(), &mut out);
    out
}

fn problem(problem: &Problem) -> String {
    let word = match problem.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    };
    let subjects: Vec<String> = problem.subjects.iter().map(|subject| code(subject)).collect();
    let remedy = problem.remedy.as_ref().map(|remedy| format!(". To do: {}", text(remedy)));
    let said = text(&problem.text);
    format!("**{word}** {}: {said}{}", first_of(&subjects, NAMES), remedy.unwrap_or_default())
}

/// What a budget holds back, why, and the flag that allows it, ready to paste.
fn withheld(withheld: &Withheld) -> String {
    let said = text(&withheld.message);
    let said = format!("**{}** {said}", terms::budget(withheld.budget));
    let flag = format!("{}={}", terms::allowing_flag(withheld.budget), withheld.ids.join(","));
    if withheld.ids.is_empty() || shown(&withheld.message).contains(&flag) || flag.len() > FLAG {
        return said;
    }
    let fence = fence("", &quoted(&flag));
    let indented: String = fence.lines().map(|line| format!("\n  {line}")).collect();
    format!("{said}\n{indented}")
}

/// An argument for a shell.
fn quoted(argument: &str) -> String {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "-_./:,=+".contains(character);
    if argument.chars().all(is_plain) {
        return argument.to_owned();
    }
    format!("'{}'", printable(argument).replace('\'', r"'\''"))
}

/// The published names that change: `shop/checkout: old → new`.
fn name_changes(plan: &Plan, summary: &Summary) -> Vec<String> {
    let outcomes: BTreeMap<String, &Outcome> =
        plan.outcomes.iter().map(|outcome| (ingress(outcome), outcome)).collect();
    let line = |object: &String, change: &dyn Fn(&Outcome) -> String| {
        let change = outcomes.get(object).map(|outcome| change(outcome)).unwrap_or_default();
        format!("{} {change}", code(object))
    };
    let from = |outcome: &Outcome| code(outcome.hostname.as_deref().unwrap_or("no name"));
    let renamed = summary.renamed.iter().map(|object| {
        line(object, &|outcome| format!("changes from {} to {}", from(outcome), new_name(outcome, plan)))
    });
    let withdrawn = summary.withdrawn.iter().map(|object| {
        line(object, &|outcome| format!("is no longer published; until now it is {}", from(outcome)))
    });
    renamed.chain(withdrawn).collect()
}

/// The name that an object gets, now or later.
fn new_name(outcome: &Outcome, plan: &Plan) -> String {
    if let StatusChange::Publish(name) = &outcome.status {
        return code(name);
    }
    let id = outcome.load_balancer.as_ref();
    match plan.load_balancers.iter().find(|found| Some(&found.id) == id) {
        Some(found) => {
            let name = code(found.dns_name.as_ref().unwrap_or(&found.name));
            format!("that of {name}, once it can take over")
        }
        None => "another name".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_with_unusual_ids_is_quoted_for_a_shell() {
        assert_eq!(quoted("--allow-release=shop/a,shop/b"), "--allow-release=shop/a,shop/b");
        assert_eq!(quoted("--allow-unneeded=$(id)'"), r"'--allow-unneeded=$(id)'\'''");
    }
}
