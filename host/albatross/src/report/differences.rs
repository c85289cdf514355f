//! What differs between two plans, side by side: a row for each object, load balancer, action and problem.

use std::collections::BTreeSet;

use albatross_contract::{Action, ObjectName, Outcome, Plan, StatusChange};

use super::{
    both::{Both, load_balancer_name, outcomes},
    filter::Keys,
    html::{Element, element, text},
    table::{left_out, scrolling},
};
use crate::{
    comparison::place,
    difference::{Changed, Difference, Kind, Side},
    json::fields::Field,
    render::{
        names::Names,
        progress::Progress,
        terms,
        words::{count, cut, first_of},
    },
};

/// The most rows of a table.
const ROWS: usize = 1_000;
/// The most hosts of an object that are shown.
const HOSTS: usize = 10;
/// The most characters of a value.
const VALUE: usize = 400;

/// A row: what it is about, and both sides.
#[derive(Clone, Debug)]
pub struct Row {
    /// By what it is found.
    pub keys: Keys,
    /// What it is about.
    pub subject: String,
    /// More about it.
    pub note: String,
    /// The lines of both sides, each with a title, which may be empty.
    pub sides: [Vec<Line>; 2],
}

/// The title of a value, and the value.
pub type Line = (String, String);

/// The rows of two plans.
pub fn rows(both: &Both<'_>) -> Vec<Row> {
    let mut rows = objects(both);
    rows.extend(actions(both));
    let Difference { answer, .. } = Difference::new(both.before.side, both.after.side);
    // Objects and actions are above, with all that identifies them.
    let others = answer.iter().filter(|kind| !matches!(kind.kind, "Ingress" | "action"));
    rows.extend(others.flat_map(|kind| of_kind(kind, &load_balancers_of(both))));
    rows
}

/// The table of rows.
pub fn table(caption: &str, titles: [&str; 2], rows: &[Row]) -> Vec<Element> {
    let heading = |title: &str| text("th", title).attribute("scope", "col");
    let head = element("tr").with(heading("what")).with_all(titles.map(heading));
    let body = element("tbody").with_all(rows.iter().take(ROWS).map(Row::element));
    let table = element("table")
        .class("differences")
        .with(text("caption", &format!("{caption}: {}", count(rows.len(), "difference"))))
        .with(element("thead").with(head))
        .with(body);
    let mut elements = vec![scrolling(caption, table)];
    elements.extend(left_out(rows.len().saturating_sub(ROWS), "differences"));
    elements
}

impl Row {
    fn element(&self) -> Element {
        let subject = element("th")
            .attribute("scope", "row")
            .with(text("span", &self.keys.kind).class("kind"))
            .with(text("span", &cut(&self.subject, VALUE)))
            .with_all((!self.note.is_empty()).then(|| text("span", &cut(&self.note, VALUE)).class("faint")));
        let side = |lines: &Vec<Line>| {
            let line = |(title, value): &Line| {
                element("div")
                    .with_all((!title.is_empty()).then(|| text("span", &format!("{title}: ")).class("faint")))
                    .with(text("span", &cut(value, VALUE)))
            };
            let none = lines.is_empty().then(|| text("span", "nothing").class("faint"));
            element("td").with_all(lines.iter().map(line)).with_all(none)
        };
        self.keys.row().with(subject).with_all(self.sides.iter().map(side))
    }
}

/// Objects that ask for a load balancer, as far as their outcomes differ.
fn objects(both: &Both<'_>) -> Vec<Row> {
    let hosts = both.hosts();
    let sides = [both.before.side, both.after.side];
    let [old, new] = sides.map(|side| outcomes(side.plan));
    let names = sides.map(names);
    let all: BTreeSet<&ObjectName> = old.keys().chain(new.keys()).copied().collect();
    let row = |object: &ObjectName| {
        let found = [old.get(object), new.get(object)];
        let [mut one, mut other] =
            [0, 1].map(|at| found[at].map_or_else(Vec::new, |it| lines(sides[at].plan, &names[at], it)));
        if one == other {
            return None;
        }
        let mut load_balancers = BTreeSet::new();
        for (outcome, side) in found.into_iter().zip(sides) {
            let id = outcome.and_then(|outcome| outcome.load_balancer.as_deref());
            load_balancers.extend(id.map(|id| load_balancer_name(side.plan, id).to_owned()));
        }
        let same: Vec<Line> = one.iter().filter(|line| other.contains(line)).cloned().collect();
        one.retain(|line| !same.contains(line));
        other.retain(|line| !same.contains(line));
        let hosts = hosts.get(object).map(Vec::as_slice).unwrap_or_default();
        Some(Row {
            keys: keys(object, load_balancers, hosts),
            subject: object.to_string(),
            note: first_of(hosts, HOSTS),
            sides: [one, other],
        })
    };
    all.into_iter().filter_map(row).collect()
}

/// The keys of a row about one object.
pub fn keys(object: &ObjectName, load_balancers: BTreeSet<String>, hosts: &[&str]) -> Keys {
    Keys {
        kind: object.kind.kubernetes().to_owned(),
        namespaces: BTreeSet::from([object.namespace.clone()]),
        load_balancers,
        hosts: hosts.iter().map(|host| (*host).to_owned()).collect(),
    }
}

