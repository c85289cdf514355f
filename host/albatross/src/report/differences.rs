//! What differs between two plans, side by side: a row for each object, load balancer, action and problem.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{Action, ObjectName, Outcome, Plan, StatusChange};

use super::{
    both::{Both, load_balancer_name, names, outcomes},
    filter::Keys,
    kinds::{add_kind, changed_lines},
    rows::{Line, Row, Rows},
};
use crate::{
    comparison::{place, without_note},
    difference::{Difference, Side, action_content},
    json::fields::fields,
    render::{
        names::Names,
        progress::Progress,
        terms,
        words::{first_of, short_id},
    },
};

/// The most hosts of an object that are shown.
const HOSTS: usize = 10;

/// The rows of two plans.
pub fn rows(both: &Both<'_>) -> Rows {
    let mut rows = Rows::default();
    add_objects(both, &mut rows);
    add_actions(both, &mut rows);
    let Difference { answer, .. } = Difference::new(both.before.side, both.after.side);
    let load_balancers = load_balancers_of(both);
    // Objects and actions are above, with all that identifies them.
    for kind in answer.iter().filter(|kind| !matches!(kind.kind, "Ingress" | "action")) {
        add_kind(kind, &load_balancers, &mut rows);
    }
    rows
}

/// Objects that ask for a load balancer, as far as their outcomes differ.
fn add_objects(both: &Both<'_>, rows: &mut Rows) {
    let hosts = both.hosts();
    let sides = [both.before.side, both.after.side];
    let [old, new] = sides.map(|side| outcomes(side.plan));
    let names = sides.map(names);
    let all: BTreeSet<&ObjectName> = old.keys().chain(new.keys()).copied().collect();
    for object in all {
        let found = [old.get(object).copied(), new.get(object).copied()];
        let Some([one, other]) = different_lines(sides, &names, found) else { continue };
        rows.add(object.kind.kubernetes(), || {
            let mut load_balancers = BTreeSet::new();
            for (outcome, side) in found.into_iter().zip(sides) {
                let place = outcome.map(|outcome| place(side.plan, outcome.load_balancer.as_deref()));
                load_balancers.extend(place.map(|place| without_note(&place).to_owned()));
            }
            let hosts = hosts.get(object).map(Vec::as_slice).unwrap_or_default();
            Row {
                keys: keys(object, load_balancers, hosts),
                subject: object.to_string(),
                note: first_of(hosts, HOSTS),
                sides: [one, other],
            }
        });
    }
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

/// The lines in which the outcomes of an object differ. `None`: they do not.
fn different_lines(
    sides: [Side<'_>; 2],
    names: &[Names<'_>; 2],
    found: [Option<&Outcome>; 2],
) -> Option<[Vec<Line>; 2]> {
    let certificates = found.map(|outcome| outcome.map(|outcome| &outcome.certificates));
    // Two certificates can have the same name, and two ids the same beginning.
    for exactness in [Exactness::Name, Exactness::ShortId, Exactness::Arn] {
        let [mut one, mut other] = [0, 1].map(|at| {
            let lines = |it: &Outcome| lines(sides[at].plan, &names[at], it, exactness);
            found[at].map_or_else(Vec::new, lines)
        });
        let is_told = |lines: &[Line], others: &[Line]| {
            lines.iter().any(|it| it.0 == CERTIFICATES && !others.contains(it))
        };
        if certificates[0] != certificates[1] && !is_told(&one, &other) && exactness != Exactness::Arn {
            continue;
        }
        let same: Vec<Line> = one.iter().filter(|line| other.contains(line)).cloned().collect();
        one.retain(|line| !same.contains(line));
        other.retain(|line| !same.contains(line));
        return (!(one.is_empty() && other.is_empty())).then_some([one, other]);
    }
    None
}

/// How a certificate is written.
#[derive(Clone, Copy, PartialEq)]
enum Exactness {
    Name,
    ShortId,
    Arn,
}

const CERTIFICATES: &str = "certificates";

fn lines(plan: &Plan, names: &Names<'_>, outcome: &Outcome, exactness: Exactness) -> Vec<Line> {
    let published = match &outcome.status {
        StatusChange::Keep => outcome.hostname.as_deref(),
        StatusChange::Publish(name) => Some(name.as_str()),
        StatusChange::Withdraw => None,
    };
    let certificate = |arn: &str| match exactness {
        Exactness::Name => names.certificate(arn),
        Exactness::ShortId => format!("{} ({})", names.certificate(arn), short_id(arn)),
        Exactness::Arn => arn.to_owned(),
    };
    let certificates = outcome.certificates.iter();
    let certificates = certificates.map(|it| format!("{} for {}", certificate(&it.certificate), it.host));
    let certificates = certificates.collect::<Vec<_>>().join(", ");
    let line = |title: &str, value: String| (title.to_owned(), value);
    let or_none = |value: Option<&str>| value.filter(|value| !value.is_empty()).unwrap_or("none").to_owned();
    vec![
        line("load balancer", place(plan, outcome.load_balancer.as_deref())),
        line("state", terms::outcome(outcome.state)),
        line(CERTIFICATES, or_none(Some(&certificates))),
        line("name in its status", or_none(outcome.hostname.as_deref())),
        line("published name", or_none(published)),
    ]
}

/// Actions that only one of the plans has, and those that both have with another content.
fn add_actions(both: &Both<'_>, rows: &mut Rows) {
    let sides = [both.before.side, both.after.side];
    let [old, new] = sides.map(|side| actions_by_id(side.plan));
    for (at, other) in [(0, &new), (1, &old)] {
        let side = sides[at];
        let progress = Progress::of(names(side));
        for action in &side.plan.actions {
            let mut lines = [Vec::new(), Vec::new()];
            match other.get(action.id.as_str()) {
                None => lines[at] = vec![(String::new(), action.reason.clone())],
                // It is a row of the first side.
                Some(_) if at == 1 => continue,
                Some(now) => {
                    let contents = [(side, action), (sides[1], *now)]
                        .map(|(it, action)| action_content(it.plan, action));
                    let changed = fields(&contents[0], &contents[1]);
                    if changed.is_empty() {
                        continue;
                    }
                    lines = changed_lines(&changed);
                }
            }
            rows.add("action", || Row {
                keys: keys_of_action(side.plan, action),
                subject: progress.row(action).subject,
                note: String::new(),
                sides: lines,
            });
        }
    }
}

fn actions_by_id(plan: &Plan) -> BTreeMap<&str, &Action> {
    plan.actions.iter().map(|action| (action.id.as_str(), action)).collect()
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
