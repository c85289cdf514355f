//! Services and EndpointSlices: read for route mode, and only for route mode.

use std::collections::BTreeSet;

use albatross_cluster::{Client, Watches, connect};
use albatross_contract::{
    EndpointAddressType, EndpointSlice, Service, ServiceKind, ServicePortReference, Settings,
    TransportProtocol, ViewPart,
};
use albatross_test_world::cluster::apply;
use k8s_openapi::api::{core::v1 as core, discovery::v1 as discovery};
use kube::{
    Api,
    api::{DeleteParams, ListParams, Patch, PatchParams},
};
use serde_json::{Value, json};
use tokio::time::{Duration, Instant, timeout};

use crate::support::{
    Cluster, eventually,
    objects::{create_ingress, ingress, object},
    overloaded::Overloaded,
    patient, route_mode, soon,
};

/// How soon a change is in the view of a machine that is not busy.
const AT_ONCE: Duration = Duration::from_secs(1);

/// How often a change is tried, since this machine may be busy.
const ATTEMPTS: u16 = 10;

/// A Service of the view.
fn service(watches: &Watches, cluster: &Cluster, name: &str) -> Option<Service> {
    let is_it = |service: &Service| {
        service.metadata.namespace.as_ref() == Some(&cluster.namespace) && service.metadata.name == name
    };
    watches.view().services.into_iter().find(is_it)
}

/// An EndpointSlice of the view.
fn slice(watches: &Watches, cluster: &Cluster, name: &str) -> Option<EndpointSlice> {
    let is_it = |slice: &EndpointSlice| {
        slice.metadata.namespace.as_ref() == Some(&cluster.namespace) && slice.metadata.name == name
    };
    watches.view().endpoint_slices?.into_iter().find(is_it)
}

