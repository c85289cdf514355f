//! The connection to the API server, and the identity of the cluster.

use std::{env, path::Path, time::Duration};

use k8s_openapi::api::core::v1::Namespace;
use kube::{
    Api, Client, Config,
    config::{KubeConfigOptions, Kubeconfig},
};

use crate::{ClusterError, watches::WATCH_LIFETIME};

/// How long connecting may take. The default of 30 s is longer than most time limits of our requests.
const CONNECT_TIME_LIMIT: Duration = Duration::from_secs(5);

/// How long a connection may be silent. The API server ends a watch after [`WATCH_LIFETIME`]; a connection that is silent
/// for longer is dead (its node was cut off, a NAT has dropped it), and without a limit a request would wait forever.
const SILENCE: Duration = Duration::from_secs(WATCH_LIFETIME as u64 + 15);

/// Makes a client from the kubeconfig, if one is given; else, in a Pod, from its service account; else from the kubeconfig
/// that kubectl would use. A context is one of a kubeconfig, so with a context the service account is not used.
///
/// This sends nothing, so an API server that is away is not an error.
///
/// # Errors
/// [`ClusterError::Kubeconfig`], [`ClusterError::InCluster`] or [`ClusterError::Client`] when the configuration cannot
/// be used.
pub async fn connect(kubeconfig: Option<&Path>, context: Option<&str>) -> Result<Client, ClusterError> {
    let in_pod = env::var_os("KUBERNETES_SERVICE_HOST").is_some();
    let mut config = match (kubeconfig, context) {
        (None, None) if in_pod => Config::incluster().map_err(ClusterError::InCluster)?,
        _ => from_kubeconfig(kubeconfig, context).await?,
    };
    config.connect_timeout = Some(CONNECT_TIME_LIMIT);
    config.read_timeout = Some(SILENCE);
    config.reset_reader_on_write = true;
    // kube's own retries of 429, 503 and 504 last for minutes without a report: a watch would look healthy, and sleep on
    // when the server is back. Every caller in this crate retries by itself.
    config.default_retry = false;
    Client::try_from(config).map_err(ClusterError::Client)
}

async fn from_kubeconfig(path: Option<&Path>, context: Option<&str>) -> Result<Config, ClusterError> {
    let options = KubeConfigOptions { context: context.map(str::to_owned), ..KubeConfigOptions::default() };
    let config = match path {
        Some(path) => match Kubeconfig::read_from(path) {
            Ok(kubeconfig) => Config::from_custom_kubeconfig(kubeconfig, &options).await,
            Err(error) => Err(error),
        },
        None => Config::from_kubeconfig(&options).await,
    };
    config.map_err(|source| ClusterError::Kubeconfig {
        name: path
            .map_or_else(|| "($KUBECONFIG or ~/.kube/config)".to_owned(), |path| path.display().to_string()),
        source,
    })
}

/// The uid of the namespace `kube-system`, which identifies the cluster: the namespace is as old as the cluster, and
/// cannot be deleted and created again.
///
/// # Errors
/// [`ClusterError`] when it cannot be read.
pub async fn cluster_uid(client: &Client) -> Result<String, ClusterError> {
    let doing = "read the namespace kube-system, whose uid identifies this cluster";
    let namespaces: Api<Namespace> = Api::all(client.clone());
    let namespace =
        namespaces.get("kube-system").await.map_err(|error| ClusterError::request(doing, error))?;
    namespace.metadata.uid.ok_or_else(|| ClusterError::UidMissing { doing: doing.to_owned() })
}
