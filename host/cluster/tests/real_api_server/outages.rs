//! An API server that goes away, or that falls silent, takes nothing with it.

use albatross_cluster::WatchHealth;
use serde_json::json;

use crate::support::{
    Cluster, eventually,
    objects::{change_ingress, create_ingress, delete_ingress, ingress},
    soon,
};

#[tokio::test]
async fn what_is_known_stays_and_what_changed_meanwhile_is_found() {
    let cluster = Cluster::of("outage").await;
    let (administrator, namespace) = (&cluster.administrator, cluster.namespace.as_str());
    for name in ["changed", "deleted"] {
        create_ingress(administrator, namespace, ingress(name, &format!("{name}.example.org"))).await;
    }
    let relay = cluster.relay().await;
    let watches = cluster.watches(&cluster.controller_through(&relay).await).await;
    let before = watches.view();

    relay.cut();
    let all_fail = |watches: &[WatchHealth]| watches.iter().all(|watch| watch.failing.is_some());
    eventually("the failure is known", || all_fail(&watches.health()).then_some(())).await;
    let health = watches.health();
    assert!(health.iter().all(|watch| watch.synced));
    assert!(health[0].to_string().contains(": watch ingresses: no answer"), "{}", health[0]);
    assert_eq!(watches.view().cluster, before.cluster, "a short outage is a delay");

    let patch = json!({ "metadata": { "labels": { "team": "shop" } } });
    change_ingress(administrator, namespace, "changed", patch).await;
    delete_ingress(administrator, namespace, "deleted").await;
    create_ingress(administrator, namespace, ingress("made", "made.example.org")).await;
    relay.open();
    soon("the changes are announced", watches.changed_since(before.revision)).await;
    eventually("the watches work again", || {
        watches.health().iter().all(|watch| watch.failing.is_none()).then_some(())
    })
    .await;
    let after = watches.view().cluster;
    let of_test: Vec<(&str, usize)> = after
        .ingresses
        .iter()
        .filter(|ingress| ingress.metadata.namespace.as_deref() == Some(namespace))
        .map(|ingress| (ingress.metadata.name.as_str(), ingress.metadata.labels.len()))
        .collect();
    assert_eq!(of_test, [("changed", 1), ("made", 0)]);
}
