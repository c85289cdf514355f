//! RouteGroups: followed if the cluster has the kind, which may come and go while the controller runs.

use albatross_cluster::{Candidate, Events, Notice, Regarding, Severity, StatusWrite, Statuses, Watches};
use albatross_contract::{
    ObjectKind, ObjectName, Outcome, OutcomeState, RouteGroup, Settings, StatusChange, ViewPart,
};
use albatross_test_world::{
    cluster::{apply, apply_all, grant},
    route_groups::{install, remove},
};
use k8s_openapi::api::events::v1::Event;
use kube::{
    Api,
    api::{ListParams, Patch, PatchParams},
    core::{ApiResource, DynamicObject, GroupVersionKind},
};
use serde_json::{Value, json};

use crate::support::{Cluster, answered, doubting, eventually, objects::object};

const RBAC: &str = include_str!("../../../../deploy/rbac.yaml");
const OURS: &str = "albatross-1.eu-central-1.elb.amazonaws.com";

/// Creates a RouteGroup. The API server may not serve the kind yet.
async fn create(cluster: &Cluster, name: &str, host: &str) {
    let made = json!({
        "apiVersion": "zalando.org/v1", "kind": "RouteGroup",
        "metadata": { "namespace": cluster.namespace, "name": name },
        "spec": { "hosts": [host], "backends": [] },
    });
    apply(&cluster.administrator, &object(made)).await;
}

fn route_groups(cluster: &Cluster) -> Api<DynamicObject> {
    let kind = GroupVersionKind::gvk("zalando.org", "v1", "RouteGroup");
    let resource = ApiResource::from_gvk_with_plural(&kind, "routegroups");
    Api::namespaced_with(cluster.administrator.clone(), &cluster.namespace, &resource)
}

async fn status(cluster: &Cluster, name: &str) -> Value {
    route_groups(cluster).get(name).await.unwrap().data["status"].clone()
}

fn seen(watches: &Watches, name: &str) -> Option<RouteGroup> {
    watches.view().route_groups?.into_iter().find(|found| found.metadata.name == name)
}

fn name(cluster: &Cluster) -> ObjectName {
    ObjectName { kind: ObjectKind::RouteGroup, ..ObjectName::ingress(&cluster.namespace, "checkout") }
}

fn outcome(object: ObjectName, status: StatusChange) -> Outcome {
    Outcome {
        object,
        state: OutcomeState::Placed,
        load_balancer: None,
        certificates: Vec::new(),
        hostname: None,
        status,
        diagnostics: Vec::new(),
    }
}

#[tokio::test]
async fn a_kind_that_is_installed_late_is_followed_and_goes_with_its_objects() {
    let cluster = Cluster::of("route-groups-late").await;
    let watches = doubting(&cluster.controller().await, &Settings::default()).await;
    let view = watches.view();
    let [missing] = &view.incomplete[..] else { panic!("one part: {:?}", view.incomplete) };
    assert_eq!((missing.part, view.route_groups), (ViewPart::RouteGroups, None), "it may come in a moment");
    let health = watches.health().into_iter().find(|watch| watch.kind == "RouteGroup").unwrap();
    assert!(health.to_string().contains("it does not have the kind RouteGroup"), "{health}");
    let before = watches.revision();

    install(&cluster.administrator, &["v1"]).await;
    create(&cluster, "checkout", "shop.example.org").await;

    let found = eventually("the RouteGroup is seen", || seen(&watches, "checkout")).await;
    assert_eq!(found.hosts, ["shop.example.org"]);
    assert!(watches.revision() > before, "a pass begins");
    create(&cluster, "blog", "blog.example.org").await;
    eventually("others are followed", || seen(&watches, "blog")).await;

    remove(&cluster.administrator).await;
    eventually("they are gone", || {
        seen(&watches, "checkout").or(seen(&watches, "blog")).is_none().then_some(())
    })
    .await;
    assert_eq!(watches.view().incomplete, []);
}

#[tokio::test]
async fn a_cluster_without_the_kind_has_no_gap_after_a_minute_and_for_a_command_that_looks_once() {
    let cluster = Cluster::of("route-groups-absent").await;
    let client = cluster.controller().await;
    let watches = doubting(&client, &Settings::default()).await;
    let before = watches.revision();
    let once = doubting(&client, &Settings::default()).await;
    once.believe_absence();
    assert_eq!((once.view().route_groups, once.view().incomplete), (None, Vec::new()));

    eventually("the API server is believed", || watches.view().incomplete.is_empty().then_some(())).await;
    assert!(watches.revision() > before, "a pass begins, which may remove something");
    assert_eq!(watches.view().route_groups, None);
    let health = watches.health().into_iter().find(|watch| watch.kind == "RouteGroup").unwrap();
    assert_eq!(health.to_string(), "RouteGroup: the cluster does not have this kind");
}

