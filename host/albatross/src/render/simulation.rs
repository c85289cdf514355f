//! A simulation for people: its steps, its passes, and the state after each step.

use std::collections::BTreeMap;

use albatross_contract::{
    Action, ActionResult, DesiredLoadBalancer, LoadBalancer, Plan, Seconds, Snapshot, SourceObject, TAG_ID,
};
use albatross_embedded_cloud::StatusWrite;

use super::{
    columns::{Row, Sign, wrap, write},
    load_balancer::{SECURITY_GROUPS, is_on_security_group},
    names::Names,
    plan::{last_line, load_balancers},
    problems::problems_text,
    progress::{Progress, total, with_result},
    style::{Style, Tint},
    time::{length, moment},
    tree::tree,
    words::{count, first_of, objects},
};
use crate::{
    simulation::{Applied, PassEnd, Settled},
    swap::{Deciders, Difference, Hold, Shadow},
};

/// How many Ingresses are named before `and 12 more`.
const INGRESSES: usize = 4;

/// Writes a simulation piece by piece.
pub struct Screen {
    style: Style,
    passes: usize,
    steps: usize,
    /// The actions of the current plan in words, by id.
    actions: BTreeMap<String, Row>,
    /// The names of its load balancers, by our id.
    load_balancers: BTreeMap<String, String>,
    /// Our id of the load balancer whose actions are being executed.
    executing: Option<String>,
    /// The problems that were printed last.
    problems: String,
}

impl Screen {
    /// An empty one.
    pub fn new(style: Style) -> Screen {
        Screen {
            style,
            passes: 0,
            steps: 0,
            actions: BTreeMap::new(),
            load_balancers: BTreeMap::new(),
            executing: None,
            problems: String::new(),
        }
    }

    /// `Then shop/checkout was removed and shop/returns was added`; nothing for the first step, which begins with a pass.
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

    /// `Then by_team.wasm (sha256 5b0a2c1f) was planned in shadow: …`.
    pub fn swapped(&mut self, candidate: &Deciders, shadow: &Shadow) -> String {
        let names = candidate.words();
        let difference = shadow.difference.as_ref().map(Difference::words);
        let mut text = match shadow.holds.is_empty() {
            true => format!("Then {names} took over"),
            false => format!("Then {names} was held"),
        };
        if let Some(difference) = difference {
            text.push_str(&format!(": {difference}"));
        }
        let mut out = format!("\n{}", self.paragraph(Tint::Name, &format!("{text}.")));
        let holds = shadow.holds.iter();
        let mut rows: Vec<Row> =
            holds.map(|hold| Row::signed(2, Sign::Attention, "held", hold.message().to_owned())).collect();
        if !rows.is_empty() && shadow.holds.iter().all(Hold::can_be_allowed) {
            rows.push(Row::plain(
                4,
                "to do",
                "what decided before goes on; --allow-then-policy lets it take over all the same",
            ));
        }
        write(&rows, self.style, &mut out);
        out
    }

    /// `Then 1 h passed`.
    pub fn waited(&mut self, seconds: Seconds) -> String {
        format!("\n{}", self.paragraph(Tint::Name, &format!("Then {} passed.", length(seconds))))
    }

    /// The head of a pass and its plan.
    pub fn planned(&mut self, snapshot: &Snapshot, plan: &Plan) -> String {
        let mut out = self.head(snapshot);
        out.push_str(&load_balancers(snapshot, plan, self.style));
        out.push_str(&self.problems(snapshot, plan));
        out.push('\n');
        out.push_str(&last_line(snapshot, plan, self.style));
        let progress = Progress::new(&snapshot.inventory, plan);
        self.actions = plan.actions.iter().map(|action| (action.id.clone(), progress.row(action))).collect();
        let name = |found: &DesiredLoadBalancer| (found.id.clone(), found.name.clone());
        self.load_balancers = plan.load_balancers.iter().map(name).collect();
        self.executing = None;
        out
    }

