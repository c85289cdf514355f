//! Alerts and the dashboard.

use std::{collections::BTreeSet, fs, path::Path, process::Command};

use serde_json::Value;

use super::helm::{Helm, file, object};
use crate::support::answer::Answer;

/// Where people read what each metric means.
const GUIDE: &str = include_str!("../../../../../deploy/README.md");

/// The input of `promtool test rules`.
const TEST_OF_ALERTS: &str = "alerts.test.yaml";

/// The metrics that a text names. The series of a histogram have its name.
fn metrics(text: &str) -> BTreeSet<&str> {
    let is_part = |letter: char| letter.is_ascii_lowercase() || letter == '_';
    let names = text.split(|letter: char| !is_part(letter)).filter(|word| word.starts_with("albatross_"));
    let of_histogram =
        |name: &str| ["_bucket", "_sum", "_count"].iter().find(|end| name.ends_with(**end)).copied();
    names.map(|name| of_histogram(name).map_or(name, |end| &name[..name.len() - end.len()])).collect()
}

/// The metrics in the table of the guide.
fn documented() -> BTreeSet<&'static str> {
    GUIDE.lines().filter(|line| line.starts_with("| `albatross_")).flat_map(metrics).collect()
}

#[test]
fn alerts_and_dashboard_use_metrics_that_exist_and_the_dashboard_shows_all() {
    let documented = documented();
    assert!(documented.len() > 10, "{documented:?}");
    let alerts = fs::read_to_string(file("files/alerts.yaml")).unwrap();
    let dashboard = fs::read_to_string(file("files/dashboard.json")).unwrap();
    let unknown: Vec<&str> = metrics(&alerts).difference(&documented).copied().collect();
    assert!(unknown.is_empty(), "no such metrics: {unknown:?}");
    assert_eq!(metrics(&dashboard), documented);
}

/// Runs promtool in the folder of these tests.
fn promtool(arguments: &[&str]) -> Answer {
    let mut command = Command::new(albatross_test_servers::promtool().expect("promtool is built"));
    Answer::of(command.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/live/chart")).args(arguments))
}

/// A file of this test.
fn written(name: &str, content: &str) -> String {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("live").join("monitoring");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn prometheus_understands_the_alerts_and_each_of_them_fires_when_it_should_and_only_then() {
    let alerts = file("files/alerts.yaml");
    let checked = promtool(&["check", "rules", &alerts]);
    assert_eq!(checked.code, 0, "{}{}", checked.stdout, checked.stderr);
    let tested = promtool(&["test", "rules", TEST_OF_ALERTS]);
    assert_eq!(tested.code, 0, "{}{}", tested.stdout, tested.stderr);

    let rules: Value = serde_saphyr::from_str(&fs::read_to_string(&alerts).unwrap()).unwrap();
    let tests = fs::read_to_string(format!("tests/live/chart/{TEST_OF_ALERTS}")).unwrap();
    for rule in rules["groups"][0]["rules"].as_array().unwrap() {
        let firing = format!(r#"alertname="{}",alertstate="firing""#, rule["alert"].as_str().unwrap());
        assert!(tests.contains(&firing), "no test lets {} fire", rule["alert"]);
    }
    // A rule that compares in the other direction is noticed.
    let wrong = fs::read_to_string(&alerts).unwrap().replace("> 0.9", "< 0.9");
    let (wrong, tests) =
        (written("alerts.yaml", &wrong), tests.replace("../../../../../deploy/chart/files/", ""));
    let tested = promtool(&["test", "rules", &written(TEST_OF_ALERTS, &tests)]);
    assert_eq!(tested.code, 1, "{wrong}: {}", tested.stdout);
    assert!(
        tested.stderr.contains("AlbatrossQuotaNearlyUsed")
            || tested.stdout.contains("AlbatrossQuotaNearlyUsed")
    );
}

#[test]
fn prometheus_understands_the_queries_of_the_dashboard() {
    let dashboard: Value =
        serde_json::from_str(&fs::read_to_string(file("files/dashboard.json")).unwrap()).unwrap();
    let panels = dashboard["panels"].as_array().unwrap().iter();
    let targets = panels.flat_map(|panel| panel["targets"].as_array().unwrap());
    // Each query as a recording rule. Grafana replaces the variable.
    let rules: Vec<Value> = targets
        .enumerate()
        .map(|(number, target)| {
            let query = target["expr"].as_str().unwrap().replace("$__rate_interval", "5m");
            serde_json::json!({ "record": format!("query:{number}"), "expr": query })
        })
        .collect();
    assert!(rules.len() > 25, "{}", rules.len());
    let groups = serde_json::json!({ "groups": [{ "name": "dashboard", "rules": rules }] });
    let checked = promtool(&["check", "rules", &written("dashboard.yaml", &groups.to_string())]);
    assert_eq!(checked.code, 0, "{}{}", checked.stdout, checked.stderr);
    assert!(checked.stdout.contains(&format!("{} rules found", rules.len())), "{}", checked.stdout);
}

#[test]
fn the_rules_and_the_dashboard_are_those_of_the_files() {
    let objects = Helm::alone().render_with("everything");
    let rules = object(&objects, "PrometheusRule", "ingress-aws");
    let alerts: Value =
        serde_saphyr::from_str(&fs::read_to_string(file("files/alerts.yaml")).unwrap()).unwrap();
    assert_eq!(rules["spec"], alerts);
    for alert in alerts["groups"][0]["rules"].as_array().unwrap() {
        for part in ["alert", "expr", "for"] {
            assert!(alert[part].is_string(), "{part}: {alert}");
        }
        assert!(alert["annotations"]["summary"].is_string(), "{alert}");
    }
    let map = object(&objects, "ConfigMap", "ingress-aws-dashboard");
    let dashboard: Value = serde_json::from_str(map["data"]["albatross.json"].as_str().unwrap()).unwrap();
    let kept: Value =
        serde_json::from_str(&fs::read_to_string(file("files/dashboard.json")).unwrap()).unwrap();
    assert_eq!(dashboard, kept);
}

#[test]
fn the_service_monitor_finds_the_service_and_the_service_the_pods() {
    let objects = Helm::alone().render_with("everything");
    let monitor = &object(&objects, "ServiceMonitor", "ingress-aws")["spec"];
    let service = object(&objects, "Service", "ingress-aws-metrics");
    let pods = &object(&objects, "Deployment", "ingress-aws")["spec"]["template"];
    let selects = |selector: &Value, labels: &Value| {
        let selector = selector.as_object().unwrap();
        !selector.is_empty() && selector.iter().all(|(name, value)| labels[name] == *value)
    };
    assert!(selects(&monitor["selector"]["matchLabels"], &service["metadata"]["labels"]));
    assert!(selects(&service["spec"]["selector"], &pods["metadata"]["labels"]));
    assert_eq!(monitor["endpoints"][0]["port"], service["spec"]["ports"][0]["name"]);
    let port = &pods["spec"]["containers"][0]["ports"][0];
    assert_eq!(service["spec"]["ports"][0]["targetPort"], port["name"]);
}