fn lines(plan: &Plan, names: &Names<'_>, outcome: &Outcome) -> Vec<Line> {
    let published = match &outcome.status {
        StatusChange::Keep => outcome.hostname.clone().unwrap_or_default(),
        StatusChange::Publish(name) => name.clone(),
        StatusChange::Withdraw => String::new(),
    };
    let certificates = outcome.certificates.iter();
    let certificates =
        certificates.map(|it| format!("{} for {}", names.certificate(&it.certificate), it.host));
    let certificates = certificates.collect::<Vec<_>>().join(", ");
    let line = |title: &str, value: String| (title.to_owned(), value);
    vec![
        line("load balancer", place(plan, outcome.load_balancer.as_deref())),
        line("state", terms::outcome(outcome.state)),
        line("certificates", if certificates.is_empty() { "none".to_owned() } else { certificates }),
        line("published name", if published.is_empty() { "none".to_owned() } else { published }),
    ]
}

fn names(side: Side<'_>) -> Names<'_> {
    match side.snapshot {
        Some(snapshot) => Names::new(&snapshot.inventory, side.plan),
        None => Names::of_plan(side.plan),
    }
}

/// Actions that only one of the plans has.
fn actions(both: &Both<'_>) -> Vec<Row> {
    let sides = [both.before.side, both.after.side];
    let by_id = |plan: &Plan| plan.actions.iter().map(|it| it.id.clone()).collect::<BTreeSet<String>>();
    let ids = sides.map(|side| by_id(side.plan));
    let mut rows = Vec::new();
    for at in [0, 1] {
        let progress = Progress::of(names(sides[at]));
        let only = sides[at].plan.actions.iter().filter(|action| !ids[1 - at].contains(&action.id));
        rows.extend(only.map(|action| {
            let mut lines = [Vec::new(), Vec::new()];
            lines[at] = vec![(String::new(), action.reason.clone())];
            let subject = progress.row(action).subject;
            Row { keys: keys_of_action(sides[at].plan, action), subject, note: String::new(), sides: lines }
        }));
    }
    rows
}

fn keys_of_action(plan: &Plan, action: &Action) -> Keys {
    let id = Some(action.load_balancer.as_str()).filter(|id| !id.is_empty());
    Keys {
        kind: "action".to_owned(),
        namespaces: action.objects.iter().map(|object| object.namespace.clone()).collect(),
        load_balancers: id.map(|id| load_balancer_name(plan, id).to_owned()).into_iter().collect(),
        hosts: BTreeSet::new(),
    }
}

/// The names of the load balancers of both plans.
fn load_balancers_of(both: &Both<'_>) -> BTreeSet<String> {
    let plans = [both.before.side.plan, both.after.side.plan];
    plans.iter().flat_map(|plan| &plan.load_balancers).map(|found| found.name.clone()).collect()
}

/// The rows of a kind of which only names, or fields, are known.
pub fn of_kind(kind: &Kind, load_balancers: &BTreeSet<String>) -> Vec<Row> {
    let row = |subject: &str, sides: [Vec<Line>; 2], note: String| Row {
        keys: Keys {
            kind: kind.kind.to_owned(),
            namespaces: namespace(subject).into_iter().collect(),
            load_balancers: load_balancers.iter().filter(|name| subject.contains(*name)).cloned().collect(),
            hosts: BTreeSet::new(),
        },
        subject: subject.to_owned(),
        note,
        sides,
    };
    let there = || vec![(String::new(), "is there".to_owned())];
    let mut rows: Vec<Row> = Vec::new();
    rows.extend(kind.removed.first.iter().map(|name| row(name, [there(), Vec::new()], String::new())));
    rows.extend(kind.added.first.iter().map(|name| row(name, [Vec::new(), there()], String::new())));
    for Changed { objects, fields } in &kind.changes.first {
        let more = fields.count - fields.first.len();
        let mut note = if more > 0 { format!("and {more} more fields") } else { String::new() };
        if objects.count > objects.first.len() {
            note = format!("{} in the same way; {note}", objects.count);
        }
        let sides = [
            fields.first.iter().map(|field| value(field, field.before.as_ref())).collect(),
            fields.first.iter().map(|field| value(field, field.after.as_ref())).collect(),
        ];
        rows.push(row(&objects.first.join(", "), sides, note));
    }
    let named = kind.removed.first.len() + kind.added.first.len();
    let changed: usize = kind.changes.first.iter().map(|change| change.objects.count).sum();
    if let Some(more @ 1..) = kind.count().checked_sub(named + changed) {
        let subject = format!("{more} more, which are not in this report");
        rows.push(row(&subject, [Vec::new(), Vec::new()], String::new()));
    }
    rows
}

fn value(field: &Field, value: Option<&String>) -> Line {
    (field.field.clone(), value.map_or_else(|| "nothing".to_owned(), Clone::clone))
}

/// The namespace of `namespace/name` at the beginning of a text.
fn namespace(subject: &str) -> Option<String> {
    let (namespace, _) = subject.split_once('/')?;
    (!namespace.is_empty() && !namespace.contains(' ')).then(|| namespace.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_of_differences_are_a_report_of_limited_size_that_says_what_is_missing() {
        let row = |number: usize| {
            let side = vec![("load balancer".to_owned(), "x".repeat(10_000))];
            let hosts: Vec<String> = (0..300).map(|host| format!("{host}.example.org")).collect();
            let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
            let object = ObjectName::ingress("shop", &number.to_string());
            Row {
                keys: keys(&object, BTreeSet::new(), &hosts),
                subject: object.to_string(),
                note: String::new(),
                sides: [side.clone(), side],
            }
        };
        let few: Vec<Row> = (0..10).map(row).collect();
        let rows: Vec<Row> = few.iter().cycle().take(3_000).cloned().collect();
        let elements = table("All", ["A", "B"], &rows);
        let page = element("main").with_all(elements).document();
        assert!(page.len() < 7_000_000, "{}", page.len());
        assert!(page.contains("All: 3000 differences"));
        assert!(page.contains("2000 more differences are not in this report"));
    }
}
