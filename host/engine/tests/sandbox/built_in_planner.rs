//! The built-in planner in its sandbox, with policies and without.

use std::sync::LazyLock;

use albatross_components::{ONE_PER_NAMESPACE, PLANNER, PLANNER_SHA256};
use albatross_contract::{
    Cluster, Ingress, IngressRule, Metadata, ObjectName, Plan, PolicyPoint, PolicySetting, Question,
    Settings, Snapshot, file,
};
use albatross_engine::{Engine, Limits, Planner, Policy, PolicySet};
use albatross_planner::NoPolicies;

use crate::support::{guests, guests::Choice};

fn ingress(namespace: &str, name: &str, host: &str) -> Ingress {
    Ingress {
        metadata: Metadata {
            namespace: Some(namespace.to_owned()),
            name: name.to_owned(),
            uid: None,
            created_at: None,
            deleted_at: None,
            annotations: Vec::new(),
            labels: Vec::new(),
        },
        ingress_class_name: None,
        default_backend: None,
        tls: Vec::new(),
        rules: vec![IngressRule { host: Some(host.to_owned()), paths: Vec::new() }],
        status: Vec::new(),
    }
}

/// Two Ingresses of two namespaces in the account of the quickstart.
fn snapshot(policies: &PolicySet) -> Snapshot {
    let mut settings: Settings =
        file::read_settings(include_bytes!("../../../../examples/quickstart/settings.json")).unwrap();
    settings.policies =
        policies.points().map(|point| PolicySetting { point, settings: String::new() }).collect();
    let inventory: albatross_contract::Inventory =
        file::read(include_bytes!("../../../../examples/quickstart/cloud.json")).unwrap();
    let ingresses =
        vec![ingress("shop", "checkout", "shop.example.org"), ingress("tools", "wiki", "wiki.example.org")];
    Snapshot {
        time: inventory.observed_at,
        frozen: Vec::new(),
        settings,
        cluster: Cluster { ingresses, ..Cluster::default() },
        inventory,
    }
}

/// Compiled once for all tests, since compiling takes longer than the tests.
static ENGINE: LazyLock<Engine> = LazyLock::new(|| Engine::new(Limits::default()));
static BUILT_IN: LazyLock<Planner> =
    LazyLock::new(|| Planner::built_in(&ENGINE, "albatross", &albatross_compiled::PLANNER).unwrap());

fn plan_with(name: &str, policy: &[u8]) -> Plan {
    let policies = PolicySet::new(vec![Policy::load(&ENGINE, name, policy).unwrap()]).unwrap();
    BUILT_IN.plan(&snapshot(&policies), &policies).unwrap().plan
}

/// Subnets of the first load balancer.
fn subnets(plan: &Plan) -> Vec<&str> {
    plan.load_balancers[0].subnets.iter().map(String::as_str).collect()
}

/// The certificate that was chosen for a host, by the beginning of its id.
fn certificate<'a>(plan: &'a Plan, host: &str) -> &'a str {
    let mut certificates = plan.load_balancers.iter().flat_map(|balancer| &balancer.certificates);
    let chosen = certificates.find(|certificate| certificate.hosts.iter().any(|h| h == host)).unwrap();
    chosen.arn.split_once('/').map(|(_, id)| &id[..4]).unwrap()
}

#[test]
fn it_gives_the_plan_that_the_library_gives() {
    assert_eq!(BUILT_IN.identity().sha256, PLANNER_SHA256);

    let snapshot = snapshot(&PolicySet::default());
    let planned = BUILT_IN.plan(&snapshot, &PolicySet::default()).unwrap();
    let native = albatross_planner::plan(&snapshot, &NoPolicies).unwrap();
    assert_eq!(file::write(&planned.plan).unwrap(), file::write(&native).unwrap());
    assert_eq!(planned.plan.load_balancers.len(), 1, "both Ingresses share one by default");
}

#[test]
fn its_fuel_is_not_counted_but_its_memory_is() {
    let planned = BUILT_IN.plan(&snapshot(&PolicySet::default()), &PolicySet::default()).unwrap();
    assert_eq!(planned.usage.fuel, None);
    assert!(planned.usage.memory > 0);
    assert!(planned.usage.policies.is_zero());
}

#[test]
fn loaded_from_a_file_it_gives_the_same_plan_and_its_fuel_is_counted() {
    let snapshot = snapshot(&PolicySet::default());
    let custom = Planner::load(&ENGINE, "planner.wasm", PLANNER).unwrap();
    let planned = custom.plan(&snapshot, &PolicySet::default()).unwrap();
    assert!(planned.usage.fuel.unwrap() > 0);
    assert!(planned.plan == BUILT_IN.plan(&snapshot, &PolicySet::default()).unwrap().plan);
}

#[test]
fn it_explains() {
    let snapshot = snapshot(&PolicySet::default());
    let question = Question::Object(ObjectName::ingress("shop", "checkout"));
    let explained = BUILT_IN.explain(&snapshot, &question, &PolicySet::default()).unwrap();
    let native = albatross_planner::explain(&snapshot, &question, &NoPolicies).unwrap();
    assert!(explained.explanation == native);
}

#[test]
fn it_asks_the_policy_of_this_repository_for_groups() {
    let plan = plan_with("one-per-namespace.wasm", ONE_PER_NAMESPACE);
    let mut placed: Vec<_> = plan
        .load_balancers
        .iter()
        .map(|balancer| (balancer.group.as_deref(), balancer.members.as_slice()))
        .collect();
    placed.sort();
    assert_eq!(
        placed,
        [
            (Some("shop"), [ObjectName::ingress("shop", "checkout")].as_slice()),
            (Some("tools"), [ObjectName::ingress("tools", "wiki")].as_slice())
        ]
    );
}

#[test]
fn it_asks_a_policy_for_subnets() {
    let by_default = plan_with("one-per-namespace.wasm", ONE_PER_NAMESPACE);
    assert_eq!(
        subnets(&by_default),
        ["subnet-0a100000000000001", "subnet-0b100000000000001", "subnet-0c100000000000001"]
    );
    // Candidates are in the order of their ids: the first is in zone a, the last in zone c.
    let plan = plan_with("subnets.wasm", &guests::first_and_last_subnet());
    assert_eq!(subnets(&plan), ["subnet-0a100000000000001", "subnet-0c100000000000001"]);
}

#[test]
fn it_asks_a_policy_for_certificates() {
    let by_default = plan_with("one-per-namespace.wasm", ONE_PER_NAMESPACE);
    assert_eq!(certificate(&by_default, "shop.example.org"), "1a2b", "an exact name comes before a wildcard");
    // Hosts and certificates are in order: the second is *.example.org.
    let wildcard = [Choice { host: 0, certificate: 1 }, Choice { host: 1, certificate: 1 }];
    let plan = plan_with("wildcard.wasm", &guests::certificates(&wildcard));
    assert_eq!(certificate(&plan, "shop.example.org"), "77aa");
}

#[test]
fn while_a_grouping_policy_fails_newcomers_wait() {
    let policy = Policy::load(&ENGINE, "groups.wasm", &guests::crashes("grouping-policy")).unwrap();
    let policies = PolicySet::new(vec![policy]).unwrap();
    let planned = BUILT_IN.plan_with_freeze(snapshot(&policies), &policies).unwrap();
    assert!(planned.snapshot.frozen == [PolicyPoint::Grouping]);
    assert_eq!(planned.failures.len(), 1);
    assert!(planned.answer.plan.load_balancers.is_empty(), "no newcomer was placed by the default");
}
