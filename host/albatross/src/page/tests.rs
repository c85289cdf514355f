//! The page of a simulation of the built-in example, as a browser gets it.

use std::{sync::Arc, time::Duration};

use albatross_contract::{Action, ActionResult, ActionState, Cluster, Seconds, TargetHealth};
use albatross_engine::{Engine, Limits};

use super::{Answer, History, Page, Past, Shown};
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

/// The example after it has settled, with other manifests if some are given.
fn shown(manifests: Option<Cluster>) -> Shown {
    let engine = Engine::new(Limits::default());
    let makers = Arc::new(Makers::load(None, &[], &engine).unwrap());
    let deciders = Deciders::all(Arc::clone(&makers), "settings", &[]).unwrap();
    let settings = example::settings().unwrap();
    let mut simulation = Simulation::new(deciders, settings, example::cloud().unwrap());
    let cluster = manifests.unwrap_or_else(|| example::first().unwrap().cluster);
    simulation.step(cluster, &mut Nobody).unwrap();
    let (_, pass) = simulation.now().unwrap();
    Shown { snapshot: pass.snapshot, plan: pass.plan, results: Vec::new(), makers, messages: Vec::new() }
}

fn page(shown: Shown) -> Page {
    Page { shown: Some(Arc::new(shown)), history: History::default() }
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
    let page = page(shown(None));
    let document = document(&page, "/");
    let Shown { snapshot, plan, .. } = page.shown.as_deref().unwrap();
    let name = &plan.load_balancers[0].name;
    has(
        &document,
        &[
            "<h1>Load balancers of ",
            &format!("<dt>AWS</dt><dd>{}, {}</dd>", snapshot.inventory.region, snapshot.inventory.vpc.id),
            &format!("<a href=\"load-balancer?name={name}\">{name}</a>"),
            "Certificates in use, the first that ends first",
            "certificates on a load balancer",
            "aria-current=\"page\">Fleet</a>",
        ],
    );
}

#[test]
fn each_load_balancer_has_a_picture_from_listener_to_target() {
    let mut shown = shown(None);
    let group =
        shown.snapshot.inventory.target_groups.iter_mut().find(|group| !group.targets.is_empty()).unwrap();
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
    has(&seen[0], &["HTTPS on port 443", "all other requests", "It is active, "]);
    let with_group = seen.iter().find(|document| document.contains(&name)).unwrap();
    let counted = format!("{name}: {} healthy, 1 unhealthy", targets - 1);
    has(with_group, &[&counted, "unhealthy (Target.Timeout)", "class=\"unhealthy\""]);
}

#[test]
fn an_ingress_and_a_request_are_explained() {
    let page = page(shown(None));
    let object = page.shown.as_deref().unwrap().plan.outcomes[0].object.to_string();
    let document = document(&page, &format!("/explain?object={object}"));
    has(&document, &["<td>chosen</td>", "Candidates", &format!("value=\"{object}\"")]);
    let answered =
        self::document(&page, "/explain?method=get&url=https%3A%2F%2Fshop.example.org%2Fcart&header=");
    has(&answered, &["value=\"https://shop.example.org/cart\""]);
    for (query, said) in [
        ("object=nobody", "names no object"),
        ("object=shop/nothing", "shop/nothing"),
        ("url=ftp://a", "is no URL"),
        ("url=https://a.example.org&method=G+T", "is no method"),
        ("url=https://a.example.org&header=nocolon", "is no header"),
    ] {
        let document = self::document(&page, &format!("/explain?{query}"));
        let verdict =
            document.split("<p class=\"verdict problem\">").nth(1).unwrap_or_else(|| panic!("{query}"));
        assert!(verdict.split("</p>").next().unwrap().contains(said), "{query}: {verdict}");
    }
}

#[test]
fn the_plan_says_what_it_changes_and_what_failed() {
    let mut shown = shown(None);
    let makers = Arc::clone(&shown.makers);
    shown.snapshot.inventory = example::cloud().unwrap();
    let pass = makers.pass(shown.snapshot.clone()).unwrap();
    let result = |action: &Action| ActionResult {
        action: action.id.clone(),
        state: ActionState::Failed,
        error: Some("AccessDenied <b>".to_owned()),
    };
    shown.results = pass.plan.actions.iter().take(1).map(result).collect();
    shown.plan = pass.plan;
    let page = page(shown);
    has(
        &document(&page, "/plan"),
        &[
            "<pre",
            "verdict problem",
            "<td>failed</td>",
            "AccessDenied &lt;b&gt;",
            "aria-current=\"page\">Last plan</a>",
        ],
    );
}

#[test]
fn an_idle_hour_does_not_push_out_what_happened_before() {
    let shown = shown(None);
    let past = |at: u64, results: &[ActionResult]| {
        let mut snapshot = shown.snapshot.clone();
        snapshot.time += at;
        Past::new(&snapshot, &shown.plan, results, Duration::from_millis(1_234))
    };
    let done = ActionResult { action: "a".to_owned(), state: ActionState::Done, error: None };
    let mut history = History::default();
    history.add(past(0, &[done]));
    for pass in 1..=2_000 {
        history.add(past(pass, &[]));
    }
    let page = Page { shown: Some(Arc::new(shown)), history };
    let document = document(&page, "/history");
    assert_eq!(document.matches("<tr>").count(), 3, "the heading, what was done, and the idle passes");
    has(&document, &["2001 passes since the start of this process.", "1999 passes more:", "1.2 s"]);
}

#[test]
fn nothing_leads_elsewhere_and_nothing_from_outside_is_markup() {
    let hostile = "x\"><script>alert(1)</script>";
    let mut shown = shown(None);
    shown.messages.push(hostile.to_owned());
    shown.snapshot.settings.identity.cluster_id = hostile.to_owned();
    for found in &mut shown.plan.load_balancers {
        found.group = Some(hostile.to_owned());
        found.name = hostile.to_owned();
    }
    let page = page(shown);
    let quoted = "x%22%3E%3Cscript%3Ealert(1)%3C/script%3E";
    for address in [
        "/".to_owned(),
        "/plan".to_owned(),
        "/history".to_owned(),
        format!("/load-balancer?name={quoted}"),
        format!("/load-balancer?name=other{quoted}"),
        format!("/explain?object={quoted}"),
        format!("/explain?url={quoted}&method={quoted}&header={quoted}"),
        format!("/{hostile}?{hostile}=%zz&&&=="),
    ] {
        let document = get(&page, &address).document;
        assert!(!document.contains("<script"), "{address}: {document}");
        for link in document.split("href=\"").skip(1) {
            assert!(!link.starts_with('/') && !link.starts_with("http"), "{address}: {link}");
        }
    }
}

#[test]
fn what_is_not_there_is_said() {
    assert_eq!(Page::default().answer("/", "").status, 503);
    let page = page(shown(None));
    for address in ["/nothing", "/load-balancer", "/load-balancer?name=nothing", "//", ""] {
        assert_eq!(get(&page, address).status, 404, "{address}");
    }
}
