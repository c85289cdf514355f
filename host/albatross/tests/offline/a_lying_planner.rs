//! A planner that lies: the guard refuses its whole plan, and no action of the plan is executed.

use albatross_test_guests::planner;

use crate::program::{
    Answer, Folder, on_quickstart, quickstart, run,
    world::{World, ingress},
};

/// The load balancer in the quickstart's account that is not ours.
const FOREIGN: &str =
    "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/billing-web/50dc6c495c0c9188";
const ACTION: &str = "billing-web/delete";

/// A planner that deletes a load balancer that is not ours.
fn liar(folder: &Folder) -> String {
    let cloud = std::fs::read_to_string(quickstart("cloud.json")).unwrap();
    assert!(cloud.contains(FOREIGN), "the quickstart's account has a foreign load balancer");
    folder.file("liar.wasm", planner::deletes_load_balancer(ACTION, FOREIGN))
}

/// The plan is refused as a whole, and the message names the planner, the action and the rule.
fn assert_refused(answer: &Answer, rules: &[&str]) {
    assert_eq!(answer.code, 1, "{}", answer.stdout);
    let stderr = &answer.stderr;
    assert!(stderr.starts_with("error: "), "{stderr}");
    assert!(stderr.contains("liar.wasm"), "{stderr}");
    assert!(stderr.contains("the guard refuses the plan, and nothing of it is executed"), "{stderr}");
    for rule in rules {
        let said = format!("action {ACTION} breaks the rule {rule}: ");
        assert!(stderr.contains(&said), "{said:?} is not in {stderr}");
    }
    assert!(stderr.contains(FOREIGN), "{stderr}");
    assert!(!stderr.contains('\u{fffd}'), "nothing had to be replaced: {stderr}");
}

#[test]
fn the_plan_of_a_lying_planner_is_not_shown() {
    let folder = Folder::new("lying-plan");
    for more in [&[][..], &["--output", "json"], &["--detailed-exitcode"]] {
        let answer = on_quickstart(&["plan"], &[&["--planner", &liar(&folder)], more].concat());
        assert_refused(&answer, &["ownership"]);
        assert_eq!(answer.stdout, "");
    }
}

#[test]
fn the_plan_of_a_lying_planner_is_not_recorded() {
    let folder = Folder::new("lying-recorded");
    let bundle = folder.path("pass.json");
    let answer = on_quickstart(&["plan"], &["--planner", &liar(&folder), "--record", &bundle]);
    assert_refused(&answer, &["ownership"]);
    assert!(!std::path::Path::new(&bundle).exists());
}

#[test]
fn the_plan_of_a_lying_planner_is_not_executed_in_a_simulation() {
    let folder = Folder::new("lying-simulated");
    let liar = liar(&folder);
    let answer = run(&["simulate", "--planner", &liar]);
    assert_refused(&answer, &["ownership"]);
    for executed in ["✓", "done", "Pass 1", "What is there now"] {
        assert!(!answer.stdout.contains(executed), "{executed:?} is in {}", answer.stdout);
    }
    let json = run(&["simulate", "--planner", &liar, "--output", "json"]);
    assert_refused(&json, &["ownership"]);
    assert_eq!(json.stdout, "");
}

#[test]
fn the_plan_of_a_lying_planner_is_refused_in_a_replay_too() {
    let folder = Folder::new("lying-replayed");
    let bundle = folder.path("pass.json");
    on_quickstart(&["plan"], &["--record", &bundle]);
    let answer = run(&["replay", &bundle, "--planner", &liar(&folder)]);
    assert_refused(&answer, &["ownership"]);
    assert_eq!(answer.stdout, "");
}

#[test]
fn a_load_balancer_of_ours_is_safe_from_a_lying_planner_while_a_status_names_it() {
    let world = World::at_rest("lying-about-ours", vec![ingress("shop/checkout", &["shop.example.org"])]);
    let ours = world.inventory["load-balancers"].as_array().unwrap();
    let ours = ours.iter().find(|found| found["name"].as_str().unwrap().starts_with("albatross-")).unwrap();
    let planner = planner::deletes_load_balancer(ACTION, ours["arn"].as_str().unwrap());
    let liar = world.file("liar.wasm", planner);
    let answer = world.run(&["plan"], &["--planner", &liar]);
    assert_eq!((answer.code, answer.stdout.as_str()), (1, ""));
    for rule in ["deletion-grace", "deletion-published"] {
        let said = format!("action {ACTION} breaks the rule {rule}: ");
        assert!(answer.stderr.contains(&said), "{said:?} is not in {}", answer.stderr);
    }
}

#[test]
fn a_planner_that_crashes_has_no_plan() {
    let folder = Folder::new("crashing-planner");
    let planner = folder.file("crashes.wasm", planner::runs("unreachable"));
    let answer = on_quickstart(&["plan"], &["--planner", &planner]);
    assert_eq!((answer.code, answer.stdout.as_str()), (1, ""));
    assert!(
        answer.stderr.starts_with("error: ") && answer.stderr.contains("crashes.wasm"),
        "{}",
        answer.stderr
    );
}
