//! Alerts and the dashboard.

use std::{collections::BTreeSet, fs};

use serde_json::Value;

use super::helm::{Helm, file, object};

/// Where people read what each metric means.
const GUIDE: &str = include_str!("../../../../../deploy/README.md");

/// The metrics that a text names. A histogram has its own name there.
fn metrics(text: &str) -> BTreeSet<&str> {
    let is_part = |letter: char| letter.is_ascii_lowercase() || letter == '_';
    let names = text.split(|letter: char| !is_part(letter)).filter(|word| word.starts_with("albatross_"));
    names.map(|name| name.strip_suffix("_bucket").unwrap_or(name)).collect()
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
