//! A cluster and a cloud in files, which a test edits between two runs of the program.

use std::{cell::Cell, fs};

use albatross_contract::{Plan, file};
use serde_json::{Value, json};

use super::{Answer, Folder, quickstart, run};

/// A cluster and a cloud.
pub struct World {
    folder: Folder,
    /// Ingresses as manifests, with the statuses that they have.
    pub ingresses: Vec<Value>,
    /// Whether the manifests show that the cluster has no RouteGroups.
    pub lists_route_groups: bool,
    /// The AWS inventory.
    pub inventory: Value,
    /// Flags of every run.
    pub flags: Vec<String>,
    runs: Cell<u32>,
}

/// An Ingress of proxy mode: `namespace/name` and its hosts.
pub fn ingress(name: &str, hosts: &[&str]) -> Value {
    let (namespace, name) = name.split_once('/').expect("namespace/name");
    let rules: Vec<Value> = hosts.iter().map(|host| json!({"host": host})).collect();
    json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"namespace": namespace, "name": name},
        "spec": {"rules": rules},
    })
}

impl World {
    /// These Ingresses with the cloud of the quickstart, before the first pass.
    pub fn new(name: &str, ingresses: Vec<Value>) -> World {
        let cloud = fs::read(quickstart("cloud.json")).expect("the quickstart has a cloud");
        let cloud: Value = serde_json::from_slice(&cloud).expect("it is JSON");
        World {
            folder: Folder::new(name),
            ingresses,
            lists_route_groups: true,
            inventory: cloud["inventory"].clone(),
            flags: vec!["--settings".to_owned(), quickstart("settings.json")],
            runs: Cell::default(),
        }
    }

    /// As [`World::new`], after a simulation has converged: load balancers exist, and statuses name them.
    pub fn at_rest(name: &str, ingresses: Vec<Value>) -> World {
        let mut world = World::new(name, ingresses);
        world.come_to_rest();
        world
    }

    /// Simulates until there is nothing to do.
    pub fn come_to_rest(&mut self) {
        let answer = self.run(&["simulate"], &["--output", "json"]);
        assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
        let document: Value = serde_json::from_str(&answer.stdout).expect("a simulation is JSON");
        let simulation = &document["simulation"];
        self.inventory = simulation["inventory"].clone();
        for ingress in &mut self.ingresses {
            let is_it = |found: &&Value| {
                ["namespace", "name"].iter().all(|key| found["metadata"][key] == ingress["metadata"][key])
            };
            let there = simulation["cluster"]["ingresses"].as_array().expect("a list");
            let there = there.iter().find(is_it).expect("the cluster has it");
            ingress["status"] = json!({"loadBalancer": {"ingress": there["status"]}});
        }
    }

    /// An Ingress by `namespace/name`.
    pub fn ingress(&mut self, name: &str) -> &mut Value {
        let (namespace, name) = name.split_once('/').expect("namespace/name");
        let is_it = |found: &&mut Value| {
            found["metadata"]["namespace"] == namespace && found["metadata"]["name"] == name
        };
        self.ingresses.iter_mut().find(is_it).expect("there is such an Ingress")
    }

    /// Somebody deletes an Ingress.
    pub fn delete(&mut self, name: &str) {
        let (namespace, name) = name.split_once('/').expect("namespace/name");
        self.ingresses
            .retain(|found| found["metadata"]["namespace"] != namespace || found["metadata"]["name"] != name);
    }

    /// Removes the statuses from the manifests: manifests that people write have none.
    pub fn forget_statuses(&mut self) {
        for ingress in &mut self.ingresses {
            ingress.as_object_mut().expect("an object").remove("status");
        }
    }

    /// ACM issues a certificate for a host. Returns its ARN.
    pub fn add_certificate(&mut self, number: u32, host: &str) -> String {
        let arn =
            format!("arn:aws:acm:eu-central-1:123456789012:certificate/00000000-0000-4000-8000-{number:012}");
        let certificates = self.inventory["certificates"].as_array_mut().expect("a list");
        let mut certificate = certificates.first().expect("the quickstart has one").clone();
        certificate["arn"] = json!(arn);
        certificate["names"] = json!([host]);
        certificates.push(certificate);
        arn
    }

    /// Writes a file into the folder of the world.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        self.folder.file(name, content)
    }

    /// The path of a file in the folder of the world.
    pub fn path(&self, name: &str) -> String {
        self.folder.path(name)
    }

    /// `command --manifests … --cloud …`, the flags of the world, and more arguments.
    pub fn run(&self, command: &[&str], more: &[&str]) -> Answer {
        let run_number = self.runs.get();
        self.runs.set(run_number + 1);
        let ingresses = json!({"apiVersion": "v1", "kind": "List", "items": self.ingresses});
        let route_groups = json!({"apiVersion": "zalando.org/v1", "kind": "RouteGroupList", "items": []});
        let manifests = match self.lists_route_groups {
            true => format!("{ingresses}\n---\n{route_groups}"),
            false => ingresses.to_string(),
        };
        let manifests = self.folder.file(&format!("{run_number}-manifests.yaml"), manifests);
        let cloud = json!({"format-version": 1, "inventory": self.inventory});
        let cloud = self.folder.file(&format!("{run_number}-cloud.json"), cloud.to_string());
        let flags: Vec<&str> = self.flags.iter().map(String::as_str).collect();
        run(&[command, &["--manifests", &manifests, "--cloud", &cloud], &flags, more].concat())
    }

    /// `albatross plan` for people.
    pub fn plan_text(&self, more: &[&str]) -> String {
        let answer = self.run(&["plan"], more);
        assert_eq!((answer.code, answer.stderr.as_str()), (0, ""), "{}", answer.stdout);
        answer.stdout
    }

    /// `albatross plan` for programs.
    pub fn plan(&self, more: &[&str]) -> Plan {
        let answer = self.run(&["plan"], &[more, &["--output", "json"]].concat());
        assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
        file::read(answer.stdout.as_bytes()).expect("it is a plan")
    }
}
