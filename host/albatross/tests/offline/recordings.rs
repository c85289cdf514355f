//! Recordings that are planned or replayed with other components or settings than those with which they were made.

use albatross_contract::{Bundle, OutcomeState, Plan, file};
use albatross_test_guests::guests;
use serde_json::{Value, json};

use crate::program::{Folder, on_quickstart, one_per_namespace, run};

fn edit(path: &str, change: impl FnOnce(&mut Value)) {
    let mut bundle: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    change(&mut bundle["bundle"]);
    std::fs::write(path, bundle.to_string()).unwrap();
}

fn plan_of(answer: &str) -> Plan {
    file::read(answer.as_bytes()).unwrap()
}

#[test]
fn a_replay_with_another_planner_says_so_even_if_the_plan_is_the_same() {
    let folder = Folder::new("other-planner");
    let bundle = folder.path("pass.json");
    on_quickstart(&["plan"], &["--record", &bundle]);
    edit(&bundle, |bundle| {
        bundle["planner"] = json!({"name": "albatross 0.0.9", "sha256": "0123456789abcdef".repeat(4)});
    });
    let answer = run(&["replay", &bundle]);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    // The edited bundle has its fields in another order.
    assert!(answer.stdout.contains(" is equal, but written differently ("), "{}", answer.stdout);
    let expected = format!(
        "warning: {bundle} was recorded with planner albatross 0.0.9 (sha256 01234567), and replayed with another planner, "
    );
    assert!(answer.stderr.starts_with(&expected), "{}", answer.stderr);
    let policy = one_per_namespace(&folder);
    let answer = run(&["replay", &bundle, "--policy", &policy]);
    assert!(answer.stderr.starts_with(&expected), "with another policy too: {}", answer.stderr);
}

#[test]
fn a_recording_made_with_a_policy_is_planned_without_it_with_a_warning() {
    let folder = Folder::new("recorded-with-policy");
    let (bundle, policy) = (folder.path("pass.json"), one_per_namespace(&folder));
    on_quickstart(&["plan"], &["--policy", &policy, "--record", &bundle]);

    let without = run(&["plan", "--snapshot", &bundle]);
    assert_eq!(without.code, 0, "{}", without.stderr);
    assert!(
        without.stderr.starts_with("warning: one-per-namespace.wasm decided grouping in this recording"),
        "{}",
        without.stderr
    );
    assert!(without.stdout.contains("default policies"), "{}", without.stdout);

    let with = run(&["plan", "--snapshot", &bundle, "--policy", &policy, "--output", "json"]);
    assert_eq!((with.code, with.stderr.as_str()), (0, ""));
    let recorded: Bundle = file::read(&std::fs::read(&bundle).unwrap()).unwrap();
    assert_eq!(plan_of(&with.stdout), recorded.plan);

    let explained = run(&["explain", "ingress", "shop/checkout", "--snapshot", &bundle]);
    assert_eq!(explained.code, 0, "{}", explained.stderr);
}

#[test]
fn a_point_that_was_frozen_when_it_was_recorded_is_asked_again() {
    let folder = Folder::new("recorded-frozen");
    let bundle = folder.path("pass.json");
    let traps = folder.file("traps.wasm", guests::crashes("grouping-policy"));
    on_quickstart(&["plan"], &["--policy", &traps, "--record", &bundle]);
    let recorded: Bundle = file::read(&std::fs::read(&bundle).unwrap()).unwrap();
    assert!(recorded.plan.outcomes.iter().all(|outcome| outcome.state == OutcomeState::Waiting));

    let policy = one_per_namespace(&folder);
    for more in [&[][..], &["--policy", policy.as_str()]] {
        let answer = run(&[&["plan", "--snapshot", &bundle, "--output", "json"], more].concat());
        assert_eq!(answer.code, 0, "{}", answer.stderr);
        let plan = plan_of(&answer.stdout);
        assert!(plan.outcomes.iter().any(|outcome| outcome.state == OutcomeState::Placed), "{more:?}");
    }
}

#[test]
fn settings_recorded_for_another_policy_do_not_prevent_a_plan() {
    let folder = Folder::new("recorded-settings");
    let bundle = folder.path("pass.json");
    on_quickstart(&["plan"], &["--record", &bundle]);
    edit(&bundle, |bundle| {
        bundle["snapshot"]["settings"]["policies"] =
            json!([{"point": "grouping", "settings": "{\"at-most\": 40}"}]);
    });
    let policy = one_per_namespace(&folder);
    let answer = run(&["plan", "--snapshot", &bundle, "--policy", &policy]);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
}

#[test]
fn recorded_allowances_need_not_name_anything_that_exists() {
    let folder = Folder::new("recorded-allowances");
    let bundle = folder.path("pass.json");
    on_quickstart(&["plan"], &["--record", &bundle]);
    edit(&bundle, |bundle| {
        bundle["snapshot"]["settings"]["allowances"] = json!({"release": ["shop/long-gone"], "prune": false});
    });
    let answer = run(&["plan", "--snapshot", &bundle]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    let answer = run(&["plan", "--snapshot", &bundle, "--allow-release", "shop/nothing"]);
    assert_eq!(answer.code, 1);
    assert!(answer.stderr.contains("'shop/nothing'"), "{}", answer.stderr);
}

#[test]
fn a_difference_is_named_by_its_field_and_both_values() {
    let folder = Folder::new("replay-difference");
    let bundle = folder.path("pass.json");
    on_quickstart(&["plan"], &["--record", &bundle]);
    edit(&bundle, |bundle| bundle["plan"]["actions"][0]["reason"] = json!("for no reason"));
    let answer = run(&["replay", &bundle]);
    assert_eq!(answer.code, 1, "{}", answer.stderr);
    let told = answer.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains(" differs in reason: \"for no reason\" → \""), "{told}");
}

#[test]
fn a_policy_that_makes_no_difference_is_named_as_such() {
    let folder = Folder::new("replay-no-difference");
    let (bundle, policy) = (folder.path("pass.json"), one_per_namespace(&folder));
    on_quickstart(&["plan"], &["--policy", &policy, "--record", &bundle]);
    edit(&bundle, |bundle| {
        bundle["policies"][0]["component"]["sha256"] = json!("0123456789abcdef".repeat(4));
    });
    let answer = run(&["replay", &bundle, "--policy", &policy]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    assert!(answer.stdout.ends_with("): no difference with one-per-namespace.wasm\n"), "{}", answer.stdout);
}
