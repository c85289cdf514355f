//! Helm, as people run it.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

use crate::support::{World, answer::Answer};

/// The folder of the chart.
pub const CHART: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/chart");

/// The path of a file of the chart.
pub fn file(name: &str) -> String {
    format!("{CHART}/{name}")
}

/// Helm with a home of its own, so that it reads nothing of the person who runs the tests.
pub struct Helm {
    home: PathBuf,
    kubeconfig: Option<PathBuf>,
}

impl Helm {
    /// Without a cluster.
    pub fn alone() -> Helm {
        Helm { home: Path::new(env!("CARGO_TARGET_TMPDIR")).join("live").join("helm"), kubeconfig: None }
    }

    /// As the administrator of the cluster.
    pub fn of(world: &World) -> Helm {
        let token = world.kubernetes.administrator_token();
        let kubeconfig = world.kubernetes.kubeconfig(token).expect("a kubeconfig is written");
        Helm { home: world.path("helm"), kubeconfig: Some(kubeconfig) }
    }

    /// Runs a command.
    pub fn run(&self, arguments: &[&str]) -> Answer {
        let mut command = Command::new(albatross_test_servers::helm().expect("Helm is built"));
        command.env_clear().env("HOME", &self.home).args(arguments);
        if let Some(kubeconfig) = &self.kubeconfig {
            command.env("KUBECONFIG", kubeconfig);
        }
        Answer::of(&mut command)
    }

    /// Runs a command that must succeed, and returns what it prints.
    #[track_caller]
    pub fn succeed(&self, arguments: &[&str]) -> String {
        let answer = self.run(arguments);
        assert_eq!(answer.code, 0, "helm {arguments:?}: {}{}", answer.stderr, answer.stdout);
        answer.stdout
    }

    /// What the chart renders for the namespace `ingress` with these arguments.
    pub fn template(&self, arguments: &[&str]) -> Answer {
        self.run(&[&["template", "albatross", CHART, "--namespace", "ingress"], arguments].concat())
    }

    /// The objects that the chart renders for the namespace `ingress` with these arguments.
    #[track_caller]
    pub fn render(&self, arguments: &[&str]) -> Vec<Value> {
        let answer = self.template(arguments);
        assert_eq!(answer.code, 0, "{arguments:?}: {}", answer.stderr);
        serde_saphyr::from_multiple(&answer.stdout).expect("Helm prints YAML")
    }

    /// The objects that the chart renders with the values of a file in `deploy/chart/ci`.
    #[track_caller]
    pub fn render_with(&self, values: &str) -> Vec<Value> {
        self.render(&["--values", &values_file(values)])
    }
}

/// The path of a file in `deploy/chart/ci`, such as `route-mode`.
pub fn values_file(name: &str) -> String {
    file(&format!("ci/{name}-values.yaml"))
}

/// The object of this kind with this name.
#[track_caller]
pub fn object<'a>(objects: &'a [Value], kind: &str, name: &str) -> &'a Value {
    let is = |object: &&Value| object["kind"] == kind && object["metadata"]["name"] == name;
    objects.iter().find(is).unwrap_or_else(|| panic!("no {kind} {name} in {:?}", names(objects)))
}

/// `Kind name` or `Kind namespace/name` of each object, sorted.
pub fn names(objects: &[Value]) -> Vec<String> {
    let name = |object: &Value| {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let (kind, metadata) = (text(&object["kind"]), &object["metadata"]);
        match metadata["namespace"].as_str() {
            Some(namespace) => format!("{kind} {namespace}/{}", text(&metadata["name"])),
            None => format!("{kind} {}", text(&metadata["name"])),
        }
    };
    let mut names: Vec<String> = objects.iter().map(name).collect();
    names.sort();
    names
}

/// The settings in the ConfigMap of the controller with this name.
#[track_caller]
pub fn settings(objects: &[Value], name: &str) -> Value {
    let map = object(objects, "ConfigMap", &format!("{name}-settings"));
    serde_json::from_str(map["data"]["settings.json"].as_str().expect("a text")).expect("JSON")
}
