//! A plan for people: the load balancers, then the problems, and a summary in the last line.

use std::time::Duration;

use albatross_contract::{ComponentIdentity, Plan, PolicyPoint, Snapshot, SourceObject};

use super::{
    columns::{wrap, write},
    gates::{self, gates},
    grace::graces,
    load_balancer::sections,
    names::Names,
    problems::problems_text,
    section::write_section,
    style::{Style, Tint},
    summary::Summary,
    time::moment,
    words::{count, objects, short_component, short_digest},
};

/// The components that made a plan.
pub struct Origin<'a> {
    /// The planner.
    pub planner: &'a ComponentIdentity,
    /// The policies and the points that they took over.
    pub policies: Vec<(PolicyPoint, &'a ComponentIdentity)>,
    /// How long planning took. It differs each time, so JSON output does not have it.
    pub took: Option<Duration>,
}

/// The whole screen of `plan`.
pub fn plan(snapshot: &Snapshot, plan: &Plan, origin: &Origin<'_>, style: Style) -> String {
    let mut out = header(snapshot, origin, style);
    out.push_str(&load_balancers(snapshot, plan, style));
    let problems = problems_text(plan, &Names::new(&snapshot.inventory, plan), style);
    if !problems.is_empty() {
        out.push('\n');
        out.push_str(&problems);
    }
    out.push('\n');
    out.push_str(&last_line(snapshot, plan, style));
    out
}

/// The load balancers on which something changes, those in their grace period, and Pods with our readiness gate.
pub fn load_balancers(snapshot: &Snapshot, plan: &Plan, style: Style) -> String {
    change_texts(snapshot, plan, style).iter().map(|(_, text)| format!("\n{text}")).collect()
}

/// The same, apart: a title and the changes for each load balancer, for the readiness gates, and for the grace periods.
pub fn change_texts(snapshot: &Snapshot, plan: &Plan, style: Style) -> Vec<(String, String)> {
    let names = Names::new(&snapshot.inventory, plan);
    let mut texts: Vec<(String, String)> = sections(plan, &names)
        .iter()
        .map(|section| {
            let mut out = String::new();
            write_section(section, style, &mut out);
            (section.name.clone(), out.trim_start_matches('\n').to_owned())
        })
        .collect();
    let others = [(gates::TITLE, gates(plan)), ("Grace periods", graces(snapshot, plan))];
    for (title, rows) in others.into_iter().filter(|(_, rows)| !rows.is_empty()) {
        let mut out = String::new();
        write(&rows, style, &mut out);
        texts.push((title.to_owned(), out));
    }
    texts
}

/// The summary line.
pub fn last_line(snapshot: &Snapshot, plan: &Plan, style: Style) -> String {
    let line = Summary::new(snapshot, plan).line(snapshot, plan);
    let lines = wrap(&line, style.width());
    lines.iter().map(|line| format!("{}\n", style.paint(Tint::Name, line))).collect()
}

/// The contents of the snapshot, and the components that made the plan.
pub(super) fn header(snapshot: &Snapshot, origin: &Origin<'_>, style: Style) -> String {
    let mut out = String::new();
    write_titled("Snapshot", &contents(snapshot), style, &mut out);
    out.push_str(&introduction(origin, style));
    out
}

/// `5 Ingresses, 2 load balancers, 4 certificates · eu-central-1 · 2026-11-21 09:30 UTC`.
pub fn contents(snapshot: &Snapshot) -> String {
    let inventory = &snapshot.inventory;
    let contents = [
        objects(snapshot.cluster.sources().map(SourceObject::kind)),
        count(inventory.load_balancers.len(), "load balancer"),
        count(inventory.certificates.len(), "certificate"),
    ]
    .join(", ");
    format!("{contents} · {} · {}", inventory.region, moment(snapshot.time))
}

/// `Planner    albatross 0.1.0, sha256 3f2a91c0 · default policies · 3 ms`.
pub fn introduction(origin: &Origin<'_>, style: Style) -> String {
    let mut out = String::new();
    write_titled("Planner", &origin.line(), style, &mut out);
    out
}

impl Origin<'_> {
    /// `albatross 0.1.0, sha256 3f2a91c0 · default policies · 3 ms`.
    pub fn line(&self) -> String {
        let mut facts = vec![format!("{}, sha256 {}", self.planner.name, short_digest(&self.planner.sha256))];
        if self.policies.is_empty() {
            facts.push("default policies".to_owned());
        }
        facts.extend(self.policies.iter().map(|(point, policy)| {
            let (point, name) = (point.as_str(), short_component(&policy.name));
            format!("{point} {name}, sha256 {}", short_digest(&policy.sha256))
        }));
        facts.extend(self.took.map(milliseconds));
        facts.join(" · ")
    }
}

fn write_titled(title: &str, text: &str, style: Style, out: &mut String) {
    const TITLE: usize = 11;
    for (number, line) in wrap(text, style.width().saturating_sub(TITLE)).iter().enumerate() {
        let title = if number == 0 { title } else { "" };
        out.push_str(&style.paint(Tint::Faint, &format!("{title:<TITLE$}")));
        out.push_str(line);
        out.push('\n');
    }
}

fn milliseconds(took: Duration) -> String {
    match took.as_millis() {
        0 => "less than 1 ms".to_owned(),
        milliseconds => format!("{milliseconds} ms"),
    }
}