/// Creates or changes a Service.
async fn apply_service(cluster: &Cluster, name: &str, labels: Value, spec: Value) {
    let metadata = json!({ "name": name, "namespace": cluster.namespace, "labels": labels });
    let service = json!({ "apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec });
    apply(&cluster.administrator, &object(service)).await;
}

/// Creates or changes an EndpointSlice of the Service `cart` as the EndpointSlice controller does: each version has the time
/// of its change.
async fn apply_slice(cluster: &Cluster, name: &str, changed_at: &str, endpoints: Value) {
    let ports = json!([{ "name": "http", "port": 8080, "protocol": "TCP" }]);
    let content = json!({
        "metadata": {
            "labels": {
                "kubernetes.io/service-name": "cart",
                "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
            },
            "annotations": { "endpoints.kubernetes.io/last-change-trigger-time": changed_at },
        },
        "addressType": "IPv4", "endpoints": endpoints, "ports": ports,
    });
    apply_any_slice(cluster, name, content).await;
}

/// Creates or changes an EndpointSlice.
async fn apply_any_slice(cluster: &Cluster, name: &str, mut content: Value) {
    content["apiVersion"] = json!("discovery.k8s.io/v1");
    content["kind"] = json!("EndpointSlice");
    content["metadata"]["name"] = json!(name);
    content["metadata"]["namespace"] = json!(cluster.namespace);
    apply(&cluster.administrator, &object(content)).await;
}

fn endpoint(address: &str, ready: bool) -> Value {
    json!({ "addresses": [address], "conditions": { "ready": ready }, "nodeName": "ip-10-0-0-1", "zone": "eu-central-1a" })
}

fn http(port: u16) -> Value {
    json!({ "ports": [{ "name": "http", "port": port, "targetPort": "web" }] })
}

/// A client of a service account with these ClusterRoles of `deploy/rbac.yaml`.
async fn with_roles(cluster: &Cluster, account: &str, roles: &[&str]) -> Client {
    let subject = json!({ "kind": "ServiceAccount", "name": account, "namespace": "kube-system" });
    let metadata = json!({ "name": account, "namespace": "kube-system" });
    let of_account = json!({ "apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata });
    apply(&cluster.administrator, &object(of_account)).await;
    for role in roles {
        let binding = json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding",
            "metadata": { "name": format!("{account}-{role}") },
            "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role },
            "subjects": [subject],
        });
        apply(&cluster.administrator, &object(binding)).await;
    }
    connect(Some(&cluster.kubeconfig(account)), None).await.unwrap()
}

#[tokio::test]
async fn existing_services_and_endpoint_slices_are_known_when_the_watches_have_synced() {
    let cluster = Cluster::of("services-there").await;
    let spec = json!({
        "type": "NodePort", "externalTrafficPolicy": "Local", "selector": { "app": "cart" },
        "ports": [{ "name": "http", "port": 80, "targetPort": "web" }],
    });
    apply_service(&cluster, "cart", json!({ "team": "shop" }), spec).await;
    let endpoints = json!([endpoint("10.0.1.7", true), endpoint("10.0.1.8", false)]);
    apply_slice(&cluster, "cart-x7", "2026-11-28T10:00:00Z", endpoints).await;

    let watches = cluster.watches_of_route_mode(&cluster.controller().await).await;
    assert_eq!(watches.view().incomplete, []);
    let service = service(&watches, &cluster, "cart").unwrap();
    assert_eq!(service.kind, ServiceKind::NodePort);
    assert_eq!(service.metadata.labels, [], "nobody needs the labels");
    assert_eq!(service.ports[0].target_port, Some(ServicePortReference::Name("web".to_owned())));
    assert!(service.ports[0].node_port.is_some() && service.cluster_ip.is_some());

    let slice = slice(&watches, &cluster, "cart-x7").unwrap();
    assert_eq!(slice.address_type, EndpointAddressType::Ipv4);
    let labels: Vec<&str> = slice.metadata.labels.iter().map(|label| label.key.as_str()).collect();
    assert_eq!(labels, ["kubernetes.io/service-name"]);
    assert_eq!(slice.metadata.annotations, []);
    let endpoints: Vec<_> = slice.endpoints.iter().map(|it| (it.addresses[0].as_str(), it.ready)).collect();
    assert_eq!(endpoints, [("10.0.1.7", Some(true)), ("10.0.1.8", Some(false))]);
    assert_eq!((slice.ports[0].port, slice.ports[0].protocol), (Some(8080), TransportProtocol::Tcp));
}

#[tokio::test]
async fn a_changed_service_and_an_unready_endpoint_are_in_the_view_at_once_and_start_a_pass() {
    let cluster = Cluster::of("services-changing").await;
    create_ingress(&cluster.administrator, &cluster.namespace, ingress("cart", "shop.example.org")).await;
    apply_service(&cluster, "cart", json!({}), http(80)).await;
    apply_slice(&cluster, "cart-x7", "2026-11-28T10:00:00Z", json!([endpoint("10.0.1.7", true)])).await;
    let watches = cluster.watches_of_route_mode(&cluster.controller().await).await;

    let (before, mut fastest) = (watches.revision(), Duration::MAX);
    for port in 0..ATTEMPTS {
        apply_service(&cluster, "cart", json!({}), http(8000 + port)).await;
        let applied = Instant::now();
        eventually("the port is in the view", || {
            let service = service(&watches, &cluster, "cart")?;
            service.ports.iter().any(|it| it.port == 8000 + port).then_some(())
        })
        .await;
        fastest = fastest.min(applied.elapsed());
    }
    assert!(fastest < AT_ONCE, "the changed Service is in the view after {fastest:?}");
    soon("the changed Service is announced", watches.changed_since(before)).await;

    let (before, mut fastest) = (watches.revision(), Duration::MAX);
    for attempt in 0..ATTEMPTS {
        let ready = attempt % 2 == 1;
        let changed_at = format!("2026-11-28T10:01:{attempt:02}Z");
        apply_slice(&cluster, "cart-x7", &changed_at, json!([endpoint("10.0.1.7", ready)])).await;
        let applied = Instant::now();
        eventually("the readiness is in the view", || {
            let slice = slice(&watches, &cluster, "cart-x7")?;
            (slice.endpoints[0].ready == Some(ready)).then_some(())
        })
        .await;
        fastest = fastest.min(applied.elapsed());
    }
    assert!(fastest < AT_ONCE, "the unready endpoint is in the view after {fastest:?}");
    soon("the unready endpoint is announced", watches.changed_since(before)).await;
}

#[tokio::test]
async fn a_change_that_planning_does_not_need_starts_no_pass() {
    let cluster = Cluster::of("services-irrelevant").await;
    create_ingress(&cluster.administrator, &cluster.namespace, ingress("cart", "shop.example.org")).await;
    apply_service(&cluster, "orders", json!({}), http(80)).await;
    apply_service(&cluster, "cart", json!({}), http(80)).await;
    apply_slice(&cluster, "cart-x7", "2026-11-28T10:00:00Z", json!([endpoint("10.0.1.7", true)])).await;
    let watches = cluster.watches_of_route_mode(&cluster.controller().await).await;

    let before = watches.revision();
    apply_service(&cluster, "cart", json!({ "team": "shop" }), http(80)).await;
    apply_slice(&cluster, "cart-x7", "2026-11-28T11:00:00Z", json!([endpoint("10.0.1.7", true)])).await;
    apply_service(&cluster, "orders", json!({}), http(8080)).await;
    let announced = timeout(Duration::from_secs(4), watches.changed_since(before)).await;
    assert!(
        announced.is_err(),
        "no label of a Service, no time of a change and no Service without an Ingress starts a pass"
    );
    assert_eq!(service(&watches, &cluster, "orders").unwrap().ports[0].port, 8080, "it is in the view");
}

#[tokio::test]
async fn every_service_and_endpoint_slice_that_the_api_server_accepts_can_be_read() {
    let cluster = Cluster::of("odd-services").await;
    let services = [
        ("headless", json!({ "clusterIP": "None" })),
        ("external", json!({ "type": "ExternalName", "externalName": "shop.example.org." })),
        (
            "external-ports",
            json!({ "type": "ExternalName", "externalName": "a.example.org", "ports": [{ "port": 80 }] }),
        ),
        ("sctp", json!({ "ports": [{ "port": 80, "protocol": "SCTP", "appProtocol": "example.org/odd" }] })),
        ("unready", json!({ "ports": [{ "port": 80 }], "publishNotReadyAddresses": true })),
        ("local", json!({ "ports": [{ "port": 80 }], "internalTrafficPolicy": "Local" })),
        (
            "balanced",
            json!({ "type": "LoadBalancer", "ports": [{ "port": 80 }], "externalTrafficPolicy": "Local" }),
        ),
    ];
    for (name, spec) in &services {
        apply_service(&cluster, name, json!({}), spec.clone()).await;
    }
    let slices = [
        ("no-endpoints", json!({ "addressType": "IPv4", "endpoints": [], "ports": null })),
        (
            "any-port",
            json!({ "addressType": "IPv4", "endpoints": [{ "addresses": ["10.0.1.7"] }], "ports": [{ "name": "" }] }),
        ),
        (
            "ipv6",
            json!({ "addressType": "IPv6", "endpoints": [{ "addresses": ["fd00::7"] }], "ports": [{ "port": 80 }] }),
        ),
        ("name", json!({ "addressType": "FQDN", "endpoints": [{ "addresses": ["a.example.org"] }] })),
        (
            "no-target",
            json!({ "addressType": "IPv4", "endpoints": [{ "addresses": ["10.0.1.7"], "targetRef": {} }] }),
        ),
    ];
    for (name, content) in &slices {
        apply_any_slice(&cluster, name, content.clone()).await;
    }
    let watches = cluster.watches_of_route_mode(&cluster.controller().await).await;
    assert_eq!(watches.view().incomplete, []);
    for (name, _) in &services {
        assert!(service(&watches, &cluster, name).is_some(), "{name}");
    }
    for (name, _) in &slices {
        assert!(slice(&watches, &cluster, name).is_some(), "{name}");
    }
}

#[tokio::test]
async fn an_endpoint_slice_that_cannot_be_read_is_named_and_the_others_are_read() {
    let cluster = Cluster::of("odd-slice").await;
    let with_port =
        |port: u32| json!({ "addressType": "IPv4", "endpoints": [], "ports": [{ "port": port }] });
    apply_any_slice(&cluster, "cart-odd", with_port(70_000)).await;
    apply_any_slice(&cluster, "cart-good", with_port(7_000)).await;
    let watches = cluster.watches_of_route_mode(&cluster.controller().await).await;
    let view = watches.view();
    let [part] = &view.incomplete[..] else { panic!("one part: {:?}", view.incomplete) };
    assert_eq!(part.part, ViewPart::EndpointSlices);
    assert_eq!(
        part.reason,
        "EndpointSlice odd-slice/cart-odd: ports[0].port: 70000 is not a port: 1 to 65535"
    );
    assert!(slice(&watches, &cluster, "cart-good").is_some());

    apply_any_slice(&cluster, "cart-odd", with_port(8_000)).await;
    eventually("the view is complete", || watches.view().incomplete.is_empty().then_some(())).await;
}

#[tokio::test]
async fn without_the_right_the_missing_parts_are_named_until_it_is_granted() {
    let cluster = Cluster::of("services-forbidden").await;
    create_ingress(&cluster.administrator, &cluster.namespace, ingress("checkout", "shop.example.org")).await;
    apply_service(&cluster, "cart", json!({}), http(80)).await;
    let client = with_roles(&cluster, "no-route-mode", &["albatross"]).await;

    let watches = cluster.watches_of_route_mode(&client).await;
    let view = watches.view();
    let [services, slices] = &view.incomplete[..] else { panic!("two parts: {:?}", view.incomplete) };
    assert_eq!((services.part, slices.part), (ViewPart::Services, ViewPart::EndpointSlices));
    let of_services = "the Service list cannot be read: watch services: forbidden (";
    let of_slices = "the EndpointSlice list cannot be read: watch endpointslices: forbidden (";
    for (part, begin) in [(services, of_services), (slices, of_slices)] {
        assert!(part.reason.starts_with(begin), "{}", part.reason);
        assert!(part.reason.contains("system:serviceaccount:kube-system:no-route-mode"), "{}", part.reason);
        assert!(part.reason.ends_with("deploy/rbac.yaml has the rights that are needed"), "{}", part.reason);
    }
    assert!(view.services.is_empty() && view.endpoint_slices.is_none());
    let is_known = view.ingresses.iter().any(|it| it.metadata.namespace.as_ref() == Some(&cluster.namespace));
    assert!(is_known, "Ingresses in proxy mode are planned");

    let before = watches.revision();
    with_roles(&cluster, "no-route-mode", &["albatross-route-mode"]).await;
    eventually("both lists are read", || watches.view().incomplete.is_empty().then_some(())).await;
    soon("the lists are announced", watches.changed_since(before)).await;
    assert!(service(&watches, &cluster, "cart").is_some());
    assert!(watches.view().endpoint_slices.is_some());
}

/// Whether the API server has refused a request for want of a right.
fn is_forbidden<T>(answer: Result<T, kube::Error>) -> bool {
    matches!(answer, Err(kube::Error::Api(status)) if status.code == 403)
}

#[tokio::test]
async fn services_and_endpoint_slices_can_be_listed_but_not_written_and_secrets_not_even_listed() {
    let cluster = Cluster::of("services-rights").await;
    apply_service(&cluster, "cart", json!({}), http(80)).await;
    let controller = patient(&cluster.kubeconfig("albatross")).await;
    let services: Api<core::Service> = Api::namespaced(controller.clone(), &cluster.namespace);
    let slices: Api<discovery::EndpointSlice> = Api::namespaced(controller.clone(), &cluster.namespace);
    let secrets: Api<core::Secret> = Api::namespaced(controller, &cluster.namespace);

    assert_eq!(services.list(&ListParams::default()).await.unwrap().items.len(), 1);
    assert_eq!(slices.list(&ListParams::default()).await.unwrap().items.len(), 0);
    let label = Patch::Merge(json!({ "metadata": { "labels": { "team": "shop" } } }));
    assert!(is_forbidden(services.patch("cart", &PatchParams::default(), &label).await));
    assert!(is_forbidden(services.delete("cart", &DeleteParams::default()).await));
    assert!(is_forbidden(slices.delete("cart-x7", &DeleteParams::default()).await));
    assert!(is_forbidden(secrets.list(&ListParams::default()).await));
    assert!(is_forbidden(secrets.get("tls").await));
}

#[tokio::test]
async fn proxy_mode_needs_no_right_to_read_services() {
    let cluster = Cluster::of("services-unneeded").await;
    apply_service(&cluster, "cart", json!({}), http(80)).await;
    let client = with_roles(&cluster, "proxy-mode", &["albatross"]).await;
    let watches = cluster.watches(&client).await;
    let view = watches.view();
    assert_eq!(view.incomplete, []);
    assert!(view.services.is_empty() && view.endpoint_slices.is_none());
    let health = watches.health();
    let kinds: Vec<&str> = health.iter().map(|watch| watch.kind).collect();
    assert_eq!(kinds, ["Ingress", "IngressClass", "Node", "RouteGroup"]);
    assert!(health.iter().all(|watch| watch.failing.is_none()));
}

#[tokio::test]
async fn services_and_endpoint_slices_are_requested_only_for_route_mode() {
    let always = [
        "/api/v1/nodes",
        "/apis/networking.k8s.io/v1/ingressclasses",
        "/apis/networking.k8s.io/v1/ingresses",
        // Whether the cluster has RouteGroups.
        "/apis/zalando.org/v1",
    ];
    let in_route_mode = ["/api/v1/services", "/apis/discovery.k8s.io/v1/endpointslices"];
    let in_route_mode = || always.iter().chain(&in_route_mode);
    for (settings, expected) in [
        (Settings::default(), always.iter().collect::<BTreeSet<_>>()),
        (route_mode(), in_route_mode().collect()),
    ] {
        let server = Overloaded::start();
        let client = connect(Some(&server.kubeconfig), None).await.unwrap();
        let _watches = Watches::start(&client, &settings);
        // Each watch begins again, so a request that is not expected would have arrived by then.
        eventually("every list is requested several times", || {
            let requests = server.requests();
            let often = |path: &&&str| requests.get(**path).is_some_and(|times| *times >= 3);
            expected.iter().all(often).then_some(())
        })
        .await;
        let requested: Vec<String> = server.requests().into_keys().collect();
        let expected: Vec<&str> = expected.into_iter().copied().collect();
        assert_eq!(requested, expected, "nothing else, and never a Secret");
    }
}
