//! What the watches wait for, answers to writes that they take over, and a watch that panics.

use std::sync::atomic::{AtomicBool, Ordering};

use albatross_contract::ViewPart;
use kube::{Config, core::Status};
use serde_json::json;
use tokio::time::{sleep, timeout};

use super::*;
use crate::ClusterError;

#[test]
fn the_answer_to_a_write_does_not_bring_back_an_ingress_that_the_watch_has_deleted() {
    let state = State::default();
    let answer = json!({ "metadata": {
        "namespace": "shop", "name": "checkout", "uid": "7a0c", "resourceVersion": "100",
    } });
    state.learn(ObjectKind::Ingress, serde_json::from_value(answer).unwrap());
    assert_eq!(state.ingresses().all(), []);
    assert_eq!(state.revision.borrow().number, 0, "no pass begins");
}

/// A client of an address where nothing listens: every request fails at once.
fn client_of_nobody() -> Client {
    Client::try_from(Config::new("http://127.0.0.1:1".parse().unwrap())).unwrap()
}

/// The Ingresses, except that the first access panics.
fn ingresses_with_a_defect(state: &State) -> &Mutex<Kept<Ingress>> {
    static DEFECT: AtomicBool = AtomicBool::new(true);
    assert!(!DEFECT.swap(false, Ordering::Relaxed), "a defect");
    &state.ingresses
}

/// What is wrong with the watch of the Ingresses.
fn failing(state: &State) -> Option<String> {
    state.ingresses().failing().map(|failing| failing.message.clone())
}

