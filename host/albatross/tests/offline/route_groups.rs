//! RouteGroups in manifests are read like Ingresses.

use std::fs;

use serde_json::{Value, from_slice, json};

use crate::program::{Answer, Folder, quickstart, run};

const MANIFESTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/route-groups");

fn on_example(command: &[&str], settings: &str) -> Answer {
    let cloud = quickstart("cloud.json");
    run(&[command, &["--manifests", MANIFESTS, "--cloud", &cloud, "--settings", settings]].concat())
}

#[test]
fn a_simulation_serves_a_route_group_and_an_ingress_of_the_same_name() {
    let answer = on_example(&["simulate"], &quickstart("settings.json"));
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    for expected in [
        "Pass 1   1 Ingress and 1 RouteGroup, no load balancer yet",
        "+ Ingress shop/checkout",
        "+ RouteGroup shop/checkout",
        "status of shop/checkout, RouteGroup:shop/checkout →",
        "└─ RouteGroup:shop/checkout   checkout.example.org",
    ] {
        assert!(answer.stdout.contains(expected), "{expected}:\n{}", answer.stdout);
    }
}

#[test]
fn a_route_group_is_explained_and_one_that_does_not_exist_is_named() {
    let explain = |name: &str| on_example(&["explain", "ingress", name], &quickstart("settings.json"));
    let answer = explain("RouteGroup:shop/checkout");
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    assert!(answer.stdout.starts_with("RouteGroup:shop/checkout → albatross-"), "{}", answer.stdout);
    assert!(answer.stdout.contains("Certificate for checkout.example.org"), "{}", answer.stdout);
    let missing = explain("RouteGroup:shop/blog");
    assert_eq!(missing.code, 1);
    assert!(missing.stderr.contains("RouteGroup shop/blog"), "{}", missing.stderr);
}

#[test]
fn route_groups_that_the_setting_switches_off_are_not_served() {
    let folder = Folder::new("route-groups-off");
    let identity = r#""identity": {"cluster-id": "quickstart", "cluster-uid": "1"}"#;
    let settings =
        folder.file("settings.json", format!(r#"{{{identity}, "proxy": {{"route-groups": false}}}}"#));
    for command in ["plan", "simulate"] {
        let answer = on_example(&[command], &settings);
        assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
        assert!(!answer.stdout.contains("─ RouteGroup"), "{}", answer.stdout);
        assert!(answer.stdout.contains("shop/checkout"), "{}", answer.stdout);
    }
    let answer = on_example(&["explain", "ingress", "RouteGroup:shop/checkout"], &settings);
    let expected =
        "RouteGroup:shop/checkout is not served: the setting proxy.route-groups switches RouteGroups off";
    assert!(answer.stdout.starts_with(expected), "{}", answer.stdout);
}

#[test]
fn an_uninstallation_empties_the_statuses_of_route_groups_that_the_setting_switches_off() {
    let simulated = on_example(&["simulate", "--output", "json"], &quickstart("settings.json"));
    let simulated: Value = from_slice(simulated.stdout.as_bytes()).unwrap();
    let simulated = &simulated["simulation"];
    let hostname = &simulated["cluster"]["route-groups"][0]["status"][0]["hostname"];
    assert!(hostname.is_string(), "{simulated}");
    let folder = Folder::new("route-groups-uninstall");
    let cloud = json!({ "format-version": 1, "inventory": simulated["inventory"] });
    let route_group = json!({
        "apiVersion": "zalando.org/v1", "kind": "RouteGroup",
        "metadata": { "namespace": "shop", "name": "checkout" },
        "spec": { "hosts": ["checkout.example.org"], "backends": [] },
        "status": { "loadBalancer": { "routegroup": [{ "hostname": hostname }] } },
    });
    let mut settings: Value = from_slice(&fs::read(quickstart("settings.json")).unwrap()).unwrap();
    settings["proxy"]["route-groups"] = json!(false);
    let file = |name: &str, content: &Value| folder.file(name, content.to_string());

    let answer = run(&[
        "uninstall",
        "--manifests",
        &file("route-group.json", &route_group),
        "--cloud",
        &file("cloud.json", &cloud),
        "--settings",
        &file("settings.json", &settings),
    ]);

    let emptied = "Statuses are emptied, and external-dns deletes the records of these objects: RouteGroup:shop/checkout.";
    assert!(answer.stdout.contains(emptied), "{}{}", answer.stdout, answer.stderr);
}

#[test]
fn an_allowance_may_name_a_route_group_that_exists() {
    let answer = on_example(
        &["plan", "--allow-name-change", "RouteGroup:shop/checkout"],
        &quickstart("settings.json"),
    );
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
}
