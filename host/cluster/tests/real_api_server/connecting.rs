//! The identity of the cluster, and the errors when it cannot be reached.

use std::{fs, path::Path};

use albatross_cluster::{Client, ClusterError, cluster_uid, connect};
use k8s_openapi::api::core::v1::Namespace;
use kube::Api;

use crate::support::{Cluster, answered, kubeconfig};

/// The uid of the cluster, from the API server.
async fn uid(client: &Client) -> Result<String, ClusterError> {
    answered(async || cluster_uid(client).await, |uid| uid.as_ref().err().into_iter().collect()).await
}

#[tokio::test]
async fn the_cluster_is_identified_by_the_uid_of_kube_system() {
    let cluster = Cluster::of("which-cluster").await;
    let namespaces: Api<Namespace> = Api::all(cluster.administrator.clone());
    let expected = namespaces.get("kube-system").await.unwrap().metadata.uid;
    assert_eq!(uid(&cluster.controller().await).await.ok(), expected);
}

#[tokio::test]
async fn credentials_that_are_refused_are_named_as_the_reason() {
    let _cluster = Cluster::of("unknown-token").await;
    let client = connect(Some(&kubeconfig("nobody-knows-this")), None).await.unwrap();
    let error = uid(&client).await.unwrap_err();
    assert!(matches!(error, ClusterError::Unauthorized { .. }), "{error}");
    assert_eq!(
        error.to_string(),
        "read the namespace kube-system, whose uid identifies this cluster: the API server does not accept \
         the credentials (Unauthorized): renew the token or certificate"
    );
}

#[tokio::test]
async fn an_api_server_that_does_not_answer_is_named_with_the_reason() {
    let cluster = Cluster::of("no-answer").await;
    let relay = cluster.relay().await;
    let client = cluster.controller_through(&relay).await;
    drop(relay);
    let error = cluster_uid(&client).await.unwrap_err();
    assert!(matches!(error, ClusterError::Unreachable { .. }), "{error}");
    assert!(error.to_string().contains("Connection refused"), "{error}");
}

#[tokio::test]
async fn a_kubeconfig_that_cannot_be_used_is_named() {
    let cluster = Cluster::of("bad-kubeconfig").await;
    let missing = connect(Some(Path::new("missing.kubeconfig")), None).await.err().unwrap();
    assert!(missing.to_string().starts_with("kubeconfig missing.kubeconfig: "), "{missing}");
    assert!(missing.to_string().contains("No such file"), "{missing}");

    let path = cluster.kubeconfig("albatross");
    let context = connect(Some(&path), Some("production")).await.err().unwrap();
    assert!(context.to_string().contains("production"), "{context}");

    let broken = path.with_extension("broken");
    fs::write(&broken, "clusters: 7").unwrap();
    let broken = connect(Some(&broken), None).await.err().unwrap();
    assert!(matches!(broken, ClusterError::Kubeconfig { .. }), "{broken}");
}
