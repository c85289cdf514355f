//! Objects as a person would write them, applied with a real client.

use albatross_cluster::Client;
use k8s_openapi::api::{
    core::v1::Node,
    networking::v1::{Ingress, IngressClass},
};
use kube::{
    Api,
    api::{DeleteParams, Patch, PatchParams, PostParams},
    core::DynamicObject,
};
use serde_json::{Value, json};

/// An object of any kind.
pub fn object(value: Value) -> DynamicObject {
    serde_json::from_value(value).unwrap()
}

/// An Ingress with one host.
pub fn ingress(name: &str, host: &str) -> Value {
    json!({
        "apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
        "metadata": { "name": name, "annotations": { "zalando.org/aws-load-balancer-scheme": "internal" } },
        "spec": {
            "ingressClassName": "albatross",
            "rules": [{
                "host": host,
                "http": { "paths": [{
                    "path": "/", "pathType": "Prefix",
                    "backend": { "service": { "name": name, "port": { "number": 80 } } },
                }] },
            }],
        },
    })
}

/// Creates an Ingress and answers what the API server made of it.
pub async fn create_ingress(client: &Client, namespace: &str, ingress: Value) -> Ingress {
    let api = ingresses(client, namespace);
    api.create(&PostParams::default(), &serde_json::from_value(ingress).unwrap()).await.unwrap()
}

/// Changes an Ingress by a merge patch.
pub async fn change_ingress(client: &Client, namespace: &str, name: &str, patch: Value) {
    let api = ingresses(client, namespace);
    api.patch(name, &PatchParams::default(), &Patch::Merge(patch)).await.unwrap();
}

pub async fn delete_ingress(client: &Client, namespace: &str, name: &str) {
    ingresses(client, namespace).delete(name, &DeleteParams::default()).await.unwrap();
}

pub async fn get_ingress(client: &Client, namespace: &str, name: &str) -> Ingress {
    ingresses(client, namespace).get(name).await.unwrap()
}

pub fn ingresses(client: &Client, namespace: &str) -> Api<Ingress> {
    Api::namespaced(client.clone(), namespace)
}

/// Writes a status as another controller does: by update, under its own field manager.
pub async fn write_status_as(client: &Client, manager: &str, namespace: &str, name: &str, hostname: &str) {
    let mut ingress = serde_json::to_value(get_ingress(client, namespace, name).await).unwrap();
    ingress["status"] = json!({ "loadBalancer": { "ingress": [{ "hostname": hostname }] } });
    let parameters = PostParams { field_manager: Some(manager.to_owned()), ..PostParams::default() };
    let ingress: Ingress = serde_json::from_value(ingress).unwrap();
    ingresses(client, namespace).replace_status(name, &parameters, &ingress).await.unwrap();
}

/// The hostnames in the status of an Ingress, as a client reads them.
pub async fn published(client: &Client, namespace: &str, name: &str) -> Vec<String> {
    let ingress = get_ingress(client, namespace, name).await;
    let addresses = ingress.status.and_then(|status| status.load_balancer).and_then(|it| it.ingress);
    addresses.unwrap_or_default().into_iter().map(|address| address.hostname.unwrap_or_default()).collect()
}

pub async fn create_class(client: &Client, name: &str) {
    let api: Api<IngressClass> = Api::all(client.clone());
    let class = json!({ "metadata": { "name": name }, "spec": { "controller": "albatross/ingress" } });
    api.create(&PostParams::default(), &serde_json::from_value(class).unwrap()).await.unwrap();
}

/// Creates a Node with this status.
pub async fn create_node(client: &Client, name: &str, status: Value) {
    let api: Api<Node> = Api::all(client.clone());
    let node = json!({ "metadata": { "name": name }, "spec": { "providerID": format!("aws:///eu-central-1a/{name}") } });
    api.create(&PostParams::default(), &serde_json::from_value(node).unwrap()).await.unwrap();
    change_node_status(client, name, status).await;
}

pub async fn change_node_status(client: &Client, name: &str, status: Value) {
    let api: Api<Node> = Api::all(client.clone());
    let patch = json!({ "status": status });
    api.patch_status(name, &PatchParams::default(), &Patch::Merge(patch)).await.unwrap();
}

pub async fn delete_node(client: &Client, name: &str) {
    let api: Api<Node> = Api::all(client.clone());
    api.delete(name, &DeleteParams::default()).await.unwrap();
}
