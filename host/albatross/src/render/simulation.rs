//! A simulation for people: passes, what is there in between, steps.

use std::collections::BTreeMap;

use albatross_contract::{Action, ActionResult, Plan, Snapshot};
use albatross_embedded_cloud::StatusWrite;

use super::{
    columns::{Row, Sign, wrap, write},
    plan::write_plan,
    progress::{Progress, total},
    style::{Style, Tint},
    summary::Summary,
    time::{length, moment},
    tree::tree,
    words::{count, first_of},
};
use crate::simulation::{Applied, PassEnd, Settled};

/// How many Ingresses are named before `and 12 more`.
const INGRESSES: usize = 4;

/// Writes a simulation piece by piece.
pub struct Screen {
    style: Style,
    passes: usize,
    steps: usize,
    /// The actions of the plan at hand in words, by id.
    actions: BTreeMap<String, Row>,
}

impl Screen {
    /// An empty one.
    pub fn new(style: Style) -> Screen {
        Screen { style, passes: 0, steps: 0, actions: BTreeMap::new() }
    }

    /// `Then shop/checkout was removed and shop/returns was added`; nothing for the first step, which begins with the pass.
    pub fn applied(&mut self, change: &Applied) -> String {
        self.steps += 1;
        if self.steps == 1 {
            return String::new();
        }
        let said: Vec<String> =
            [(&change.removed, "removed"), (&change.added, "added"), (&change.changed, "changed")]
                .into_iter()
                .filter(|(names, _)| !names.is_empty())
                .map(|(names, verb)| {
                    let was = if names.len() == 1 { "was" } else { "were" };
                    format!("{} {was} {verb}", first_of(names, INGRESSES))
                })
                .collect();
        let text = if said.is_empty() { "nothing was changed".to_owned() } else { said.join(" and ") };
        format!("\n{}", self.paragraph(Tint::Name, &format!("Then {text}.")))
    }

    /// The head of a pass and its plan.
    pub fn planned(&mut self, snapshot: &Snapshot, plan: &Plan) -> String {
        let mut out = self.head(snapshot);
        write_plan(snapshot, plan, self.style, &mut out);
        let progress = Progress::new(&snapshot.inventory, plan);
        self.actions = plan.actions.iter().map(|action| (action.id.clone(), progress.row(action))).collect();
        if !plan.actions.is_empty() {
            out.push('\n');
        }
        out
    }

    /// One line for an action that was executed.
    pub fn executed(&self, action: &Action, result: &ActionResult) -> String {
        let mut out = String::new();
        if let Some(row) = self.actions.get(&action.id) {
            write(&[super::progress::with_result(row.clone(), result)], self.style, &mut out);
        }
        out
    }

    /// What a pass came to.
    pub fn ended(&self, end: &PassEnd<'_>) -> String {
        let mut rows: Vec<Row> = end.statuses.iter().map(status).collect();
        if !end.results.is_empty() {
            rows.push(Row::plain(2, total(end.results), ""));
        }
        if let Some((seconds, what)) = &end.waited {
            rows.push(Row::plain(2, format!("{} of simulated time pass until {what}", length(*seconds)), ""));
        }
        let mut out = String::new();
        write(&rows, self.style, &mut out);
        out
    }

    /// What is there when a step is over, and the pass that found nothing to do.
    pub fn settled(&mut self, settled: &Settled<'_>) -> String {
        let mut out = format!("\n{}\n", self.style.paint(Tint::Name, "What is there now"));
        out.push_str(&tree(settled.inventory, settled.cluster, self.style));
        let (snapshot, plan) = (&settled.pass.snapshot, &settled.pass.plan);
        out.push_str(&self.head(snapshot));
        if settled.converged {
            super::problems::write_problems(plan, self.style, &mut out);
            let line = Summary::new(snapshot, plan).line(snapshot, plan);
            out.push_str(&self.paragraph(Tint::Name, &line));
        } else {
            write_plan(snapshot, plan, self.style, &mut out);
        }
        out
    }

    /// `Pass 2   4 Ingresses, 1 load balancer · 2026-11-21 09:33 UTC`.
    fn head(&mut self, snapshot: &Snapshot) -> String {
        self.passes += 1;
        format!(
            "\n{}   {}, {} · {}\n",
            self.style.paint(Tint::Name, &format!("Pass {}", self.passes)),
            count(snapshot.cluster.ingresses.len(), "Ingress"),
            count(snapshot.inventory.load_balancers.len(), "load balancer"),
            moment(snapshot.time)
        )
    }

    fn paragraph(&self, tint: Tint, text: &str) -> String {
        let lines = wrap(text, self.style.width());
        lines.iter().map(|line| format!("{}\n", self.style.paint(tint, line))).collect()
    }
}

fn status(write: &StatusWrite) -> Row {
    let name = format!("status of {}/{}", write.namespace, write.name);
    let detail = match &write.after {
        Some(hostname) => format!("→ {hostname}"),
        None => "emptied".to_owned(),
    };
    Row::signed(2, Sign::Done, name, detail)
}
