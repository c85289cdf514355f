//! Objects in a Kubernetes API server.

use std::time::Duration;

use kube::{
    Api, Client,
    api::{Patch, PatchParams},
    core::{ApiResource, DynamicObject, GroupVersionKind},
};
use tokio::time::{Instant, sleep};

/// The rights of the controller, from the file that people install.
const RBAC: &str = include_str!("../../../deploy/rbac.yaml");

/// Grants the service account `kube-system/albatross` exactly the rights of `deploy/rbac.yaml`.
///
/// # Panics
/// The API server refuses it.
pub async fn grant(administrator: &Client) {
    apply_all(administrator, RBAC).await;
}

/// The further rights for the setting `readiness-gates`.
const RBAC_OF_READINESS_GATES: &str = include_str!("../../../deploy/rbac-readiness-gates.yaml");

/// Grants the service account `kube-system/albatross` also the rights of `deploy/rbac-readiness-gates.yaml`.
///
/// # Panics
/// The API server refuses it.
pub async fn grant_readiness_gates(administrator: &Client) {
    apply_all(administrator, RBAC_OF_READINESS_GATES).await;
}

/// Applies YAML documents.
///
/// # Panics
/// The text is not YAML, or the API server refuses a document.
pub async fn apply_all(administrator: &Client, manifests: &str) {
    let objects = serde_saphyr::from_multiple::<DynamicObject>(manifests).expect("the manifests are YAML");
    for object in objects {
        apply(administrator, &object).await;
    }
}

/// Applies an object like `kubectl apply --server-side`. Retries, because a new API server creates the namespace
/// `kube-system` a moment after it is ready.
///
/// # Panics
/// The API server has refused the object for three minutes.
pub async fn apply(administrator: &Client, object: &DynamicObject) {
    let types = object.types.clone().expect("an object has apiVersion, kind and a name");
    let kind = GroupVersionKind::try_from(&types).expect("an apiVersion is group and version");
    let resource = ApiResource::from_gvk(&kind);
    let api: Api<DynamicObject> = match &object.metadata.namespace {
        Some(namespace) => Api::namespaced_with(administrator.clone(), namespace, &resource),
        None => Api::all_with(administrator.clone(), &resource),
    };
    let name = object.metadata.name.clone().expect("an object has apiVersion, kind and a name");
    let begin = Instant::now();
    while let Err(error) = api.patch(&name, &PatchParams::apply("test").force(), &Patch::Apply(object)).await
    {
        assert!(begin.elapsed() < Duration::from_secs(180), "{} {name}: {error}", types.kind);
        sleep(Duration::from_millis(100)).await;
    }
}
