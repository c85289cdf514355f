//! Policies: a different policy for a recorded plan, and policies that fail.

use std::fs;

use albatross_contract::{OutcomeState, Plan, PolicyPoint, file};
use albatross_test_guests::guests;
use serde_json::{Value, json};

use crate::program::{
    Answer, Folder, on_quickstart, one_per_namespace, run,
    world::{World, ingress},
};

#[test]
fn another_policy_on_a_recorded_plan_says_what_would_differ() {
    let folder = Folder::new("replay-policy");
    let (bundle, policy) = (folder.path("pass.json"), one_per_namespace(&folder));
    on_quickstart(&["plan"], &["--record", &bundle]);
    let answer = run(&["replay", &bundle, "--policy", &policy]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    assert!(answer.stdout.contains("as recorded  one-per-namespace.wasm"), "{}", answer.stdout);
    assert!(answer.stdout.contains("first difference: "), "{}", answer.stdout);

    let json = run(&["replay", &bundle, "--policy", &policy, "--output", "json"]);
    let document: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(document["replay"]["identical"], false);
    let figures = |which: &str| document["replay"]["comparison"][which]["load-balancers"].as_u64().unwrap();
    assert!(figures("replayed") > figures("recorded"), "{}", json.stdout);
}

#[test]
fn a_plan_that_a_policy_made_needs_that_policy_again() {
    let folder = Folder::new("record-policy");
    let (bundle, policy) = (folder.path("pass.json"), one_per_namespace(&folder));
    let planned = on_quickstart(&["plan"], &["--policy", &policy, "--record", &bundle]);
    assert_eq!(planned.code, 0, "{}", planned.stderr);
    assert!(planned.stdout.contains("grouping one-per-namespace.wasm, sha256 "), "{}", planned.stdout);

    let without = run(&["replay", &bundle]);
    assert_eq!(without.code, 1);
    assert!(without.stderr.contains("one-per-namespace.wasm (sha256 "), "{}", without.stderr);

    let with = run(&["replay", &bundle, "--policy", &policy]);
    assert!(with.stdout.contains("byte-identical"), "{}{}", with.stdout, with.stderr);
}

/// Policies that are fit to run and fail when they are asked: name, component and the expected message.
fn failing_policies() -> [(&'static str, Vec<u8>, &'static str); 3] {
    [
        ("traps.wasm", guests::crashes("grouping-policy"), "unreachable"),
        ("nonsense.wasm", guests::groups(&[("shop", &[99])], &[]), "99"),
        (
            "hungry.wasm",
            guests::runs("(loop $again (drop (memory.grow (i32.const 256))) (br $again)) unreachable"),
            "memory",
        ),
    ]
}

const ENDLESS_LOOP: &str = "(loop $again (br $again)) unreachable";

/// The messages say that this policy failed in grouping, how, and what that means; the exit code is 1.
fn assert_frozen(answer: &Answer, policy: &str, how: &str) {
    assert_eq!(answer.code, 1, "{}{}", answer.stdout, answer.stderr);
    let failed = format!("error: policy {policy} failed in grouping: ");
    let line = answer.stderr.lines().find(|line| line.starts_with(&failed));
    let line = line.unwrap_or_else(|| panic!("{failed:?} is not in {}", answer.stderr));
    assert!(line.contains(how), "{how:?} is not in {line}");
    let meaning = "warning: grouping is frozen: existing decisions are kept, and new Ingresses wait";
    assert!(answer.stderr.contains(meaning), "{}", answer.stderr);
}

/// Three Ingresses that are placed; then one of them gets another host, and a new Ingress is added.
fn world_with_a_newcomer(name: &str) -> World {
    let places = ["shop/checkout", "shop/cart", "tools/wiki"];
    let hosts = ["shop.example.org", "cart.example.org", "wiki.example.org"];
    let ingresses = places.iter().zip(hosts).map(|(place, host)| ingress(place, &[host])).collect();
    let mut world = World::at_rest(name, ingresses);
    world.add_certificate(1, "status.example.org");
    world.ingress("tools/wiki")["spec"]["rules"] =
        json!([{"host": "wiki.example.org"}, {"host": "status.example.org"}]);
    world.ingresses.push(ingress("tools/chat", &["chat.example.org"]));
    world
}

fn state(plan: &Plan, name: &str) -> OutcomeState {
    plan.outcomes.iter().find(|outcome| outcome.object.name == name).unwrap().state
}

#[test]
fn a_policy_that_fails_freezes_its_point_and_the_rest_is_planned() {
    let world = world_with_a_newcomer("policy-fails");
    for (name, component, how) in failing_policies() {
        let policy = world.file(name, component);
        let answer = world.run(&["plan"], &["--policy", &policy, "--output", "json"]);
        assert_frozen(&answer, name, how);
        let plan: Plan = file::read(answer.stdout.as_bytes()).unwrap();
        assert_eq!(state(&plan, "chat"), OutcomeState::Waiting, "{name}: what is new waits");
        for placed in ["checkout", "cart", "wiki"] {
            assert_eq!(state(&plan, placed), OutcomeState::Held, "{name}: {placed} stays");
        }
        assert_eq!(plan.load_balancers.len(), 1, "{name}");
        let certificates = &plan.load_balancers[0].certificates;
        assert!(
            certificates.iter().any(|found| found.hosts == ["status.example.org"]),
            "{name}: the new host of one that has a place gets its certificate"
        );
        assert!(!plan.actions.is_empty(), "{name}");
    }
}

#[test]
fn a_failed_policy_counts_more_for_the_exit_code_than_a_change() {
    let world = world_with_a_newcomer("policy-fails-exit-code");
    let policy = world.file("traps.wasm", guests::crashes("grouping-policy"));
    let answer = world.run(&["plan"], &["--policy", &policy, "--detailed-exitcode"]);
    assert_frozen(&answer, "traps.wasm", "unreachable");
    assert!(answer.stdout.contains("\nPlan: 0 to create, 1 to change, 0 to delete."), "{}", answer.stdout);
}

#[test]
fn a_policy_that_fails_for_subnets_or_certificates_freezes_that_point() {
    let world = world_with_a_newcomer("other-points-fail");
    for (guest, point) in [("subnet-policy", "subnets"), ("certificate-policy", "certificates")] {
        let policy = world.file(&format!("{guest}.wasm"), guests::crashes(guest));
        let answer = world.run(&["plan"], &["--policy", &policy, "--output", "json"]);
        assert_eq!(answer.code, 1, "{}", answer.stderr);
        let failed = format!("error: policy {guest}.wasm failed in {point}: ");
        assert!(answer.stderr.contains(&failed), "{}", answer.stderr);
        assert!(answer.stderr.contains(&format!("warning: {point} is frozen: ")), "{}", answer.stderr);
        let plan: Plan = file::read(answer.stdout.as_bytes()).unwrap();
        for placed in ["checkout", "cart", "wiki"] {
            assert_ne!(state(&plan, placed), OutcomeState::Waiting, "{guest}: {placed} has a place");
        }
    }
}

#[test]
fn an_explanation_says_that_a_policy_failed_too() {
    let world = world_with_a_newcomer("policy-fails-explained");
    let policy = world.file("traps.wasm", guests::crashes("grouping-policy"));
    let answer = world.run(&["explain", "ingress", "tools/chat"], &["--policy", &policy]);
    assert_frozen(&answer, "traps.wasm", "unreachable");
    assert!(answer.stdout.starts_with("tools/chat"), "{}", answer.stdout);
}

#[test]
fn in_a_simulation_with_a_policy_that_fails_no_ingress_moves() {
    let world = world_with_a_newcomer("policy-fails-simulated");
    let names = |inventory: &Value| -> Vec<Value> {
        inventory["load-balancers"].as_array().unwrap().iter().map(|found| found["name"].clone()).collect()
    };
    for (name, component, how) in failing_policies() {
        let policy = world.file(name, component);
        let text = world.run(&["simulate"], &["--policy", &policy]);
        assert_frozen(&text, name, how);
        let answer = world.run(&["simulate"], &["--policy", &policy, "--output", "json"]);
        assert_eq!(answer.code, 1, "{}", answer.stderr);
        let document: Value = serde_json::from_str(&answer.stdout).unwrap();
        let passes = document["simulation"]["steps"][0]["passes"].as_array().unwrap();
        assert!(passes.iter().all(|pass| pass["frozen"] == json!(["grouping"])), "{name}");
        assert_eq!(names(&document["simulation"]["inventory"]), names(&world.inventory), "{name}");
    }
}

#[test]
fn a_policy_that_fails_in_a_replay_freezes_its_point() {
    let folder = Folder::new("replay-with-failing-policy");
    let bundle = folder.path("pass.json");
    on_quickstart(&["plan"], &["--record", &bundle]);
    for (name, component, how) in failing_policies() {
        let policy = folder.file(name, component);
        let answer = run(&["replay", &bundle, "--policy", &policy]);
        assert_frozen(&answer, name, how);
        assert!(answer.stdout.contains("first difference: "), "{}", answer.stdout);
    }
}

/// With the default limits an endless loop takes some seconds; a recorded pass has its own limits.
#[test]
fn an_endless_loop_ends_at_the_recorded_limit() {
    let folder = Folder::new("replay-with-a-loop");
    let bundle = folder.path("pass.json");
    on_quickstart(&["plan"], &["--record", &bundle]);
    let mut recorded: Value = serde_json::from_slice(&fs::read(&bundle).unwrap()).unwrap();
    recorded["bundle"]["limits"]["fuel"] = json!(1_000_000);
    let bundle = folder.file("low-limits.json", recorded.to_string());
    let policy = folder.file("loops.wasm", guests::runs(ENDLESS_LOOP));
    let answer = run(&["replay", &bundle, "--policy", &policy]);
    assert_frozen(&answer, "loops.wasm", "1000000");
}

#[test]
fn a_plan_with_a_policy_that_loops_is_made_all_the_same() {
    let world = world_with_a_newcomer("policy-loops");
    let policy = world.file("loops.wasm", guests::runs(ENDLESS_LOOP));
    let answer = world.run(&["plan"], &["--policy", &policy]);
    assert_eq!(answer.code, 1, "{}", answer.stderr);
    assert!(answer.stderr.contains("error: policy loops.wasm failed in grouping: "), "{}", answer.stderr);
    assert!(answer.stdout.contains("\nPlan: 0 to create, 1 to change, 0 to delete."), "{}", answer.stdout);
}

#[test]
fn a_frozen_pass_is_recorded_as_such_and_replayed_without_its_policy() {
    let world = world_with_a_newcomer("frozen-recorded");
    let (bundle, policy) =
        (world.path("pass.json"), world.file("traps.wasm", guests::crashes("grouping-policy")));
    assert_eq!(world.run(&["plan"], &["--policy", &policy, "--record", &bundle]).code, 1);
    let recorded: albatross_contract::Bundle = file::read(&fs::read(&bundle).unwrap()).unwrap();
    assert!(recorded.snapshot.frozen == [PolicyPoint::Grouping]);
    let without = run(&["replay", &bundle]);
    assert_eq!((without.code, without.stderr.as_str()), (0, ""));
    assert!(without.stdout.contains("byte-identical"), "{}", without.stdout);

    // The same policy decided nothing when the pass was recorded.
    let with = run(&["replay", &bundle, "--policy", &policy]);
    assert_eq!((with.code, with.stderr.as_str()), (0, ""));
    assert!(with.stdout.contains("byte-identical"), "{}", with.stdout);
}
