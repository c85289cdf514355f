//! What clients apply arrives as objects of the contract.

use std::future::pending;

use albatross_cluster::{Watches, connect};
use albatross_contract::{Ingress, Settings, ViewPart};
use albatross_test_world::cluster::apply;
use futures::{StreamExt, stream};
use kube::{
    Api,
    api::DeleteParams,
    core::{ApiResource, DynamicObject, GroupVersionKind},
};
use serde_json::json;
use tokio::time::{Duration, Instant, sleep, timeout};

use crate::support::{
    Cluster, eventually,
    objects::{
        change_ingress, change_node_status, create_class, create_ingress, create_node, delete_ingress,
        delete_node, ingress, object,
    },
    soon,
};

/// A pass begins when nothing has changed for this long.
const QUIET: Duration = Duration::from_secs(1);

/// A pass begins at the latest this long after the first change.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// An Ingress of the view.
fn seen(watches: &Watches, namespace: &str, name: &str) -> Option<Ingress> {
    let is_it = |ingress: &Ingress| {
        ingress.metadata.namespace.as_deref() == Some(namespace) && ingress.metadata.name == name
    };
    watches.view().ingresses.into_iter().find(is_it)
}

#[tokio::test]
async fn existing_objects_are_known_when_the_watches_have_synced() {
    let cluster = Cluster::of("already-there").await;
    let made =
        create_ingress(&cluster.administrator, &cluster.namespace, ingress("checkout", "shop.example.org"))
            .await;
    create_class(&cluster.administrator, "already-there").await;
    let status = json!({
        "conditions": [{ "type": "Ready", "status": "True" }],
        "addresses": [{ "type": "InternalIP", "address": "10.0.0.1" }],
    });
    create_node(&cluster.administrator, "already-there", status).await;

    let watches = cluster.watches(&cluster.controller().await).await;
    let view = watches.view();
    assert_eq!(view.incomplete, []);
    let ingress = seen(&watches, &cluster.namespace, "checkout").unwrap();
    assert_eq!(ingress.metadata.uid, made.metadata.uid);
    assert_eq!(ingress.rules[0].host.as_deref(), Some("shop.example.org"));
    assert!(view.ingress_classes.iter().any(|class| class.metadata.name == "already-there"));
    let node = view.nodes.iter().find(|node| node.metadata.name == "already-there").unwrap();
    assert!(node.ready);
    delete_node(&cluster.administrator, "already-there").await;
}

#[tokio::test]
async fn before_the_first_sync_everything_is_incomplete() {
    let cluster = Cluster::of("not-yet").await;
    let relay = cluster.relay().await;
    relay.cut().await;
    let watches = Watches::start(&cluster.controller_through(&relay).await, &Settings::default());
    let parts: Vec<ViewPart> = watches.view().incomplete.iter().map(|it| it.part).collect();
    assert_eq!(
        parts,
        [ViewPart::Ingresses, ViewPart::IngressClasses, ViewPart::Nodes, ViewPart::RouteGroups]
    );
    let health = eventually("the failure is known", || {
        watches.health().into_iter().find(|watch| watch.failing.is_some())
    })
    .await;
    assert!(!health.synced);
    assert!(timeout(Duration::from_millis(500), watches.synced()).await.is_err());
    relay.open();
    soon("the watches sync", watches.synced()).await;
    watches.believe_absence();
    assert_eq!(watches.view().incomplete, []);
}

