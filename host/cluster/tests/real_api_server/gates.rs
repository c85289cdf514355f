//! Pods with our readiness gate: only they are known, and only their condition is written.

use albatross_cluster::{Client, ClusterError, GateReport, Gates, Watches};
use albatross_contract::{GateOutcome, GateVerdict, Plan, Pod, READINESS_GATE, Settings, ViewPart};
use albatross_test_world::cluster::{apply, grant_readiness_gates};
use k8s_openapi::api::{core::v1 as core, rbac::v1::ClusterRole};
use kube::{
    Api,
    api::{DeleteParams, Patch, PatchParams},
};
use serde_json::{Value, json};

use crate::support::{Cluster, answered, eventually, objects::object, soon, synced};

/// The ClusterRole of `deploy/rbac-readiness-gates.yaml`.
const ROLE: &str = "albatross-readiness-gates";

fn settings() -> Settings {
    Settings { readiness_gates: Some(true), ..Settings::default() }
}

/// Creates a Pod that a scheduler has placed on a node, with these readiness gates. A kubelet reports its containers as ready.
async fn create(client: &Client, namespace: &str, name: &str, gates: &[&str]) {
    let gates: Vec<Value> = gates.iter().map(|kind| json!({ "conditionType": kind })).collect();
    let pod = json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": { "name": name, "namespace": namespace, "annotations": { "note": "not needed" } },
        "spec": {
            "nodeName": "ip-10-0-0-1", "readinessGates": gates,
            "containers": [{ "name": "cart", "image": "cart" }],
        },
    });
    apply(client, &object(pod)).await;
    let condition = |kind: &str, status: &str| json!({ "type": kind, "status": status, "lastTransitionTime": "2026-11-21T09:30:00Z" });
    let status = json!({
        "phase": "Running", "podIPs": [{ "ip": "10.0.1.7" }],
        "conditions": [condition("ContainersReady", "True"), condition("Ready", "False")],
    });
    let patch = Patch::Merge(json!({ "status": status }));
    pods(client, namespace).patch_status(name, &PatchParams::default(), &patch).await.unwrap();
}

fn pods(client: &Client, namespace: &str) -> Api<core::Pod> {
    Api::namespaced(client.clone(), namespace)
}

/// Withdraws the rights for readiness gates: other tests show what happens without the right to read Pods.
async fn revoke(administrator: &Client) {
    let roles: Api<ClusterRole> = Api::all(administrator.clone());
    roles.delete(ROLE, &DeleteParams::default()).await.unwrap();
}

/// The conditions of a Pod: type, status and reason.
async fn conditions(client: &Client, namespace: &str, name: &str) -> Vec<(String, String, Option<String>)> {
    let pod = pods(client, namespace).get(name).await.unwrap();
    let conditions = pod.status.unwrap().conditions.unwrap().into_iter();
    conditions.map(|it| (it.type_, it.status, it.reason)).collect()
}

/// The Pods of a namespace that are known. Other tests leave theirs behind.
fn known(watches: &Watches, namespace: &str) -> Vec<Pod> {
    let pods = watches.view().pods.unwrap().into_iter();
    pods.filter(|pod| pod.metadata.namespace.as_deref() == Some(namespace)).collect()
}

fn plan(namespace: &str, name: &str, verdict: GateVerdict) -> Plan {
    let outcome = GateOutcome {
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        verdict,
        message: "the test asks for it".to_owned(),
    };
    Plan { gates: Some(vec![outcome]), ..Plan::default() }
}

async fn write(gates: &Gates, view: &albatross_contract::Cluster, plan: &Plan) -> GateReport {
    let attempt = async || gates.write(view, plan, |_| true).await;
    answered(attempt, |report: &GateReport| report.failed.iter().map(|it| &it.error).collect()).await
}

#[tokio::test]
async fn only_our_condition_of_a_pod_with_the_gate_is_written() {
    let cluster = Cluster::of("gates-written").await;
    let (administrator, namespace) = (&cluster.administrator, cluster.namespace.as_str());
    grant_readiness_gates(administrator).await;
    create(administrator, namespace, "cart-1", &[READINESS_GATE, "example.org/warm"]).await;
    create(administrator, namespace, "other-1", &["example.org/warm"]).await;
    create(administrator, namespace, "plain-1", &[]).await;
    let client = cluster.controller().await;
    let watches = synced(&client, &settings()).await;
    assert_eq!(watches.view().incomplete, []);
    let found: Vec<String> = known(&watches, namespace).into_iter().map(|pod| pod.metadata.name).collect();
    assert_eq!(found, ["cart-1"], "the others do not have the gate");
    let gate = known(&watches, namespace)[0].gate.clone().unwrap();
    assert_eq!((gate.containers_ready, gate.containers_ready_since), (true, Some(1_795_253_400)));
    assert!(!gate.others_ready);

    // It waits for another gate: nothing is written.
    let gates = Gates::new(&client, &watches);
    let healthy = plan(namespace, "cart-1", GateVerdict::Healthy);
    let report = write(&gates, &watches.view(), &healthy).await;
    assert!(report.written.is_empty() && report.failed.is_empty(), "{report:?}");

    let before = watches.revision();
    let warm = json!({ "status": { "conditions": [{ "type": "example.org/warm", "status": "True" }] } });
    let patch = Patch::Strategic(warm);
    pods(administrator, namespace).patch_status("cart-1", &PatchParams::default(), &patch).await.unwrap();
    soon("the other gate is announced", watches.changed_since(before)).await;
    let sick = plan(namespace, "cart-1", GateVerdict::NotHealthy);
    let report = write(&gates, &watches.view(), &sick).await;
    let [write_of_sick] = report.written.as_slice() else { panic!("{report:?}") };
    assert_eq!((write_of_sick.pod.as_str(), write_of_sick.waited), ("gates-written/cart-1", None));
    let report = write(&gates, &watches.view(), &sick).await;
    assert!(
        report.written.is_empty(),
        "it is right already, which the answer to the write has told: {report:?}"
    );
    let report = write(&gates, &watches.view(), &healthy).await;
    let [write_of_healthy] = report.written.as_slice() else { panic!("{report:?}") };
    assert!(write_of_healthy.waited.is_some());

    let text = |text: &str| text.to_owned();
    let mut found = conditions(administrator, namespace, "cart-1").await;
    found.sort();
    assert_eq!(
        found,
        [
            (text("ContainersReady"), text("True"), None),
            (text("Ready"), text("False"), None),
            (text(READINESS_GATE), text("True"), Some(text("TargetHealthy"))),
            (text("example.org/warm"), text("True"), None),
        ]
    );
    let report = write(&gates, &watches.view(), &sick).await;
    assert!(report.written.is_empty(), "once it is ready, it stays so: {report:?}");
    revoke(administrator).await;
}

