//! The page of a simulation of the built-in example, as a browser gets it.

use std::{sync::Arc, time::Duration};

use albatross_contract::{
    Action, ActionResult, ActionState, ObjectName, Seconds, TargetGroup, TargetHealth, Timestamp,
};
use albatross_engine::{Engine, Limits};

use super::{Answer, Board, History, Page, Past, Shown};
use crate::{
    example,
    pass::{Makers, Pass},
    simulation::{Applied, PassEnd, Settled, Simulation, Watcher},
    swap::{Deciders, Shadow},
};

struct Nobody;

impl Watcher for Nobody {
    fn applied(&mut self, _: &Applied) {}
    fn swapped(&mut self, _: &Deciders, _: &Shadow) {}
    fn waited(&mut self, _: Seconds) {}
    fn planned(&mut self, _: &Pass) {}
    fn executed(&mut self, _: &Action, _: &ActionResult) {}
    fn ended(&mut self, _: &PassEnd<'_>) {}
    fn settled(&mut self, _: &Settled<'_>) {}
}

/// The example after it has settled.
fn shown() -> Shown {
    let engine = Engine::new(Limits::default());
    let makers = Arc::new(Makers::load(None, &[], &engine).unwrap());
    let deciders = Deciders::all(Arc::clone(&makers), "settings", &[]).unwrap();
    let settings = example::settings().unwrap();
    let mut simulation = Simulation::new(deciders, settings, example::cloud().unwrap());
    simulation.step(example::first().unwrap().cluster, &mut Nobody).unwrap();
    let (_, pass) = simulation.now().unwrap();
    Shown {
        snapshot: pass.snapshot,
        plan: pass.plan,
        results: Vec::new(),
        is_superseded: false,
        makers,
        messages: Vec::new(),
    }
}

/// The example before anything was done, with a plan that creates everything.
fn beginning() -> Shown {
    let mut shown = shown();
    shown.snapshot.cluster = example::first().unwrap().cluster;
    shown.snapshot.inventory = example::cloud().unwrap();
    let pass = shown.makers.pass(shown.snapshot.clone()).unwrap();
    assert!(!pass.plan.actions.is_empty());
    Shown { snapshot: pass.snapshot, plan: pass.plan, ..shown }
}

fn page(shown: Shown) -> Page {
    Page { shown: Some(Arc::new(shown)), changing: None, trouble: None, history: History::default() }
}

fn get(page: &Page, address: &str) -> Answer {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    page.answer(path, query)
}

fn document(page: &Page, address: &str) -> String {
    let answer = get(page, address);
    assert_eq!(answer.status, 200, "{address}: {}", answer.document);
    answer.document
}

fn has(document: &str, all: &[&str]) {
    for expected in all {
        assert!(document.contains(expected), "{expected} in {document}");
    }
}

#[test]
fn the_fleet_is_there_at_a_glance() {
    let page = page(shown());
    let document = document(&page, "/");
    let Shown { snapshot, plan, .. } = page.shown.as_deref().unwrap();
    let name = &plan.load_balancers[0].name;
    has(
        &document,
        &[
            "<h1>Load balancers of ",
            &format!("<dt>VPC</dt><dd>{}</dd>", snapshot.inventory.vpc.id),
            &format!("<a href=\"load-balancer?name={name}\">{name}</a>"),
            "Certificates in use, the first that ends first",
            "certificates on a load balancer",
            "aria-current=\"page\">Fleet</a>",
        ],
    );
}

#[test]
fn each_load_balancer_has_a_picture_from_listener_to_target() {
    let mut shown = shown();
    let ours: Vec<String> = shown.plan.load_balancers.iter().filter_map(|found| found.arn.clone()).collect();
    let mut groups = shown.snapshot.inventory.target_groups.iter_mut();
    let is_used = |group: &TargetGroup| group.load_balancer_arns.iter().any(|arn| ours.contains(arn));
    let group = groups.find(|group| !group.targets.is_empty() && is_used(group)).unwrap();
    group.targets[0].health = TargetHealth::Unhealthy;
    group.targets[0].reason = Some("Target.Timeout".to_owned());
    let (targets, name) = (group.targets.len(), group.name.clone());
    let page = page(shown);
    let plan = &page.shown.as_deref().unwrap().plan;
    let seen: Vec<String> = plan
        .load_balancers
        .iter()
        .map(|found| document(&page, &format!("/load-balancer?name={}", found.name)))
        .collect();
    has(&seen[0], &["HTTPS on port 443", "all other requests", "It is active. "]);
    let id = format!("id=\"{name}\"");
    let with_group = seen.iter().find(|document| document.contains(&id)).unwrap();
    let counted = match targets {
        1 => "1 unhealthy".to_owned(),
        targets => format!("{} healthy, 1 unhealthy", targets - 1),
    };
    has(
        with_group,
        &[&format!("<a href=\"#{name}\">{counted}</a>"), "unhealthy (Target.Timeout)", "class=\"unhealthy\""],
    );
}

#[test]
fn an_ingress_and_a_request_are_explained() {
    let page = page(shown());
    let object = page.shown.as_deref().unwrap().plan.outcomes[0].object.to_string();
    let explained = document(&page, &format!("/explain?object={object}"));
    has(&explained, &["<td>chosen</td>", "Candidates", &format!("value=\"{object}\"")]);
    let answered =
        document(&page, "/explain?method=get&url=https%3A%2F%2Fshop.example.org%2Fcart&header=&from=");
    has(&answered, &["value=\"https://shop.example.org/cart\""]);
    for (query, said) in [
        ("object=nobody", "expected namespace/name of an Ingress"),
        ("object=HTTPRoute:a/b", "expected namespace/name of an Ingress"),
        ("object=shop/nothing", "shop/nothing"),
        ("url=ftp://a", "expected a URL"),
        ("url=https://a.example.org&method=G+T", "expected a method"),
        ("url=https://a.example.org&header=nocolon", "expected a header"),
        ("url=https://a.example.org&from=here", "expected an IP address"),
    ] {
        let document = document(&page, &format!("/explain?{query}"));
        let mut parts = document.split("<p class=\"verdict problem\">").skip(1);
        let verdict = parts.next().unwrap_or_else(|| panic!("{query}: {document}"));
        assert!(verdict.split("</p>").next().unwrap().contains(said), "{query}: {verdict}");
    }
}

#[test]
fn the_plan_says_what_it_changes_why_and_what_failed() {
    let mut shown = beginning();
    let states = [ActionState::Failed, ActionState::Skipped, ActionState::Done];
    let result = |(action, state): (&Action, ActionState)| ActionResult {
        action: action.id.clone(),
        state,
        error: (state == ActionState::Failed).then(|| "AccessDenied <b>".to_owned()),
    };
    shown.results = shown.plan.actions.iter().zip(states).map(result).collect();
    let reason = shown.plan.actions[0].reason.clone();
    let name = shown.plan.load_balancers[0].name.clone();
    let page = page(shown);
    has(
        &document(&page, "/plan"),
        &[
            "verdict problem",
            &format!("<h3>{name}</h3>"),
            "<td>failed</td><td>AccessDenied &lt;b&gt;</td>",
            &format!("<td>{reason}</td>"),
            "aria-current=\"page\">Last change</a>",
        ],
    );
    let fleet = document(&page, "/");
    let undone = "1 action failed, and 1 was skipped: see Last change.";
    has(&fleet, &["verdict problem", undone, "0 load balancers serve"]);
}

#[test]
fn what_is_left_to_the_next_plan_is_no_problem() {
    let mut shown = beginning();
    let skipped = |action: &Action| ActionResult {
        action: action.id.clone(),
        state: ActionState::Skipped,
        error: None,
    };
    shown.results = shown.plan.actions.iter().map(skipped).collect();
    shown.is_superseded = true;
    let fleet = document(&page(shown), "/");
    assert!(fleet.contains("0 load balancers serve") && !fleet.contains("skipped"), "{fleet}");
}

#[test]
fn an_idle_night_does_not_push_out_what_happened_before() {
    let shown = shown();
    let past = |at: Timestamp, results: &[ActionResult]| {
        let mut snapshot = shown.snapshot.clone();
        snapshot.time += at;
        // The line of the plan says how long until then, so it is another one each time.
        let mut plan = shown.plan.clone();
        plan.next_change_at = Some(shown.snapshot.time + 10_000);
        Past::new(&snapshot, &plan, results, Duration::from_millis(1_234))
    };
    let done = ActionResult { action: "a".to_owned(), state: ActionState::Done, error: None };
    let mut history = History::default();
    history.add(past(0, &[done]));
    for pass in 1..=2_000 {
        history.add(past(pass, &[]));
    }
    let failed = |at| Past::failed(shown.snapshot.time + at, "AccessDenied");
    history.add(failed(2_001));
    history.add(failed(2_002));
    let page = Page { shown: Some(Arc::new(shown)), changing: None, trouble: None, history };
    let document = document(&page, "/history");
    assert!(
        document.matches("<tr>").count() <= 4,
        "heading, what was done, idle passes, failures: {document}"
    );
    has(
        &document,
        &[
            "2003 passes since the start of this process.",
            ", 2 passes</th>",
            "no plan: AccessDenied",
            "1.2 s",
        ],
    );
}

#[test]
fn a_pass_without_a_plan_is_said_on_every_page_and_stays_in_the_history() {
    let board = Board::default();
    board.failed(1_795_253_400, "AWS does not accept the credentials".to_owned());
    let first = board.page().answer("/", "");
    assert_eq!(first.status, 503);
    has(&first.document, &["There was no plan at ", "AWS does not accept the credentials."]);
    let shown = shown();
    let past = Past::new(&shown.snapshot, &shown.plan, &[], Duration::ZERO);
    let name = shown.plan.load_balancers[0].name.clone();
    board.show(shown, past);
    assert!(!document(&board.page(), "/").contains("There was no plan"));
    board.failed(1_795_253_460, "Throttling".to_owned());
    for address in ["/", "/plan", "/explain", &format!("/load-balancer?name={name}")] {
        let document = document(&board.page(), address);
        has(&document, &["verdict problem", ": Throttling. This is the pass before it: "]);
    }
    board.clear();
    assert_eq!(board.page().answer("/", "").status, 503);
    has(&document(&board.page(), "/history"), &["3 passes since", "no plan: Throttling"]);
}

#[test]
fn the_last_change_stays_on_its_page_while_nothing_changes() {
    let board = Board::default();
    let first = beginning();
    let created = format!("<h3>{}</h3>", first.plan.load_balancers[0].name);
    let past = Past::new(&first.snapshot, &first.plan, &[], Duration::ZERO);
    board.show(first, past);
    let idle = shown();
    let past = Past::new(&idle.snapshot, &idle.plan, &[], Duration::ZERO);
    board.show(idle, past);
    has(&document(&board.page(), "/plan"), &[&created]);
    has(&document(&board.page(), "/"), &["2 load balancers serve"]);
}

#[test]
fn a_large_fleet_has_pages_of_bounded_size_that_lead_to_every_load_balancer() {
    let mut shown = shown();
    let one = shown.plan.load_balancers[0].clone();
    let member = |number: usize| ObjectName::ingress("shop", &format!("a-long-name-of-an-ingress-{number}"));
    shown.plan.load_balancers = (0..500)
        .map(|number| {
            let mut found = one.clone();
            (found.id, found.name) = (format!("{number:012x}"), format!("albatross-{number}"));
            found.members = (0..20).map(|at| member(number * 20 + at)).collect();
            for listener in &mut found.listeners {
                let rule = listener.rules.first().cloned();
                listener.rules = rule.into_iter().cycle().take(100).collect();
            }
            found
        })
        .collect();
    for group in &mut shown.snapshot.inventory.target_groups {
        let target = group.targets.first().cloned();
        group.targets = target.into_iter().cycle().take(1_000).collect();
    }
    let page = page(shown);
    let fleet = document(&page, "/");
    for number in [0, 59, 60, 499] {
        has(&fleet, &[&format!("href=\"load-balancer?name=albatross-{number}\"")]);
    }
    assert!(fleet.len() < 2_000_000, "{}", fleet.len());
    let large = document(&page, "/load-balancer?name=albatross-499");
    assert!(large.len() < 1_000_000, "{}", large.len());
    has(&large, &["more targets are not shown"]);
}

#[test]
fn nothing_leads_elsewhere_and_nothing_from_outside_is_markup() {
    let hostile = "x\"><script>alert(1)</script>";
    let mut shown = shown();
    shown.messages.push(hostile.to_owned());
    shown.snapshot.settings.identity.cluster_id = hostile.to_owned();
    for found in &mut shown.plan.load_balancers {
        found.group = Some(hostile.to_owned());
        found.group_reason = Some(hostile.to_owned());
        found.name = hostile.to_owned();
        found.dns_name = Some(hostile.to_owned());
        found.members.push(ObjectName::ingress(hostile, hostile));
    }
    for group in &mut shown.snapshot.inventory.target_groups {
        group.name = hostile.to_owned();
        group.targets.iter_mut().for_each(|target| target.reason = Some(hostile.to_owned()));
    }
    for outcome in &mut shown.plan.outcomes {
        outcome.object.name = hostile.to_owned();
        outcome.diagnostics.iter_mut().for_each(|found| found.message = hostile.to_owned());
    }
    let error = Some(hostile.to_owned());
    shown.results.push(ActionResult { action: hostile.to_owned(), state: ActionState::Failed, error });
    let page = page(shown);
    let quoted = "x%22%3E%3Cscript%3Ealert(1)%3C/script%3E";
    for address in [
        "/".to_owned(),
        "/plan".to_owned(),
        "/history".to_owned(),
        format!("/load-balancer?name={quoted}"),
        format!("/load-balancer?name=other{quoted}"),
        format!("/explain?object={quoted}"),
        format!("/explain?url={quoted}&method={quoted}&header={quoted}&from={quoted}"),
        format!("/{hostile}?{hostile}=%zz&&&=="),
    ] {
        let document = get(&page, &address).document;
        assert!(!document.contains("<script"), "{address}: {document}");
        for attribute in ["href=\"", "action=\"", "src=\""] {
            for link in document.split(attribute).skip(1) {
                assert!(!link.starts_with('/') && !link.starts_with("http"), "{address}: {link}");
            }
        }
    }
}

#[test]
fn what_is_not_there_is_said() {
    assert_eq!(Page::default().answer("/", "").status, 503);
    assert_eq!(Page::default().answer("/history", "").status, 200);
    let page = page(shown());
    for address in ["/nothing", "/a/b", "/load-balancer", "/load-balancer?name=nothing", "//", ""] {
        assert_eq!(get(&page, address).status, 404, "{address}");
    }
}
