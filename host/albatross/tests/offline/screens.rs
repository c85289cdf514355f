//! Screens, compared exactly with the files in the folder `screens`.
//!
//! `UPDATE_SCREENS=1 cargo test --workspace --test offline screens` writes the files again; then read the difference.

use std::{env, fs, path::PathBuf, time::Duration};

use albatross::{
    comparison::Comparison,
    render::{
        explanation::explanation,
        markdown::plan::Comment,
        plan::{Origin, last_line, load_balancers, plan},
        replay::{comparison, identical},
        simulation::Screen,
        style::Style,
        tree::tree,
    },
    simulation::PassEnd,
};
use albatross_contract::{
    ActionResult, ActionState, ComponentIdentity, DesiredLoadBalancer, DiagnosticCode, Explanation,
    LoadBalancer, LoadBalancerFate, Plan, PolicyPoint, Snapshot, TAG_UNNEEDED, Tag, file,
};
use serde_json::Value;

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/offline/screens").join(name)
}

fn snapshot() -> Snapshot {
    file::read(&fs::read(path("snapshot.json")).unwrap()).unwrap()
}

fn planned(name: &str) -> Plan {
    file::read(&fs::read(path(&format!("{name}.plan.json"))).unwrap()).unwrap()
}

fn planner() -> ComponentIdentity {
    ComponentIdentity { name: "albatross 0.1.0".to_owned(), sha256: "3f2a91c0".repeat(8) }
}

