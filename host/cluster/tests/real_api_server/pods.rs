//! Pods of the proxy: those that the settings select are read and followed, and only if the settings select some.

use albatross_cluster::Watches;
use albatross_contract::{Pod, PodPhase, PodTargets, Settings, ViewPart};
use albatross_test_world::cluster::apply;
use k8s_openapi::api::core::v1 as core;
use kube::{
    Api, Client,
    api::{DeleteParams, Patch, PatchParams},
};
use serde_json::{Value, json};
use tokio::time::{Duration, Instant, timeout};

use crate::support::{Cluster, eventually, objects::object, soon, synced};

/// The namespace of the proxy: that of the Role in `deploy/rbac.yaml`.
const NAMESPACE: &str = "kube-system";

/// How often a change is tried, since this machine may be busy.
const ATTEMPTS: usize = 10;

/// Settings with the pods of an application as targets.
fn pods_of(application: &str, namespace: &str) -> Settings {
    let mut settings = Settings::default();
    let label_selector = format!("application in ({application}, {application}-canary),!broken");
    settings.proxy.pods = Some(PodTargets { namespace: namespace.to_owned(), label_selector });
    settings
}

/// Creates a Pod that a scheduler has placed on a node. There is no kubelet: it stays pending.
async fn create(client: &Client, name: &str, labels: Value) {
    let pod = json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": { "name": name, "namespace": NAMESPACE, "labels": labels, "annotations": { "note": "not needed" } },
        "spec": { "nodeName": "ip-10-0-0-1", "containers": [{ "name": "proxy", "image": "skipper" }] },
    });
    apply(client, &object(pod)).await;
}

/// Writes the status of a Pod as a kubelet does.
async fn report(client: &Client, name: &str, address: &str, ready: bool) {
    let condition = json!({ "type": "Ready", "status": if ready { "True" } else { "False" } });
    let status = json!({ "phase": "Running", "podIPs": [{ "ip": address }], "conditions": [condition] });
    let pods: Api<core::Pod> = Api::namespaced(client.clone(), NAMESPACE);
    let patch = Patch::Merge(json!({ "status": status }));
    pods.patch_status(name, &PatchParams::default(), &patch).await.unwrap();
}

/// Deletes a Pod; `seconds` is the time that it has to end, after which a kubelet would remove it.
async fn delete(client: &Client, name: &str, seconds: u32) {
    let pods: Api<core::Pod> = Api::namespaced(client.clone(), NAMESPACE);
    pods.delete(name, &DeleteParams::default().grace_period(seconds)).await.unwrap();
}

fn names(watches: &Watches) -> Vec<String> {
    watches.view().pods.unwrap().into_iter().map(|pod| pod.metadata.name).collect()
}

fn pod(watches: &Watches, name: &str) -> Option<Pod> {
    watches.view().pods?.into_iter().find(|pod| pod.metadata.name == name)
}

#[tokio::test]
async fn the_pods_that_the_settings_select_are_known_when_the_watches_have_synced() {
    let cluster = Cluster::of("pods-there").await;
    let client = &cluster.administrator;
    create(client, "there-1", json!({ "application": "there" })).await;
    create(client, "there-2", json!({ "application": "there-canary" })).await;
    create(client, "there-3", json!({ "application": "there", "broken": "yes" })).await;
    create(client, "there-4", json!({ "application": "other" })).await;
    report(client, "there-1", "10.0.1.7", true).await;

    let watches = synced(&cluster.controller().await, &pods_of("there", NAMESPACE)).await;
    assert_eq!(watches.view().incomplete, []);
    assert_eq!(names(&watches), ["there-1", "there-2"]);
    let found = pod(&watches, "there-1").unwrap();
    assert_eq!(
        (found.phase, found.ready, found.addresses),
        (PodPhase::Running, true, vec!["10.0.1.7".to_owned()])
    );
    assert_eq!(found.metadata.annotations, [], "nobody needs the annotations");
    assert_eq!(pod(&watches, "there-2").unwrap().phase, PodPhase::Pending);
}

