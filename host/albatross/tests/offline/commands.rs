//! The commands on the quickstart, as a person and a pipeline use them.

use crate::program::{
    Folder, albatross, on_quickstart, quickstart, run, run_with_input,
    world::{World, ingress},
};

#[test]
fn a_plan_ends_in_a_summary_line() {
    let answer = on_quickstart(&["plan"], &[]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    let last = answer.stdout.lines().last().unwrap();
    assert!(
        last.starts_with("Plan: 2 to create, 0 to change, 0 to delete. No published DNS name changes."),
        "{last}"
    );
    assert!(last.ends_with("1 host left out."), "{last}");
}

#[test]
fn the_json_output_of_plan_is_a_plan_file() {
    let answer = on_quickstart(&["plan"], &["--output", "json"]);
    let plan: albatross_contract::Plan = albatross_contract::file::read(answer.stdout.as_bytes()).unwrap();
    assert_eq!(plan.load_balancers.len(), 2);
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let arguments = ["--output", "json"];
    assert_eq!(on_quickstart(&["plan"], &arguments).stdout, on_quickstart(&["plan"], &arguments).stdout);
}

#[test]
fn the_exit_code_says_whether_something_changes_only_on_request() {
    assert_eq!(on_quickstart(&["plan"], &[]).code, 0);
    assert_eq!(on_quickstart(&["plan"], &["--detailed-exitcode"]).code, 2);
    let none = Folder::new("nothing-to-do").file("none.yaml", "{apiVersion: v1, kind: List, items: []}");
    let (cloud, settings) = (quickstart("cloud.json"), quickstart("settings.json"));
    let answer = run(&[
        "plan",
        "--manifests",
        &none,
        "--cloud",
        &cloud,
        "--settings",
        &settings,
        "--prune",
        "--detailed-exitcode",
    ]);
    assert_eq!(answer.code, 0, "{}{}", answer.stdout, answer.stderr);
    assert!(answer.stdout.ends_with("\nPlan: nothing to do.\n"), "{}", answer.stdout);
}

#[test]
fn one_bad_object_does_not_prevent_the_plan_for_the_others() {
    let folder = Folder::new("one-bad");
    let bad =
        folder.file("bad.yaml", "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: 7}}");
    let answer = on_quickstart(&["plan"], &["--manifests", &bad]);
    assert_eq!(answer.code, 1);
    assert!(
        answer.stderr.contains(&format!("error: {bad}, document 1, line 1: metadata.name")),
        "{}",
        answer.stderr
    );
    assert!(answer.stdout.contains("Plan: 2 to create"), "{}", answer.stdout);
}

#[test]
fn manifests_come_from_standard_input_too() {
    let (cloud, settings) = (quickstart("cloud.json"), quickstart("settings.json"));
    let manifests = std::fs::read_to_string(quickstart("first/shop.yaml")).unwrap();
    let arguments =
        ["plan", "--manifests", "-", "--cloud", &cloud, "--settings", &settings, "--output", "json"];
    let from_input = run_with_input(&arguments, &manifests);
    let path = quickstart("first/shop.yaml");
    let from_file = run(&[&["plan", "--manifests", &path], &arguments[3..]].concat());
    assert_eq!((from_input.code, from_input.stderr.as_str()), (0, ""));
    assert_eq!(from_input.stdout, from_file.stdout);
}

#[test]
fn nothing_in_the_environment_changes_a_plan() {
    let (manifests, cloud, settings) =
        (quickstart("first"), quickstart("cloud.json"), quickstart("settings.json"));
    let arguments =
        ["plan", "--manifests", &manifests, "--cloud", &cloud, "--settings", &settings, "--output", "json"];
    let bare = albatross(&arguments).env_clear().output().unwrap();
    let rich = albatross(&arguments)
        .envs([
            ("AWS_REGION", "us-east-1"),
            ("CUSTOM_FILTERS", "tag:x=y"),
            ("TZ", "Asia/Tokyo"),
            ("LANG", "de_DE"),
        ])
        .output()
        .unwrap();
    assert_eq!(bare.stdout, rich.stdout);
    assert!(bare.status.success());
}

#[test]
fn the_time_of_planning_can_be_given() {
    let at = |time: &str| on_quickstart(&["plan"], &["--time", time]).stdout;
    assert!(at("2026-12-24T18:00:00Z").contains("· 2026-12-24 18:00 UTC\n"));
    assert!(at("1798135200").contains("· 2026-12-24 18:00 UTC\n"));
}

#[test]
fn an_ingress_is_explained() {
    let answer = on_quickstart(&["explain", "ingress", "shop/checkout"], &[]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    assert!(answer.stdout.starts_with("shop/checkout"), "{}", answer.stdout);
    for title in ["Load balancer", "Certificate for shop.example.org", "Subnets"] {
        assert!(answer.stdout.lines().any(|line| line == title), "{title:?} is not in {}", answer.stdout);
    }
    let unknown = on_quickstart(&["explain", "ingress", "shop/nothing"], &[]);
    assert_eq!(unknown.code, 1);
    assert!(unknown.stderr.contains("shop/nothing"), "{}", unknown.stderr);
}

#[test]
fn the_json_output_of_explain_is_an_explanation() {
    let answer = on_quickstart(&["explain", "ingress", "shop/checkout"], &["--output", "json"]);
    let document: serde_json::Value = serde_json::from_str(&answer.stdout).unwrap();
    assert_eq!(document["format-version"], 1);
    assert!(document["explanation"]["headline"].as_str().unwrap().contains("shop/checkout"));
}

#[test]
fn a_recorded_plan_is_made_again_byte_for_byte() {
    let bundle = Folder::new("record").path("pass.json");
    assert_eq!(on_quickstart(&["plan"], &["--record", &bundle]).code, 0);
    let answer = run(&["replay", &bundle]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    assert!(answer.stdout.contains("byte-identical"), "{}", answer.stdout);
}

#[test]
fn a_replay_with_a_different_plan_is_an_error_with_the_difference() {
    let folder = Folder::new("forged");
    let bundle = folder.path("pass.json");
    on_quickstart(&["plan"], &["--record", &bundle]);
    let recorded = std::fs::read_to_string(&bundle).unwrap();
    let forged = folder.file("forged.json", recorded.replacen("\"reason\": \"", "\"reason\": \"not ", 1));
    let answer = run(&["replay", &forged]);
    assert_eq!(answer.code, 1);
    assert!(answer.stderr.contains("differs from the recorded plan"), "{}", answer.stderr);
    assert!(answer.stdout.contains("first difference: "), "{}", answer.stdout);
}

#[test]
fn a_name_that_changes_later_is_announced_beside_the_interruption_of_the_plan() {
    let mut world = World::at_rest("renamed-later", vec![ingress("shop/checkout", &["shop.example.org"])]);
    world.ingress("shop/checkout")["metadata"]["annotations"] =
        serde_json::json!({"zalando.org/aws-load-balancer-scheme": "internal"});
    let text = world.plan_text(&[]).split_whitespace().collect::<Vec<_>>().join(" ");
    let expected = "interruption: none now; later, when this load balancer can take over, the published DNS name of \
                    shop/checkout changes";
    assert!(text.contains(expected), "{text}");
}
