//! An API server that goes away or does not answer: known objects are kept.

use albatross_cluster::{WatchHealth, Watches, connect};
use albatross_contract::Settings;
use serde_json::json;

use crate::support::{
    Cluster, eventually,
    objects::{change_ingress, create_ingress, delete_ingress, ingress},
    overloaded::Overloaded,
    soon,
};

#[tokio::test]
async fn known_objects_are_kept_and_changes_during_the_outage_are_found() {
    let cluster = Cluster::of("outage").await;
    let (administrator, namespace) = (&cluster.administrator, cluster.namespace.as_str());
    for name in ["changed", "deleted"] {
        create_ingress(administrator, namespace, ingress(name, &format!("{name}.example.org"))).await;
    }
    let relay = cluster.relay().await;
    let watches = cluster.watches(&cluster.controller_through(&relay).await).await;
    let (before, revision) = (watches.view(), watches.revision());

    relay.cut().await;
    let all_fail = |watches: &[WatchHealth]| watches.iter().all(|watch| watch.failing.is_some());
    eventually("the failure is known", || all_fail(&watches.health()).then_some(())).await;
    let health = watches.health();
    assert!(health.iter().all(|watch| watch.synced));
    assert!(health[0].to_string().contains(": watch ingresses: no answer"), "{}", health[0]);
    assert_eq!(watches.view(), before, "a short outage is a delay");

    let patch = json!({ "metadata": { "labels": { "team": "shop" } } });
    change_ingress(administrator, namespace, "changed", patch).await;
    delete_ingress(administrator, namespace, "deleted").await;
    create_ingress(administrator, namespace, ingress("made", "made.example.org")).await;
    relay.open();
    soon("the changes are announced", watches.changed_since(revision)).await;
    eventually("the watches work again", || {
        watches.health().iter().all(|watch| watch.failing.is_none()).then_some(())
    })
    .await;
    // One may be announced while the others are on their way.
    eventually("all changes are known", || {
        let after = watches.view();
        let of_test: Vec<(&str, usize)> = after
            .ingresses
            .iter()
            .filter(|ingress| ingress.metadata.namespace.as_deref() == Some(namespace))
            .map(|ingress| (ingress.metadata.name.as_str(), ingress.metadata.labels.len()))
            .collect();
        (of_test == [("changed", 1), ("made", 0)]).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_server_that_is_overloaded_is_reported_at_once() {
    let server = Overloaded::start();
    let client = connect(Some(&server.kubeconfig), None).await.unwrap();
    let watches = Watches::start(&client, &Settings::default());
    eventually("the failure is known", || {
        let told = |watch: &WatchHealth| watch.to_string().contains("overloaded");
        watches.health().iter().all(told).then_some(())
    })
    .await;
}