/// Waits until the watch of the Ingresses fails for a reason like this.
async fn until_it_fails(state: &State, reason: &str) {
    while !failing(state).is_some_and(|message| message.contains(reason)) {
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_watch_that_panics_is_reported_and_restarted() {
    let state = Arc::new(State::default());
    state.ingresses().end_list(Instant::now());
    let mut tasks = JoinSet::new();
    tasks.spawn(keep_following(
        client_of_nobody(),
        Scope::default(),
        Arc::clone(&state),
        ingresses_with_a_defect,
    ));

    let defect = "its task has panicked (a defect), which is a defect in Albatross: please report it; the watch is restarted";
    until_it_fails(&state, defect).await;
    let incomplete = state.ingresses().incomplete(Instant::now() + Failing::STALE_AFTER).unwrap();
    assert_eq!(incomplete.reason, format!("the Ingress watch fails: {defect}"));

    until_it_fails(&state, "watch ingresses").await; // It asks again: nobody answers there.
}

#[test]
fn a_service_concerns_the_ingresses_of_its_namespace_and_those_that_cannot_be_read() {
    let state = State::default();
    let ingress = |namespace: &str, spec: serde_json::Value| {
        let metadata = json!({ "namespace": namespace, "name": "checkout", "resourceVersion": "7" });
        serde_json::from_value(json!({ "metadata": metadata, "spec": spec })).unwrap()
    };
    let backend = json!({ "service": { "name": "cart", "port": { "number": 80 } } });
    state.ingresses().apply(ingress("shop", json!({ "defaultBackend": backend })));
    state.ingresses().apply(ingress("shop-unreadable", json!({ "rules": [{ "host": 7 }] })));
    let concerns =
        |namespace: &str, name: &str| state.may_be_backend(&(namespace.to_owned(), name.to_owned()));
    assert!(concerns("shop", "cart"));
    assert!(!concerns("shop", "orders"));
    assert!(concerns("shop-unreadable", "orders"));
    assert!(!concerns("blog", "cart"));
}

#[tokio::test]
async fn the_latest_changes_concern_the_ingresses_that_name_the_changed_services() {
    let state = Arc::new(State::default());
    for (name, service) in [("checkout", "cart"), ("catalogue", "items"), ("basket", "cart")] {
        let backend = json!({ "service": { "name": service, "port": { "number": 80 } } });
        let metadata = json!({ "namespace": "shop", "name": name, "resourceVersion": "7" });
        let ingress = json!({ "metadata": metadata, "spec": { "defaultBackend": backend } });
        state.ingresses().apply(serde_json::from_value(ingress).unwrap());
    }
    let watches = watches_of(&state);
    let names = || watches.changed_lately().into_iter().map(|object| object.name).collect::<Vec<_>>();
    assert_eq!(names(), [""; 0], "what was there before has not changed");
    let service = |name: &str| Some(Concerned::Service(("shop".to_owned(), name.to_owned())));
    assert!(state.note(service("cart")));
    assert!(!state.note(service("unknown")), "nobody names it");
    assert!(state.note(Some(Concerned::Source(ObjectName {
        namespace: "shop".to_owned(),
        name: "catalogue".to_owned(),
        kind: ObjectKind::Ingress,
    }))));
    assert_eq!(names(), ["catalogue", "basket", "checkout"]);
}

/// Watches of route mode with this state, which nobody changes meanwhile.
fn watches_of(state: &Arc<State>) -> Watches {
    Watches { state: Arc::clone(state), required_since: OnceLock::new(), _tasks: JoinSet::new() }
}

/// Whether the watches count as synced at once.
async fn is_synced(watches: &Watches) -> bool {
    timeout(Duration::from_millis(200), watches.synced()).await.is_ok()
}

fn read_required_lists(state: &State) {
    state.ingresses().end_list(Instant::now());
    lock(&state.ingress_classes).end_list(Instant::now());
    lock(&state.nodes).end_list(Instant::now());
}

#[tokio::test]
async fn services_are_not_waited_for_once_the_api_server_refuses_them() {
    let state = Arc::new(State { reads_services: true, ..State::default() });
    let watches = watches_of(&state);
    let forbidden = Status { code: 403, ..Status::default() };
    let forbidden = ClusterError::request("watch services", kube::Error::Api(forbidden.boxed()));
    lock(&state.services).fail(&forbidden, Instant::now());
    lock(&state.endpoint_slices).end_list(Instant::now());
    lock(&state.route_groups).end_list(Instant::now());
    assert!(!is_synced(&watches).await, "Ingresses, IngressClasses and Nodes are required");
    read_required_lists(&state);
    assert!(is_synced(&watches).await);
}

#[tokio::test]
async fn a_cluster_that_seems_to_lack_route_groups_is_planned_at_once_with_a_gap() {
    let state = Arc::new(State::default());
    read_required_lists(&state);
    let watches = watches_of(&state);
    assert!(!is_synced(&watches).await, "the API server has not said anything yet");
    lock(&state.route_groups).absent(Instant::now());
    assert!(is_synced(&watches).await);
    let view = watches.view();
    let missing: Vec<ViewPart> = view.incomplete.iter().map(|part| part.part).collect();
    assert_eq!((missing, view.route_groups), (vec![ViewPart::RouteGroups], None));
    watches.believe_absence();
    assert_eq!((watches.view().incomplete, watches.view().route_groups), (vec![], None));
}

#[tokio::test]
async fn a_list_of_endpoint_slices_that_does_not_come_is_waited_for_only_a_while() {
    let state = Arc::new(State { reads_services: true, ..State::default() });
    read_required_lists(&state);
    lock(&state.route_groups).end_list(Instant::now());
    lock(&state.services).end_list(Instant::now());
    let watches = watches_of(&state);
    assert!(!is_synced(&watches).await);
    let over = Watches { required_since: (Instant::now() - SERVICES_WAIT).into(), ..watches };
    assert!(is_synced(&over).await);
    let missing: Vec<ViewPart> = over.view().incomplete.iter().map(|part| part.part).collect();
    assert_eq!((missing, over.view().endpoint_slices), (vec![ViewPart::EndpointSlices], None));
}

/// A Pod as the API server sends it, with readiness gates of these types.
fn pod(name: &str, gates: &[&str]) -> DynamicObject {
    let gates: Vec<_> = gates.iter().map(|kind| json!({ "conditionType": kind })).collect();
    let pod = json!({
        "metadata": { "namespace": "shop", "name": name, "uid": name, "resourceVersion": "7" },
        "spec": { "readinessGates": gates },
    });
    serde_json::from_value(pod).unwrap()
}

#[test]
fn of_all_pods_only_those_with_our_readiness_gate_are_wanted() {
    assert!(GatedPod::is_wanted(&pod("cart-1", &["example.org/warm", "albatross/target-health"])));
    assert!(!GatedPod::is_wanted(&pod("cart-2", &["example.org/warm"])));
    assert!(!GatedPod::is_wanted(&serde_json::from_value(json!({ "metadata": {} })).unwrap()));
}

#[test]
fn a_pod_of_the_proxy_with_our_readiness_gate_is_in_the_view_once() {
    let state = State { reads_pods: true, reads_gates: true, ..State::default() };
    let parts = |state: &State| {
        let incomplete = state.view().incomplete.into_iter();
        let pods = [ViewPart::Pods, ViewPart::GatedPods];
        incomplete.map(|it| it.part).filter(|part| pods.contains(part)).collect::<Vec<_>>()
    };
    assert_eq!(parts(&state), [ViewPart::Pods, ViewPart::GatedPods]);
    assert_eq!(state.view().pods, None);
    {
        let mut gated = lock(&state.gated_pods);
        gated.list(pod("cart-1", &["albatross/target-health"]));
        gated.list(pod("skipper-1", &["albatross/target-health"]));
        gated.end_list(Instant::now());
    }
    assert_eq!(parts(&state), [ViewPart::Pods]);
    lock(&state.pods).list(pod("skipper-1", &["albatross/target-health"]));
    lock(&state.pods).list(pod("skipper-2", &[]));
    lock(&state.pods).end_list(Instant::now());
    let names: Vec<String> = state.view().pods.unwrap().into_iter().map(|pod| pod.metadata.name).collect();
    assert_eq!(names, ["skipper-1", "skipper-2", "cart-1"]);
}
