//! Manifests that are planned over a snapshot of the cluster: those of a pull request.

use albatross_contract::{Operation, OutcomeState, Plan, file};
use serde_json::{Value, json};

use crate::program::{
    Answer, run,
    world::{World, ingress},
};

/// A cluster with three Ingresses at rest, and its bundle, as last night's `albatross snapshot` wrote it.
fn last_night(name: &str) -> (World, String) {
    let ingresses = ["a", "b", "c"].map(|it| ingress(&format!("shop/{it}"), &[&format!("{it}.example.org")]));
    let world = World::at_rest(name, ingresses.into());
    let bundle = world.path("last-night.json");
    let answer = world.run(&["plan"], &["--record", &bundle]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    (world, bundle)
}

fn manifests(world: &World, name: &str, ingresses: &[Value]) -> String {
    let list = json!({"apiVersion": "v1", "kind": "List", "items": ingresses});
    world.file(name, list.to_string())
}

fn plan(arguments: &[&str]) -> Plan {
    let answer = run(&[&["plan", "--output", "json"], arguments].concat());
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    file::read(answer.stdout.as_bytes()).expect("it is a plan")
}

fn states(plan: &Plan) -> Vec<(String, OutcomeState)> {
    plan.outcomes.iter().map(|outcome| (outcome.object.to_string(), outcome.state)).collect()
}

#[test]
fn manifests_replace_the_objects_of_the_snapshot_with_the_same_names_and_leave_the_others() {
    let (mut world, bundle) = last_night("proposal");
    let arn = world.add_certificate(7, "new.example.net");
    let edited = std::fs::read_to_string(&bundle).unwrap();
    let mut edited: Value = serde_json::from_str(&edited).unwrap();
    edited["bundle"]["snapshot"]["inventory"]["certificates"] = world.inventory["certificates"].clone();
    std::fs::write(&bundle, edited.to_string()).unwrap();
    // Without a status and a uid, as in a repository.
    let changed = ingress("shop/b", &["b.example.org", "new.example.net"]);
    let new = ingress("shop/d", &["d.example.org"]);
    let changes = manifests(&world, "pull-request.json", &[changed, new]);

    let plan = plan(&["--snapshot", &bundle, "--manifests", &changes]);
    let placed = ["shop/a", "shop/b", "shop/c", "shop/d"].map(|it| (it.to_owned(), OutcomeState::Placed));
    assert_eq!(states(&plan), placed);
    let operations: Vec<&Operation> = plan.actions.iter().map(|action| &action.operation).collect();
    let adds =
        |it: &&&Operation| matches!(it, Operation::AddListenerCertificate(add) if add.certificate == arn);
    assert_eq!(operations.iter().filter(adds).count(), 1, "{operations:?}");
    assert_eq!(plan.load_balancers.len(), 1, "the statuses of the snapshot are known: {operations:?}");
    assert!(!operations.iter().any(|it| matches!(it, Operation::RemoveListenerCertificate(_))));
}

#[test]
fn nothing_changes_for_manifests_that_are_applied_already() {
    let (mut world, bundle) = last_night("proposal-applied");
    world.forget_statuses();
    let same = manifests(&world, "same.json", &world.ingresses.clone());
    for more in [&[][..], &["--prune"], &["--base", same.as_str()]] {
        let arguments =
            [&["plan", "--detailed-exitcode", "--snapshot", &bundle, "--manifests", &same], more].concat();
        let answer = run(&arguments);
        assert_eq!((answer.code, answer.stderr.as_str()), (0, ""), "{more:?}: {}", answer.stdout);
    }
}

#[test]
fn an_ingress_that_only_the_base_branch_has_is_removed() {
    let (world, bundle) = last_night("proposal-base");
    let [a, b] = ["a", "b"].map(|it| ingress(&format!("shop/{it}"), &[&format!("{it}.example.org")]));
    let base = manifests(&world, "base.json", &[a.clone(), b]);
    let changes = manifests(&world, "changes.json", &[a]);
    let inputs = ["--snapshot", &bundle, "--manifests", &changes];
    let without = plan(&inputs);
    assert_eq!(without.outcomes.len(), 3, "the manifests may be a part of those of the cluster");
    let with_base = plan(&[&inputs[..], &["--base", &base]].concat());
    let names: Vec<String> = states(&with_base).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["shop/a", "shop/c"]);
    let pruned = plan(&[&inputs[..], &["--prune"]].concat());
    let names: Vec<String> = states(&pruned).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["shop/a"], "the manifests are complete");
}

#[test]
fn settings_of_a_pull_request_override_the_recorded_ones() {
    let (world, bundle) = last_night("proposal-settings");
    let settings = world.file("settings.json", r#"{"idle-timeout": 90}"#);
    let plan = plan(&["--snapshot", &bundle, "--settings", &settings]);
    let changes = |it: &&Operation| matches!(it, Operation::ModifyLoadBalancerAttributes(_));
    let operations: Vec<&Operation> = plan.actions.iter().map(|action| &action.operation).collect();
    assert_eq!(operations.iter().copied().filter(changes).count(), 1, "{operations:?}");
    let wrong = world.file("wrong.json", r#"{"idle": 90}"#);
    let answer = run(&["plan", "--snapshot", &bundle, "--settings", &wrong]);
    assert_eq!(answer.code, 1);
    assert!(answer.stderr.contains("wrong.json") && answer.stderr.contains("idle"), "{}", answer.stderr);
}

#[test]
fn a_manifest_that_cannot_be_read_removes_nothing() {
    let (world, bundle) = last_night("proposal-unreadable");
    let a = ingress("shop/a", &["a.example.org"]);
    let mut broken = ingress("shop/b", &["b.example.org"]);
    broken["spec"]["rules"] = json!(17);
    let base = manifests(&world, "base.json", &[a.clone(), ingress("shop/b", &["b.example.org"])]);
    let changes = manifests(&world, "changes.json", &[a, broken]);
    let answer: Answer =
        run(&["plan", "--output", "json", "--snapshot", &bundle, "--manifests", &changes, "--base", &base]);
    assert_eq!(answer.code, 1);
    assert!(answer.stderr.contains("changes.json"), "{}", answer.stderr);
    let plan: Plan = file::read(answer.stdout.as_bytes()).unwrap();
    assert_eq!(plan.outcomes.len(), 3);
    assert!(plan.actions.is_empty(), "{:?}", plan.actions);
}

#[test]
fn flags_that_make_no_sense_together_are_refused() {
    let (world, bundle) = last_night("proposal-flags");
    let same = manifests(&world, "same.json", &world.ingresses.clone());
    for (arguments, named) in [
        (vec!["--manifests", &same, "--base", &same], "--snapshot"),
        (vec!["--snapshot", &bundle, "--base", &same], "--manifests"),
        (vec!["--snapshot", &bundle, "--manifests", &same, "--base", &same, "--prune"], "--base"),
        (vec!["--snapshot", &bundle, "--cloud", &same], "--cloud"),
        (vec!["--snapshot", &bundle, "--prune"], "--manifests"),
    ] {
        let answer = run(&[&["plan"], &arguments[..]].concat());
        assert_eq!((answer.code, answer.stdout.as_str()), (1, ""), "{arguments:?}");
        assert!(answer.stderr.contains(named), "{arguments:?}: {}", answer.stderr);
    }
}