fn compare(name: &str, shown: &str) {
    let path = path(&format!("{name}.txt"));
    if env::var_os("UPDATE_SCREENS").is_some() {
        fs::write(&path, shown).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert!(shown == expected, "{name}: expected\n{expected}\nshown\n{shown}");
}

fn plan_screen(name: &str, style: Style) -> String {
    let planner = planner();
    let origin = Origin { planner: &planner, policies: Vec::new(), took: Some(Duration::from_millis(3)) };
    plan(&snapshot(), &planned(name), &origin, style)
}

#[test]
fn one_load_balancer_is_created_and_one_changed() {
    compare("one-created-one-changed", &plan_screen("one-created-one-changed", Style::plain()));
}

fn comment(name: &str) -> String {
    let planner = planner();
    let origin = Origin { planner: &planner, policies: Vec::new(), took: None };
    Comment { snapshot: &snapshot(), plan: &planned(name), origin: &origin, messages: &[] }.markdown()
}

#[test]
fn plans_as_comments_on_pull_requests() {
    for name in ["one-created-one-changed", "moved-and-deleted", "problems", "nothing-to-do"] {
        compare(&format!("{name}.comment"), &comment(name));
    }
}

#[test]
fn every_kind_of_change_in_place() {
    compare("changed-in-place", &plan_screen("changed-in-place", Style::plain()));
}

#[test]
fn an_ingress_moves_and_its_old_load_balancer_is_deleted() {
    compare("moved-and-deleted", &plan_screen("moved-and-deleted", Style::plain()));
}

#[test]
fn held_rejected_and_waiting_ingresses_and_withheld_changes() {
    compare("problems", &plan_screen("problems", Style::plain()));
}

#[test]
fn nothing_to_do_before_the_grace_ends() {
    compare("nothing-to-do", &plan_screen("nothing-to-do", Style::plain()));
}

#[test]
fn a_load_balancer_in_its_grace_period_is_shown_with_the_time_of_its_deletion() {
    let mut snapshot = snapshot();
    let mut plan = planned("nothing-to-do");
    let mut unneeded = snapshot.inventory.load_balancers[0].clone();
    unneeded.arn = format!("{}-b2aa", unneeded.arn);
    unneeded.tags.push(Tag { key: TAG_UNNEEDED.to_owned(), value: (snapshot.time - 600).to_string() });
    plan.load_balancers.push(DesiredLoadBalancer {
        id: "b2aa".to_owned(),
        name: "albatross-b2aa".to_owned(),
        arn: Some(unneeded.arn.clone()),
        fate: LoadBalancerFate::Unneeded,
        ..plan.load_balancers[0].clone()
    });
    snapshot.inventory.load_balancers.push(unneeded);
    compare("in-grace", &load_balancers(&snapshot, &plan, Style::plain()));

    snapshot.time += 3_000;
    let told = load_balancers(&snapshot, &plan, Style::plain());
    assert!(told.contains("is deleted once everything can be read"), "only an incomplete view: {told}");
    snapshot.settings.grace = u64::MAX;
    let told = load_balancers(&snapshot, &plan, Style::plain());
    assert!(told.contains("stays, since the grace period has no end"), "{told}");
}

#[test]
fn a_change_in_the_distant_future_is_not_announced() {
    let snapshot = snapshot();
    let mut plan = planned("nothing-to-do");
    let mut line_in_days = |days: u64| {
        plan.next_change_at = Some(snapshot.time + days * 86_400);
        last_line(&snapshot, &plan, Style::plain())
    };
    assert_eq!(line_in_days(30), "Plan: nothing to do before 2026-12-21 09:30 UTC (in 30 days).\n");
    assert_eq!(line_in_days(31), "Plan: nothing to do.\n");
}

#[test]
fn a_host_whose_certificates_are_unknown_is_not_called_left_out() {
    let snapshot = snapshot();
    let mut plan = planned("one-created-one-changed");
    assert!(last_line(&snapshot, &plan, Style::plain()).contains("1 host left out."));
    for diagnostic in plan.outcomes.iter_mut().flat_map(|outcome| &mut outcome.diagnostics) {
        diagnostic.code = DiagnosticCode::ViewIncomplete;
    }
    assert!(!last_line(&snapshot, &plan, Style::plain()).contains("left out"));
}

#[test]
fn an_unknown_annotation_is_not_the_reason_why_an_ingress_is_held() {
    let mut held_plan = planned("problems");
    let held = held_plan.outcomes.iter_mut().find(|outcome| outcome.object.name == "checkout").unwrap();
    held.diagnostics[0].code = DiagnosticCode::AnnotationUnknown;
    held.diagnostics[0].message = "annotation zalando.org/aws-x is not known to this version".to_owned();
    let (snapshot, planner) = (snapshot(), planner());
    let origin = Origin { planner: &planner, policies: Vec::new(), took: None };
    let shown = plan(&snapshot, &held_plan, &origin, Style::plain());
    let line = shown.lines().find(|line| line.contains("zalando.org/aws-x")).unwrap();
    assert!(line.starts_with("! shop/checkout ") && !line.contains("held"), "{line}");
}

#[test]
fn a_narrow_terminal() {
    compare("narrow", &plan_screen("one-created-one-changed", Style::terminal(false, 60)));
}

#[test]
fn colour_adds_nothing_but_colour() {
    for name in ["one-created-one-changed", "problems", "moved-and-deleted"] {
        let coloured = plan_screen(name, Style::terminal(true, 100));
        let mut bare = String::new();
        for (number, part) in coloured.split("\u{1b}[").enumerate() {
            bare.push_str(if number == 0 { part } else { part.split_once('m').unwrap().1 });
        }
        assert_ne!(coloured, bare);
        assert_eq!(bare, plan_screen(name, Style::plain()));
    }
}

#[test]
fn a_policy_is_named_with_its_point() {
    let policy = ComponentIdentity { name: "one-per-team.wasm".to_owned(), sha256: "0a1b2c3d".repeat(8) };
    let planner = planner();
    let policies = vec![(PolicyPoint::Grouping, &policy)];
    let shown = plan(
        &snapshot(),
        &planned("nothing-to-do"),
        &Origin { planner: &planner, policies, took: None },
        Style::plain(),
    );
    let expected =
        "Planner    albatross 0.1.0, sha256 3f2a91c0 · grouping one-per-team.wasm, sha256 0a1b2c3d";
    assert_eq!(shown.lines().nth(1), Some(expected));
}

#[test]
fn load_balancers_as_a_tree() {
    let snapshot = snapshot();
    compare("tree", &tree(&snapshot.inventory, &snapshot.cluster, Style::plain()));
}

#[test]
fn unusual_configuration_is_in_the_tree() {
    let mut snapshot = snapshot();
    let carried: Value = serde_json::from_slice(&fs::read(path("carried.json")).unwrap()).unwrap();
    let part = |name: &str| carried[name].clone();
    let read = |value: Value| serde_json::from_value::<LoadBalancer>(value).unwrap();
    let load_balancer = &mut snapshot.inventory.load_balancers[0];
    let mut whole = serde_json::to_value(&*load_balancer).unwrap();
    whole.as_object_mut().unwrap().extend(part("load-balancer").as_object().unwrap().clone());
    whole["listeners"][1].as_object_mut().unwrap().extend(part("listener").as_object().unwrap().clone());
    *load_balancer = read(whole);
    let group = &mut snapshot.inventory.target_groups[0];
    let mut whole = serde_json::to_value(&*group).unwrap();
    whole.as_object_mut().unwrap().extend(part("target-group").as_object().unwrap().clone());
    *group = serde_json::from_value(whole).unwrap();
    compare("carried", &tree(&snapshot.inventory, &snapshot.cluster, Style::plain()));
}

#[test]
fn the_explanation_of_an_ingress() {
    let told: Explanation = serde_json::from_slice(&fs::read(path("explanation.json")).unwrap()).unwrap();
    compare("explanation", &explanation(&told, Style::plain()));
}

#[test]
fn an_execution_with_a_failure() {
    let (snapshot, plan) = (snapshot(), planned("one-created-one-changed"));
    let mut screen = Screen::new(Style::plain());
    screen.planned(&snapshot, &plan);
    let mut shown = String::new();
    let mut results = Vec::new();
    for action in &plan.actions {
        let (state, error) = match action.id.as_str() {
            "c-lb" => (
                ActionState::Failed,
                Some("TooManyLoadBalancers: the limit of 50 load balancers is reached".to_owned()),
            ),
            "c-80" | "c-443" => (ActionState::Skipped, None),
            _ => (ActionState::Done, None),
        };
        let result = ActionResult { action: action.id.clone(), state, error };
        shown.push_str(&screen.executed(action, &result));
        results.push(result);
    }
    let waited = Some((130, "load balancer albatross-02d9 is provisioned".to_owned()));
    shown.push_str(&screen.ended(&PassEnd { results: &results, statuses: &[], conditions: &[], waited }));
    compare("execution", &shown);
}

#[test]
fn two_plans_side_by_side() {
    let snapshot = snapshot();
    let (before, after) = (planned("nothing-to-do"), planned("moved-and-deleted"));
    let both = Comparison::new(&snapshot, &before, &after);
    compare("comparison", &comparison(&both, "one-per-team.wasm", Style::plain()));
}

#[test]
fn a_plan_that_was_made_again() {
    let expected = "The plan of 2026-11-21 09:30 UTC is byte-identical (albatross 0.1.0, sha256 3f2a91c0)\n";
    assert_eq!(identical(&snapshot(), "byte-identical", &planner(), &[]), expected);
}