    /// One line for an action that was executed, below the name of its load balancer.
    pub fn executed(&mut self, action: &Action, result: &ActionResult) -> String {
        let mut out = String::new();
        if self.executing.as_ref() != Some(&action.load_balancer) {
            self.executing = Some(action.load_balancer.clone());
            let name = match self.load_balancers.get(&action.load_balancer) {
                Some(name) => name.as_str(),
                None if is_on_security_group(&action.operation) => SECURITY_GROUPS,
                None => action.load_balancer.as_str(),
            };
            out.push_str(&format!("\n  {}\n", self.style.paint(Tint::Name, name)));
        }
        if let Some(row) = self.actions.get(&action.id) {
            write(&[with_result(row.clone(), result)], self.style, &mut out);
        }
        out
    }

    /// The end of a pass: its actions, its statuses, and the wait after it.
    pub fn ended(&self, end: &PassEnd<'_>) -> String {
        let mut rows = Vec::new();
        if !end.results.is_empty() {
            rows.push(Row::plain(2, total(end.results), ""));
        }
        rows.extend(statuses(end.statuses));
        if !end.conditions.is_empty() {
            let what = format!("condition of {}", first_of(end.conditions, INGRESSES));
            rows.push(Row::signed(2, Sign::Done, what, ""));
        }
        if let Some((seconds, what)) = &end.waited {
            rows.push(Row::plain(2, format!("{} of simulated time pass until {what}", length(*seconds)), ""));
        }
        let mut out = "\n".to_owned();
        write(&rows, self.style, &mut out);
        out
    }

    /// The load balancers at the end of a step, and the pass that found nothing to do.
    pub fn settled(&mut self, settled: &Settled<'_>) -> String {
        let mut out = format!("\n{}\n", self.style.paint(Tint::Name, "What is there now"));
        out.push_str(&tree(settled.inventory, settled.cluster, self.style));
        let (snapshot, plan) = (&settled.pass.snapshot, &settled.pass.plan);
        out.push_str(&self.head(snapshot));
        out.push_str(&load_balancers(snapshot, plan, self.style));
        out.push_str(&self.problems(snapshot, plan));
        out.push('\n');
        out.push_str(&last_line(snapshot, plan, self.style));
        out
    }

    /// `Pass 2   4 Ingresses, 1 load balancer of ours · 2026-11-21 09:33 UTC`.
    fn head(&mut self, snapshot: &Snapshot) -> String {
        self.passes += 1;
        let is_ours = |found: &&LoadBalancer| found.tags.iter().any(|tag| tag.key == TAG_ID);
        let load_balancers = match snapshot.inventory.load_balancers.iter().filter(is_ours).count() {
            0 => "no load balancer yet".to_owned(),
            number => count(number, "load balancer"),
        };
        format!(
            "\n{}   {}, {load_balancers} · {}\n",
            self.style.paint(Tint::Name, &format!("Pass {}", self.passes)),
            objects(snapshot.cluster.sources().map(SourceObject::kind)),
            moment(snapshot.time)
        )
    }

    /// The problems, unless the pass before had the same.
    fn problems(&mut self, snapshot: &Snapshot, plan: &Plan) -> String {
        let problems = problems_text(plan, &Names::new(&snapshot.inventory, plan), self.style);
        if problems.is_empty() || problems == self.problems {
            return String::new();
        }
        self.problems.clone_from(&problems);
        format!("\n{problems}")
    }

    fn paragraph(&self, tint: Tint, text: &str) -> String {
        let lines = wrap(text, self.style.width());
        lines.iter().map(|line| format!("{}\n", self.style.paint(tint, line))).collect()
    }
}

/// One row for each hostname, since a load balancer serves many Ingresses.
fn statuses(writes: &[StatusWrite]) -> Vec<Row> {
    let mut by_hostname: BTreeMap<Option<&str>, Vec<String>> = BTreeMap::new();
    for write in writes {
        by_hostname.entry(write.after.as_deref()).or_default().push(write.object.to_string());
    }
    by_hostname
        .into_iter()
        .map(|(hostname, names)| {
            let names = first_of(&names, INGRESSES);
            let what = hostname.map_or_else(|| "emptied".to_owned(), |hostname| format!("→ {hostname}"));
            Row::signed(2, Sign::Done, format!("status of {names} {what}"), "")
        })
        .collect()
}