#[tokio::test]
async fn pods_of_the_proxy_are_followed_within_a_second() {
    let cluster = Cluster::of("pods-followed").await;
    let client = &cluster.administrator;
    let watches = synced(&cluster.controller().await, &pods_of("followed", NAMESPACE)).await;
    let mut fastest = Duration::MAX;
    for attempt in 0..ATTEMPTS {
        let name = format!("followed-{attempt}");
        create(client, &name, json!({ "application": "followed" })).await;
        eventually("the pod is in the view", || pod(&watches, &name)).await;
        // Whatever happened before is over: the next change is the only one.
        soon("the pod is announced", watches.changed_since(watches.revision() - 1)).await;
        let before = watches.revision();
        report(client, &name, "10.0.1.7", true).await;
        let reported = Instant::now();
        soon("its readiness is announced", watches.changed_since(before)).await;
        fastest = fastest.min(reported.elapsed());
        assert!(pod(&watches, &name).unwrap().ready);
    }
    assert!(fastest < Duration::from_secs(1), "a pass begins {fastest:?} after a pod is ready");

    let before = watches.revision();
    delete(client, "followed-0", 30).await;
    soon("the termination is announced", watches.changed_since(before)).await;
    assert!(pod(&watches, "followed-0").unwrap().metadata.deleted_at.is_some());
    delete(client, "followed-0", 0).await;
    eventually("the pod is gone", || pod(&watches, "followed-0").is_none().then_some(())).await;
}

#[tokio::test]
async fn a_change_that_planning_does_not_need_starts_no_pass() {
    let cluster = Cluster::of("pods-irrelevant").await;
    let client = &cluster.administrator;
    create(client, "irrelevant-1", json!({ "application": "irrelevant" })).await;
    report(client, "irrelevant-1", "10.0.1.7", true).await;
    let watches = synced(&cluster.controller().await, &pods_of("irrelevant", NAMESPACE)).await;
    let before = watches.revision();
    let pods: Api<core::Pod> = Api::namespaced(client.clone(), NAMESPACE);
    let note = Patch::Merge(json!({ "metadata": { "annotations": { "note": "changed" } } }));
    pods.patch("irrelevant-1", &PatchParams::default(), &note).await.unwrap();
    let started = Patch::Merge(json!({ "status": { "startTime": "2026-11-28T10:00:00Z" } }));
    pods.patch_status("irrelevant-1", &PatchParams::default(), &started).await.unwrap();
    create(client, "irrelevant-2", json!({ "application": "other" })).await;
    let announced = timeout(Duration::from_secs(4), watches.changed_since(before)).await;
    assert!(announced.is_err(), "nothing that planning needs has changed");
}

#[tokio::test]
async fn pods_of_a_namespace_without_the_right_are_a_gap_with_its_reason() {
    let cluster = Cluster::of("pods-forbidden").await;
    let settings = pods_of("forbidden", &cluster.namespace);
    let watches = synced(&cluster.controller().await, &settings).await;
    let view = watches.view();
    let [missing] = &view.incomplete[..] else { panic!("one part: {:?}", view.incomplete) };
    assert_eq!((missing.part, view.pods), (ViewPart::Pods, None));
    assert!(
        missing.reason.starts_with("the Pod list cannot be read: watch pods: forbidden ("),
        "{}",
        missing.reason
    );
    assert!(missing.reason.contains("pods-forbidden"), "{}", missing.reason);
}

#[tokio::test]
async fn without_the_setting_no_pod_is_read() {
    let cluster = Cluster::of("pods-unneeded").await;
    let watches = cluster.watches(&cluster.controller().await).await;
    assert_eq!(watches.view().pods, None);
    assert!(watches.health().iter().all(|watch| watch.kind != "Pod"));
}
