//! Input that cannot be used: a clear error that names it, and exit code 1.

use crate::program::{Answer, Folder, quickstart, run};

/// Plans the quickstart with one input replaced.
fn plan(manifests: &str, cloud: &str, more: &[&str]) -> Answer {
    run(&[&["plan", "--manifests", manifests, "--cloud", cloud], more].concat())
}

fn plan_manifests(manifests: &str) -> Answer {
    plan(manifests, &quickstart("cloud.json"), &["--settings", &quickstart("settings.json")])
}

fn plan_inventory(cloud: &str) -> Answer {
    plan(&quickstart("first"), cloud, &["--settings", &quickstart("settings.json")])
}

/// The command prints only one line, an error that contains all of these texts.
fn assert_refused(answer: &Answer, said: &[&str]) {
    assert_eq!(answer.code, 1, "{}", answer.stderr);
    assert_eq!(answer.stdout, "");
    assert!(answer.stderr.starts_with("error: "), "{}", answer.stderr);
    for words in said {
        assert!(answer.stderr.contains(words), "{words:?} is not in {}", answer.stderr);
    }
}

#[test]
fn a_folder_that_cannot_be_read() {
    let folder = Folder::new("unreadable");
    // A path below a file cannot be read by anybody; permissions would not stop root.
    let below_a_file = format!("{}/manifests", folder.file("file", ""));
    assert_refused(&plan_manifests(&below_a_file), &[&below_a_file, "cannot be read"]);
}

#[test]
fn a_folder_without_a_manifest() {
    let folder = Folder::new("empty").path("");
    assert_refused(&plan_manifests(&folder), &[&folder, "contains no file ending in .yaml"]);
}

#[test]
fn a_file_without_a_manifest() {
    let empty = Folder::new("empty-file").file("empty.yaml", "");
    assert_refused(&plan_manifests(&empty), &[&empty, "contains no manifest"]);
}

#[test]
fn a_yaml_bomb() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..30 {
        let before = format!("*a{}", level - 1);
        bomb.push_str(&format!("a{level}: &a{level} [{}]\n", [before.as_str(); 10].join(", ")));
    }
    let path = Folder::new("bomb").file("bomb.yaml", bomb);
    let answer = plan_manifests(&path);
    assert_eq!(answer.code, 1);
    assert!(answer.stderr.contains(&format!("error: {path}, document 1, line ")), "{}", answer.stderr);
}

#[test]
fn a_manifest_with_a_wrong_type_is_named_by_file_document_line_and_field() {
    let manifests = "\
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {ports: [{port: 80}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec:
  rules:
    - host: 80
";
    let path = Folder::new("wrong-type").file("web.yaml", manifests);
    let answer = plan_manifests(&path);
    assert_eq!(answer.code, 1);
    let place = format!("error: {path}, document 2, line 11: spec.rules[0].host: ");
    assert!(answer.stderr.contains(&place), "{}", answer.stderr);
    assert!(answer.stderr.contains("nothing is removed"), "{}", answer.stderr);
}

#[test]
fn an_inventory_whose_arns_are_of_another_account() {
    let cloud = std::fs::read_to_string(quickstart("cloud.json")).unwrap();
    let mixed =
        cloud.replacen("eu-central-1:123456789012:certificate", "eu-central-1:999999999999:certificate", 1);
    assert_ne!(mixed, cloud, "the quickstart has a certificate of ACM");
    let path = Folder::new("account").file("cloud.json", mixed);
    let answer = plan_inventory(&path);
    assert_refused(
        &answer,
        &[&path, "certificate ", "another account, 999999999999", "account 123456789012"],
    );
}

#[test]
fn an_inventory_whose_arns_are_of_another_region() {
    let cloud = std::fs::read_to_string(quickstart("cloud.json")).unwrap();
    let mixed = cloud.replacen("arn:aws:acm:eu-central-1:", "arn:aws:acm:us-east-1:", 1);
    assert_ne!(mixed, cloud, "the quickstart has a certificate of ACM");
    let path = Folder::new("region").file("cloud.json", mixed);
    let answer = plan_inventory(&path);
    assert_refused(&answer, &[&path, "another region, us-east-1", "this inventory is of eu-central-1"]);
}

#[test]
fn an_inventory_that_is_truncated_newer_or_something_else() {
    let cloud = std::fs::read_to_string(quickstart("cloud.json")).unwrap();
    let folder = Folder::new("inventory");
    let truncated = folder.file("truncated.json", &cloud[..cloud.len() / 2]);
    let newer =
        folder.file("newer.json", cloud.replacen("\"format-version\": 1", "\"format-version\": 2", 1));
    let settings = quickstart("settings.json");
    assert_refused(&plan_inventory(&truncated), &[&truncated, "truncated"]);
    assert_refused(&plan_inventory(&newer), &[&newer, "format-version 2"]);
    assert_refused(
        &plan_inventory(&settings),
        &[&settings, "this is a settings file, which --settings takes"],
    );
}

#[test]
fn a_settings_file_with_an_unknown_key() {
    let path = Folder::new("settings").file("settings.json", r#"{"identity": {"cluster-idd": "shop"}}"#);
    let answer = plan(&quickstart("first"), &quickstart("cloud.json"), &["--settings", &path]);
    assert_refused(&answer, &[&path, "unknown field `cluster-idd`"]);
}

#[test]
fn a_policy_that_is_not_webassembly() {
    let path = Folder::new("policy").file("one-per-team.wasm", "#!/bin/sh\n");
    let answer = plan(&quickstart("first"), &quickstart("cloud.json"), &["--policy", &path]);
    assert_refused(&answer, &["policy one-per-team.wasm is not WebAssembly"]);
}

#[test]
fn a_planner_that_is_not_a_component() {
    let path = Folder::new("planner").file("planner.wasm", b"\0asm\x01\0\0\0");
    let answer = plan(&quickstart("first"), &quickstart("cloud.json"), &["--planner", &path]);
    assert_refused(&answer, &["planner planner.wasm is a core module"]);
}

#[test]
fn a_policy_that_does_not_exist() {
    let path = Folder::new("no-policy").path("none.wasm");
    let answer = plan(&quickstart("first"), &quickstart("cloud.json"), &["--policy", &path]);
    assert_refused(&answer, &[&path, "cannot be read"]);
}

#[test]
fn an_ingress_without_its_namespace() {
    let answer = run(&["explain", "ingress", "checkout", "--manifests", ".", "--cloud", "account.json"]);
    assert_refused(&answer, &["'checkout'", "expected namespace/name"]);
}

#[test]
fn a_text_that_is_not_a_time() {
    let answer = plan(&quickstart("first"), &quickstart("cloud.json"), &["--time", "yesterday"]);
    assert_refused(&answer, &["yesterday", "2026-11-21T09:30:00Z"]);
}

#[test]
fn a_file_that_is_not_a_bundle() {
    let answer = run(&["replay", &quickstart("cloud.json")]);
    assert_refused(&answer, &["cloud.json", "bundle"]);
}