#[tokio::test]
async fn a_pod_that_is_gone_or_was_created_again_is_no_failure() {
    let cluster = Cluster::of("gates-gone").await;
    let (administrator, namespace) = (&cluster.administrator, cluster.namespace.as_str());
    grant_readiness_gates(administrator).await;
    create(administrator, namespace, "cart-1", &[READINESS_GATE]).await;
    let client = cluster.controller().await;
    let watches = synced(&client, &settings()).await;
    let planned = watches.view();
    drop(watches);
    // These watches see nothing of what comes now.
    let relay = cluster.relay().await;
    let watches = synced(&cluster.controller_through(&relay).await, &settings()).await;
    relay.cut().await;
    let at_once = DeleteParams::default().grace_period(0);
    pods(administrator, namespace).delete("cart-1", &at_once).await.unwrap();
    let gates = Gates::new(&client, &watches);
    let healthy = plan(namespace, "cart-1", GateVerdict::Healthy);
    let report = write(&gates, &planned, &healthy).await;
    assert!(report.written.is_empty() && report.failed.is_empty(), "{report:?}");

    create(administrator, namespace, "cart-1", &[READINESS_GATE]).await;
    let report = write(&gates, &planned, &healthy).await;
    assert!(report.written.is_empty() && report.failed.is_empty(), "{report:?}");
    let found = conditions(administrator, namespace, "cart-1").await;
    assert!(found.iter().all(|(kind, ..)| kind != READINESS_GATE), "{found:?}");
    revoke(administrator).await;
}

#[tokio::test]
async fn without_the_rights_the_view_and_the_error_say_what_is_forbidden() {
    let cluster = Cluster::of("gates-forbidden").await;
    let (administrator, namespace) = (&cluster.administrator, cluster.namespace.as_str());
    create(administrator, namespace, "cart-1", &[READINESS_GATE]).await;
    let granted: Api<ClusterRole> = Api::all(administrator.clone());
    grant_readiness_gates(administrator).await;
    let client = cluster.controller().await;
    let watches = synced(&client, &settings()).await;
    let planned = watches.view();

    let reads = json!([{ "apiGroups": [""], "resources": ["pods"], "verbs": ["list", "watch"] }]);
    let patch = Patch::Merge(json!({ "rules": reads }));
    granted.patch(ROLE, &PatchParams::default(), &patch).await.unwrap();
    let gates = Gates::new(&client, &watches);
    let healthy = plan(namespace, "cart-1", GateVerdict::Healthy);
    let error = soon("the right is withdrawn", async {
        loop {
            let mut report = write(&gates, &planned, &healthy).await;
            if let Some(failure) = report.failed.pop() {
                return failure.error;
            }
            let back = json!({ "status": { "conditions": [{ "type": READINESS_GATE, "status": "False" }] } });
            let back = Patch::Strategic(back);
            let pods = pods(administrator, namespace);
            pods.patch_status("cart-1", &PatchParams::default(), &back).await.unwrap();
            eventually("the condition is taken back", || {
                let gate = known(&watches, namespace).pop()?.gate?;
                gate.condition.is_some_and(|condition| !condition.status).then_some(())
            })
            .await;
        }
    })
    .await;
    assert!(matches!(error, ClusterError::Forbidden { .. }), "{error}");
    let told = error.to_string();
    for expected in [
        "write the condition albatross/target-health of Pod gates-forbidden/cart-1: forbidden",
        "cannot patch resource \"pods/status\"",
        "deploy/rbac-readiness-gates.yaml has the rights that are needed",
    ] {
        assert!(told.contains(expected), "{told}");
    }

    revoke(administrator).await;
    let watches = soon("the right to read is withdrawn", async {
        loop {
            let watches = synced(&client, &settings()).await;
            if !watches.view().incomplete.is_empty() {
                return watches;
            }
        }
    })
    .await;
    let view = watches.view();
    assert_eq!(view.incomplete[0].part, ViewPart::GatedPods);
    assert!(view.incomplete[0].reason.contains("cannot list resource \"pods\""), "{:?}", view.incomplete);
    assert_eq!(view.pods, None);
}