#[tokio::test]
async fn a_relevant_change_is_reported_once_it_has_settled_and_an_irrelevant_one_is_not() {
    let cluster = Cluster::of("changes").await;
    let (administrator, namespace) = (&cluster.administrator, cluster.namespace.as_str());
    create_node(administrator, "changes", json!({})).await;
    let watches = cluster.watches(&cluster.controller().await).await;

    let before = watches.revision();
    create_ingress(administrator, namespace, ingress("checkout", "shop.example.org")).await;
    soon("the new Ingress is announced", watches.changed_since(before)).await;
    assert!(seen(&watches, namespace, "checkout").is_some());

    let before = watches.revision();
    let patch = json!({ "metadata": { "annotations": { "zalando.org/aws-load-balancer-scheme": null } } });
    change_ingress(administrator, namespace, "checkout", patch).await;
    soon("the annotation is announced", watches.changed_since(before)).await;
    assert_eq!(seen(&watches, namespace, "checkout").unwrap().metadata.annotations, []);

    let before = watches.revision();
    delete_ingress(administrator, namespace, "checkout").await;
    soon("the deletion is announced", watches.changed_since(before)).await;
    assert_eq!(seen(&watches, namespace, "checkout"), None);

    let before = watches.revision();
    let heartbeat = json!({ "conditions": [{
        "type": "MemoryPressure", "status": "False", "lastHeartbeatTime": "2026-11-21T09:30:00Z",
    }] });
    change_node_status(administrator, "changes", heartbeat).await;
    let announced = timeout(Duration::from_secs(4), watches.changed_since(before)).await;
    assert!(announced.is_err(), "the heartbeat of a node starts no pass");
    delete_node(administrator, "changes").await;
}

#[tokio::test]
async fn an_object_that_cannot_be_read_is_named_and_the_others_are_read() {
    let cluster = Cluster::of("nonsense").await;
    // kube-apiserver validates Ingresses as strictly as we do, but not the fields of a Node that its kubelet writes.
    let nonsense = json!({ "addresses": [{ "type": "Hostname", "address": "" }] });
    create_node(&cluster.administrator, "nonsense", nonsense).await;
    let watches = cluster.watches(&cluster.controller().await).await;
    let view = watches.view();
    assert_eq!(view.incomplete.len(), 1);
    assert_eq!(view.incomplete[0].part, ViewPart::Nodes);
    assert_eq!(view.incomplete[0].reason, "Node nonsense: status.addresses[0].address: is missing");

    create_node(&cluster.administrator, "sense", json!({})).await;
    eventually("the next node arrives", || {
        watches.view().nodes.into_iter().find(|node| node.metadata.name == "sense")
    })
    .await;
    let repaired = json!({ "addresses": [{ "type": "Hostname", "address": "nonsense.example.org" }] });
    change_node_status(&cluster.administrator, "nonsense", repaired).await;
    eventually("the view is complete", || watches.view().incomplete.is_empty().then_some(())).await;
    delete_node(&cluster.administrator, "nonsense").await;
    delete_node(&cluster.administrator, "sense").await;
}

#[tokio::test]
async fn every_ingress_that_the_api_server_accepts_can_be_read() {
    let cluster = Cluster::of("odd-ingresses").await;
    let backend = json!({ "service": { "name": "odd", "port": { "name": "http" } } });
    let specs = [
        ("address-in-tls", json!({ "defaultBackend": backend, "tls": [{ "hosts": ["10.0.0.1"] }] })),
        ("no-host-in-tls", json!({ "defaultBackend": backend, "tls": [{ "secretName": "odd" }] })),
        (
            "no-path",
            json!({ "rules": [{ "host": "odd.example.org", "http": { "paths": [
            { "pathType": "ImplementationSpecific", "backend": backend },
        ] } }] }),
        ),
        ("no-http", json!({ "rules": [{ "host": "*.odd.example.org" }] })),
        (
            "other-backend",
            json!({ "defaultBackend": { "resource": {
            "apiGroup": "example.org", "kind": "Bucket", "name": "odd",
        } } }),
        ),
        ("long-label", json!({ "rules": [{ "host": format!("{}.example.org", "a".repeat(100)) }] })),
    ];
    for (name, spec) in &specs {
        let object = json!({ "metadata": { "name": name }, "spec": spec });
        create_ingress(&cluster.administrator, &cluster.namespace, object).await;
    }
    let watches = cluster.watches(&cluster.controller().await).await;
    assert_eq!(watches.view().incomplete, []);
    for (name, _) in &specs {
        assert!(seen(&watches, &cluster.namespace, name).is_some(), "{name}");
    }
}

