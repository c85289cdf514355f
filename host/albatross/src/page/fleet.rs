//! The first page: all load balancers, what to look at, how full everything is, and when certificates end.

use std::collections::BTreeMap;

use albatross_contract::{
    Certificate, DesiredLoadBalancer, LoadBalancerFate, OutcomeState, Severity, Timestamp,
};

use super::{Answer, Shown, address::address, document, ok};
use crate::{
    html::{
        Element, element,
        frame::Section,
        table::{cell, column, left_out, number, numbers, table, title},
        text,
    },
    render::{
        names::Names,
        problems::{Problem, problems},
        terms,
        time::{date, length},
        words::{count, first_of, objects},
    },
    report::{fleet::linked_fleet, numbers::withheld},
    what_if::quota_changes,
};

/// The most problems.
const PROBLEMS: usize = 100;
/// The most names of a problem.
const SUBJECTS: usize = 20;
/// The most certificates.
const CERTIFICATES: usize = 500;

/// The page.
pub fn page(shown: &Shown) -> Answer {
    let Shown { snapshot, plan, .. } = shown;
    let sections = [
        Section::new("look", "What to look at", attention(shown)),
        Section::new(
            "fleet",
            "Load balancers",
            linked_fleet(shown.side(), &|found| address("load-balancer", "name", &found.name)),
        ),
        Section::new("quotas", "Quotas", quotas(shown)),
        Section::new("certificates", "Certificates", certificates(shown)),
    ];
    let sections = sections.into_iter().filter(|section| !section.content.is_empty());
    let is_problem = plan.outcomes.iter().any(|outcome| {
        matches!(outcome.state, OutcomeState::Rejected | OutcomeState::Held | OutcomeState::Waiting)
    }) || !plan.withheld.is_empty()
        || !shown.messages.is_empty();
    let title = format!("Load balancers of {}", snapshot.settings.identity.cluster_id);
    let head = shown.head(&title, verdict(shown), is_problem);
    ok(document(head, "./", sections.map(Section::element).collect()))
}

/// `3 load balancers serve 41 Ingresses. 2 are held, 1 is rejected. A budget withholds 1 change.`
fn verdict(shown: &Shown) -> String {
    let plan = &shown.plan;
    let serving = |found: &&DesiredLoadBalancer| {
        matches!(found.fate, LoadBalancerFate::Create | LoadBalancerFate::Keep)
    };
    let load_balancers = plan.load_balancers.iter().filter(serving).count();
    let of_state = |state: OutcomeState| plan.outcomes.iter().filter(move |outcome| outcome.state == state);
    let served = of_state(OutcomeState::Placed).chain(of_state(OutcomeState::Held));
    let served = objects(served.map(|outcome| outcome.object.kind));
    let serve = if load_balancers == 1 { "serves" } else { "serve" };
    let mut sentences = vec![format!("{} {serve} {served}.", count(load_balancers, "load balancer"))];
    let others = [OutcomeState::Held, OutcomeState::Waiting, OutcomeState::Rejected].map(|state| {
        let number = of_state(state).count();
        (number > 0)
            .then(|| format!("{number} {} {}", if number == 1 { "is" } else { "are" }, terms::outcome(state)))
    });
    let others: Vec<String> = others.into_iter().flatten().collect();
    if !others.is_empty() {
        sentences.push(format!("{}.", others.join(", ")));
    }
    if !plan.withheld.is_empty() {
        let withhold = if plan.withheld.len() == 1 { "is" } else { "are" };
        sentences.push(format!("{} {withhold} withheld by a budget.", count(plan.withheld.len(), "change")));
    }
    sentences.join(" ")
}

/// Problems, the worst first, and what is withheld.
fn attention(shown: &Shown) -> Vec<Element> {
    let messages = shown.messages.iter().map(|message| element("li").with(text("span", message)));
    let problems = problems(&shown.plan);
    let items: Vec<Element> = messages.chain(problems.iter().take(PROBLEMS).map(problem)).collect();
    let mut content = withheld(&shown.plan);
    if !items.is_empty() {
        content.push(element("ul").class("problems").with_all(items));
    }
    content.extend(left_out(problems.len().saturating_sub(PROBLEMS), "problem", ""));
    content
}

fn problem(problem: &Problem) -> Element {
    let severity = match problem.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    };
    let subjects: Vec<&String> = problem.subjects.iter().filter(|subject| !subject.is_empty()).collect();
    element("li")
        .with(text("span", severity).class("badge"))
        .with(text("strong", &first_of(&subjects, SUBJECTS)))
        .with(text("span", &problem.text))
        .with_all(problem.remedy.as_ref().map(|remedy| text("span", remedy).class("faint")))
}

/// How much of each quota is used.
fn quotas(shown: &Shown) -> Vec<Element> {
    let now = (&shown.snapshot, &shown.plan);
    let changes = quota_changes(now, now);
    let row = |change: &crate::what_if::QuotaChange| {
        let quota = &change.after;
        vec![
            title(change.quota),
            cell(&quota.resource),
            number(&quota.used.to_string()),
            number(&quota.limit.to_string()),
        ]
    };
    let columns = vec![column("quota"), column("used most by"), numbers("used"), numbers("allowed")];
    let rows: Vec<Vec<Element>> = changes.iter().map(row).collect();
    if rows.is_empty() { Vec::new() } else { vec![table("Quotas of AWS", columns, rows)] }
}

/// The certificates in use, the first that ends first.
fn certificates(shown: &Shown) -> Vec<Element> {
    let mut uses: BTreeMap<&str, usize> = BTreeMap::new();
    for found in shown.plan.load_balancers.iter().flat_map(|found| &found.certificates) {
        *uses.entry(&found.arn).or_default() += 1;
    }
    let inventory = &shown.snapshot.inventory;
    let mut used: Vec<&Certificate> =
        inventory.certificates.iter().filter(|found| uses.contains_key(found.arn.as_str())).collect();
    used.sort_by_key(|found| (found.not_after.unwrap_or(Timestamp::MAX), &found.arn));
    if used.is_empty() {
        return Vec::new();
    }
    let names = Names::new(inventory, &shown.plan);
    let row = |found: &&Certificate| {
        let (until, left) = match found.not_after {
            None => ("unknown".to_owned(), String::new()),
            Some(end) if end <= shown.snapshot.time => (date(end), "expired".to_owned()),
            Some(end) => (date(end), length(end - shown.snapshot.time)),
        };
        let uses = uses.get(found.arn.as_str()).copied().unwrap_or_default();
        vec![title(&names.certificate(&found.arn)), cell(&until), cell(&left), number(&uses.to_string())]
    };
    let columns =
        vec![column("certificate"), column("valid until"), column("left"), numbers("load balancers")];
    let rows = used.iter().take(CERTIFICATES).map(row).collect();
    let mut content = vec![table("Certificates in use, the first that ends first", columns, rows)];
    content.extend(left_out(used.len().saturating_sub(CERTIFICATES), "certificate", ""));
    content
}
