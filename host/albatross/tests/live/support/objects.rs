//! What people see in the cluster.

use std::time::SystemTime;

use albatross_cluster::Client;
use k8s_openapi::{
    api::{coordination::v1::Lease, events::v1::Event, networking::v1::Ingress},
    apimachinery::pkg::apis::meta::v1::MicroTime,
};
use kube::{
    Api,
    api::{DeleteParams, ListParams},
    core::{ApiResource, DynamicObject, GroupVersionKind},
};

/// An Ingress of the namespace `shop` as a person writes it: one host, served by a Service of its name.
pub fn ingress(name: &str, host: &str) -> String {
    format!(
        "
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {{ name: {name}, namespace: shop }}
spec:
  ingressClassName: albatross
  rules:
    - host: {host}
      http:
        paths:
          - {{ path: /, pathType: Prefix, backend: {{ service: {{ name: {name}, port: {{ number: 80 }} }} }} }}
"
    )
}

/// A Service of the namespace `shop`, whose endpoints somebody else writes.
pub fn service(name: &str) -> String {
    format!(
        "
apiVersion: v1
kind: Service
metadata: {{ name: {name}, namespace: shop }}
spec: {{ ports: [{{ port: 80 }}] }}
"
    )
}

/// The endpoints of a Service of the namespace `shop`, all ready.
pub fn endpoints(service: &str, addresses: &[String]) -> String {
    let endpoints: Vec<String> = addresses
        .iter()
        .map(|address| format!("{{ addresses: [{address}], conditions: {{ ready: true }} }}"))
        .collect();
    format!(
        "
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {{ name: {service}, namespace: shop, labels: {{ kubernetes.io/service-name: {service} }} }}
addressType: IPv4
ports: [{{ port: 8080 }}]
endpoints: [{}]
",
        endpoints.join(", ")
    )
}

/// A RouteGroup of the namespace `shop` with one host.
pub fn route_group(name: &str, host: &str) -> String {
    format!(
        "
apiVersion: zalando.org/v1
kind: RouteGroup
metadata: {{ name: {name}, namespace: shop }}
spec: {{ hosts: [{host}], backends: [{{ name: {name}, type: shunt }}] }}
"
    )
}

/// An Ingress with an annotation.
pub fn annotated(ingress: &str, key: &str, value: &str) -> String {
    ingress.replacen("namespace: shop", &format!("namespace: shop, annotations: {{ {key}: \"{value}\" }}"), 1)
}

/// An Ingress on an internal load balancer.
pub fn internal(ingress: &str) -> String {
    annotated(ingress, "zalando.org/aws-load-balancer-scheme", "internal")
}

/// The hostnames in the status of an Ingress of the namespace `shop`.
pub async fn published(client: &Client, name: &str) -> Vec<String> {
    let ingress = ingresses(client).get(name).await.expect("the Ingress is there");
    let addresses = ingress.status.and_then(|status| status.load_balancer).and_then(|it| it.ingress);
    addresses.unwrap_or_default().into_iter().filter_map(|address| address.hostname).collect()
}

/// The hostnames in the status of a RouteGroup of the namespace `shop`.
pub async fn published_by_route_group(client: &Client, name: &str) -> Vec<String> {
    let kind = GroupVersionKind::gvk("zalando.org", "v1", "RouteGroup");
    let resource = ApiResource::from_gvk_with_plural(&kind, "routegroups");
    let api: Api<DynamicObject> = Api::namespaced_with(client.clone(), "shop", &resource);
    let route_group = api.get(name).await.expect("the RouteGroup is there");
    let addresses = route_group.data["status"]["loadBalancer"]["routegroup"].as_array().cloned();
    let hostnames = addresses.unwrap_or_default().into_iter();
    hostnames.filter_map(|address| address["hostname"].as_str().map(str::to_owned)).collect()
}

/// Deletes an Ingress of the namespace `shop`.
pub async fn delete_ingress(client: &Client, name: &str) {
    ingresses(client).delete(name, &DeleteParams::default()).await.expect("the Ingress can be deleted");
}

/// Ingresses of the namespace `shop`.
pub fn ingresses(client: &Client) -> Api<Ingress> {
    Api::namespaced(client.clone(), "shop")
}

/// `reason: note` of the Events about an Ingress of the namespace `shop`, the oldest first.
pub async fn events(client: &Client, name: &str) -> Vec<String> {
    let api: Api<Event> = Api::namespaced(client.clone(), "shop");
    events_about(&api, "Ingress", name).await
}

/// `reason: note` of the Events about a RouteGroup of the namespace `shop`, the oldest first.
pub async fn events_of_route_group(client: &Client, name: &str) -> Vec<String> {
    let api: Api<Event> = Api::namespaced(client.clone(), "shop");
    events_about(&api, "RouteGroup", name).await
}

/// `reason: note` of the Events about the controller as a whole.
pub async fn events_of_controller(client: &Client) -> Vec<String> {
    let api: Api<Event> = Api::namespaced(client.clone(), "kube-system");
    events_about(&api, "Lease", "albatross").await
}

async fn events_about(api: &Api<Event>, kind: &str, name: &str) -> Vec<String> {
    let mut events = api.list(&ListParams::default()).await.expect("Events can be listed").items;
    events.retain(|event| {
        let regarding = event.regarding.as_ref();
        regarding.is_some_and(|it| it.kind.as_deref() == Some(kind) && it.name.as_deref() == Some(name))
    });
    events.sort_by_key(|event| event.event_time.clone());
    let told =
        |event: Event| format!("{}: {}", event.reason.unwrap_or_default(), event.note.unwrap_or_default());
    events.into_iter().map(told).collect()
}

/// Who holds the Lease.
pub async fn holder(client: &Client) -> Option<String> {
    lease(client).await?.spec?.holder_identity.filter(|holder| !holder.is_empty())
}

/// The Lease, if there is one.
pub async fn lease(client: &Client) -> Option<Lease> {
    leases(client).get_opt("albatross").await.expect("the Lease can be read")
}

/// When a Lease was acquired and when it was renewed, by the clock of its holder.
pub fn lease_times(lease: &Lease) -> (SystemTime, SystemTime) {
    let spec = lease.spec.as_ref().expect("a Lease says who holds it");
    let time = |time: &Option<MicroTime>| SystemTime::from(time.as_ref().expect("a holder writes times").0);
    (time(&spec.acquire_time), time(&spec.renew_time))
}

/// Removes the Lease of a replica that is known to be dead, so that the next one need not wait for its end.
pub async fn remove_lease(client: &Client) {
    leases(client).delete("albatross", &DeleteParams::default()).await.expect("the Lease can be deleted");
}

/// Leases of the controller's namespace.
pub fn leases(client: &Client) -> Api<Lease> {
    Api::namespaced(client.clone(), "kube-system")
}