#[tokio::test]
async fn a_kind_that_is_served_in_another_version_only_is_a_gap_that_says_so() {
    let cluster = Cluster::of("route-groups-v2").await;
    install(&cluster.administrator, &["v2"]).await;
    let client = cluster.controller().await;
    let watches = cluster.watches(&client).await;
    let view = watches.view();
    let [missing] = &view.incomplete[..] else { panic!("one part: {:?}", view.incomplete) };
    let told = "the API server serves RouteGroup as zalando.org/v2 and not as zalando.org/v1";
    assert!(missing.reason.contains(told), "{}", missing.reason);

    install(&cluster.administrator, &["v2", "v1"]).await;
    create(&cluster, "checkout", "shop.example.org").await;
    eventually("it is read", || seen(&watches, "checkout")).await;
    assert_eq!(watches.view().incomplete, []);
    remove(&cluster.administrator).await;
}

#[tokio::test]
async fn the_status_of_a_route_group_is_written_and_what_others_wrote_stays() {
    let cluster = Cluster::of("route-groups-status").await;
    install(&cluster.administrator, &["v1"]).await;
    create(&cluster, "checkout", "shop.example.org").await;
    let theirs = json!({ "status": {
        "checked": "by the proxy", "loadBalancer": { "routegroup": [{ "hostname": "kube-ing-lb-2.example.org" }] },
    } });
    let parameters = PatchParams { field_manager: Some("others".to_owned()), ..PatchParams::default() };
    route_groups(&cluster).patch_status("checkout", &parameters, &Patch::Merge(theirs)).await.unwrap();
    let client = cluster.controller().await;
    let watches = cluster.watches(&client).await;
    let has_status = || seen(&watches, "checkout").filter(|found| !found.status.is_empty());
    let planned = eventually("the RouteGroup is seen", has_status).await;
    let view = watches.view();
    let statuses = Statuses::new(&client, &watches);
    let write = async |change: StatusChange| {
        let outcomes = [outcome(name(&cluster), change)];
        let attempt = async || statuses.write(&view, &outcomes, |_| true).await;
        answered(attempt, |report| report.failed.iter().map(|failure| &failure.error).collect()).await
    };

    let report = write(StatusChange::Publish(OURS.to_owned())).await;

    let before = planned.status[0].hostname.clone();
    let written = StatusWrite { object: name(&cluster), before, after: Some(OURS.to_owned()) };
    assert_eq!(report.written, [written], "{:?}", report.failed);
    let published =
        json!({ "checked": "by the proxy", "loadBalancer": { "routegroup": [{ "hostname": OURS }] } });
    assert_eq!(status(&cluster, "checkout").await, published);
    assert_eq!(seen(&watches, "checkout").unwrap().status[0].hostname.as_deref(), Some(OURS), "it is known");
    assert_eq!(write(StatusChange::Publish(OURS.to_owned())).await.written, [], "once");
    assert_eq!(write(StatusChange::Withdraw).await.written.len(), 1);
    assert_eq!(status(&cluster, "checkout").await["loadBalancer"], json!({ "routegroup": [] }));

    let candidate = Candidate {
        namespace: "kube-system".to_owned(),
        lease: "albatross".to_owned(),
        identity: "albatross-0_1".to_owned(),
    };
    let regarding = Regarding::Object { name: name(&cluster), uid: planned.metadata.uid };
    let notice = Notice {
        regarding,
        severity: Severity::Warning,
        reason: "CertificateNone".to_owned(),
        note: "no certificate covers shop.example.org".to_owned(),
    };
    let sender = Events::new(&client, &candidate);
    while sender.publish(std::slice::from_ref(&notice), |_| true).await == 0 {}
    let events: Api<Event> = Api::namespaced(cluster.administrator.clone(), &cluster.namespace);
    let events = events.list(&ListParams::default()).await.unwrap().items;
    let regarding = events[0].regarding.clone().unwrap();
    assert_eq!(
        (regarding.kind.as_deref(), regarding.api_version.as_deref()),
        (Some("RouteGroup"), Some("zalando.org/v1"))
    );
    remove(&cluster.administrator).await;
}

#[tokio::test]
async fn without_the_right_route_groups_are_a_gap_with_its_reason_until_the_right_is_there() {
    let cluster = Cluster::of("route-groups-forbidden").await;
    let administrator = &cluster.administrator;
    install(administrator, &["v1"]).await;
    create(&cluster, "checkout", "shop.example.org").await;
    apply_all(administrator, &RBAC.replace("[zalando.org]", "[example.org]")).await;
    let watches = cluster.watches(&cluster.controller().await).await;
    let view = watches.view();
    let [missing] = &view.incomplete[..] else { panic!("one part: {:?}", view.incomplete) };
    assert_eq!((missing.part, view.route_groups), (ViewPart::RouteGroups, None));
    let reason = &missing.reason;
    assert!(
        reason.starts_with("the RouteGroup list cannot be read: watch routegroups: forbidden ("),
        "{reason}"
    );

    let mut settings = Settings::default();
    settings.proxy.route_groups = Some(false);
    let others = doubting(&cluster.controller().await, &settings).await;
    assert_eq!(others.view().incomplete, view.incomplete, "statuses may name load balancers all the same");

    grant(administrator).await;
    eventually("they are read", || seen(&watches, "checkout")).await;
    assert_eq!(watches.view().incomplete, []);
    remove(administrator).await;
}