#[tokio::test]
async fn a_forbidden_watch_is_named_and_continues_when_it_is_allowed() {
    let cluster = Cluster::of("forbidden-watch").await;
    let role = |resources: serde_json::Value| {
        object(json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
            "metadata": { "name": "halfway" },
            "rules": [{ "apiGroups": ["", "networking.k8s.io"], "resources": resources, "verbs": ["list", "watch"] }],
        }))
    };
    for granted in [
        object(json!({
            "apiVersion": "v1", "kind": "ServiceAccount",
            "metadata": { "name": "halfway", "namespace": "kube-system" },
        })),
        role(json!(["ingressclasses", "nodes"])),
        object(json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding",
            "metadata": { "name": "halfway" },
            "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "halfway" },
            "subjects": [{ "kind": "ServiceAccount", "name": "halfway", "namespace": "kube-system" }],
        })),
    ] {
        apply(&cluster.administrator, &granted).await;
    }

    let client = connect(Some(&cluster.kubeconfig("halfway")), None).await.unwrap();
    let watches = Watches::start(&client, &Settings::default());
    let forbidden = |watches: &Watches| {
        let health = watches.health().into_iter().find(|watch| watch.kind == "Ingress")?;
        health.failing.filter(|failing| failing.message.contains("forbidden"))
    };
    let failing = eventually("the forbidden watch is known", || forbidden(&watches)).await;
    assert!(failing.message.starts_with("watch ingresses: forbidden ("), "{}", failing.message);
    assert!(failing.message.contains("system:serviceaccount:kube-system:halfway"), "{}", failing.message);
    assert!(failing.message.ends_with("deploy/rbac.yaml has the rights that are needed"));
    eventually("the others sync", || {
        let health = watches.health();
        health.iter().filter(|watch| watch.kind != "Ingress").all(|watch| watch.synced).then_some(())
    })
    .await;
    assert_eq!(watches.view().incomplete[0].part, ViewPart::Ingresses);

    apply(&cluster.administrator, &role(json!(["ingresses", "ingressclasses", "nodes"]))).await;
    soon("the watches sync", watches.synced()).await;
    assert!(watches.health().iter().all(|watch| watch.failing.is_none()));

    let roles =
        ApiResource::from_gvk(&GroupVersionKind::gvk("rbac.authorization.k8s.io", "v1", "ClusterRole"));
    let roles: Api<DynamicObject> = Api::all_with(cluster.administrator.clone(), &roles);
    roles.delete("halfway", &DeleteParams::default()).await.unwrap();
}

#[tokio::test]
async fn a_thousand_ingresses_at_once_cause_few_passes() {
    let cluster = Cluster::of("thousand").await;
    let watches = cluster.watches(&cluster.controller().await).await;
    let (administrator, namespace) = (&cluster.administrator, &cluster.namespace);
    let mut revision = watches.revision();
    let begin = Instant::now();
    let create = async {
        let creations = stream::iter(0..1000).map(|number| {
            let name = format!("shop-{number}");
            let host = format!("{name}.example.org");
            async move { create_ingress(administrator, namespace, ingress(&name, &host)).await }
        });
        creations.buffer_unordered(8).for_each(async |_| {}).await;
        pending::<()>().await;
    };
    let mut passes = 0;
    let count = async {
        loop {
            watches.changed_since(revision).await;
            revision = watches.revision();
            let view = watches.view();
            passes += 1;
            let of_test = |ingress: &&Ingress| ingress.metadata.namespace.as_deref() == Some(namespace);
            if view.ingresses.iter().filter(of_test).count() == 1000 {
                return;
            }
        }
    };
    let mut quiet_times = 0;
    let notice_quiet_times = async {
        let (mut known, mut changed, mut looked) = (watches.revision(), begin, begin);
        loop {
            sleep(Duration::from_millis(10)).await;
            let (now, revision) = (Instant::now(), watches.revision());
            if revision != known {
                quiet_times += u64::from(now - changed >= QUIET);
                // Some time after the last look.
                (known, changed) = (revision, looked);
            }
            looked = now;
        }
    };
    tokio::select! {
        () = create => {}
        never = notice_quiet_times => never,
        () = soon("all Ingresses are seen", count) => {}
    }
    let waits = begin.elapsed().as_secs() / LONGEST_WAIT.as_secs();
    assert!(
        passes <= 2 + quiet_times + waits,
        "{passes} passes with {quiet_times} quiet times and {waits} of the longest waits"
    );
}
