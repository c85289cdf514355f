//! The rights of the controller, from the very file that people install.

use std::time::Duration;

use albatross_cluster::Client;
use kube::{
    Api,
    api::{Patch, PatchParams},
    core::{ApiResource, DynamicObject, GroupVersionKind},
};
use tokio::time::{Instant, sleep};

const RBAC: &str = include_str!("../../../../../deploy/rbac.yaml");

/// Applies `deploy/rbac.yaml`.
pub async fn grant(administrator: &Client) {
    for object in serde_saphyr::from_multiple::<DynamicObject>(RBAC).unwrap() {
        apply(administrator, &object).await;
    }
}

/// Applies an object as `kubectl apply --server-side` does. A new API server makes the namespace `kube-system` a moment
/// after it is ready.
pub async fn apply(administrator: &Client, object: &DynamicObject) {
    let types = object.types.clone().unwrap();
    let kind = GroupVersionKind::try_from(&types).unwrap();
    let resource = ApiResource::from_gvk(&kind);
    let api: Api<DynamicObject> = match &object.metadata.namespace {
        Some(namespace) => Api::namespaced_with(administrator.clone(), namespace, &resource),
        None => Api::all_with(administrator.clone(), &resource),
    };
    let name = object.metadata.name.clone().unwrap();
    let begin = Instant::now();
    while let Err(error) = api.patch(&name, &PatchParams::apply("test").force(), &Patch::Apply(object)).await
    {
        assert!(begin.elapsed() < Duration::from_secs(30), "{} {name}: {error}", types.kind);
        sleep(Duration::from_millis(100)).await;
    }
}
