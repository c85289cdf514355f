//! The way to the API server, and which cluster it is.

use std::{env, path::Path, time::Duration};

use k8s_openapi::api::core::v1::Namespace;
use kube::{
    Api, Client, Config,
    config::{KubeConfigOptions, Kubeconfig},
};

use crate::{ClusterError, watches::WATCH_LIFETIME};

/// How long connecting may take. The default of 30 s is longer than most of what waits for it.
const CONNECT_TIME_LIMIT: Duration = Duration::from_secs(5);

/// How long a connection may be silent. The API server ends a watch after [`WATCH_LIFETIME`]; a connection that is silent
/// for longer is dead (a node that was cut off, a NAT that forgot it), and without a limit a list would wait on it for ever.
const SILENCE: Duration = Duration::from_secs(WATCH_LIFETIME as u64 + 15);

/// Makes a client: of the kubeconfig that is named; else in a Pod of its service account; else of what kubectl would
/// take. A context selects one of the kubeconfig and so rules the service account out.
///
/// Nothing is sent yet: an API server that is away is no error here.
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
    // kube's own retries of 429, 503 and 504 last for minutes, in which nobody learns that there is no answer: a watch
    // would look well, and sleep on when the server is back. All that asks here asks again by itself.
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

/// The uid of the namespace `kube-system`, which stands for the cluster: it is as old as the cluster, and nobody can
/// make it anew.
///
/// # Errors
/// [`ClusterError`] when it cannot be read.
pub async fn cluster_uid(client: &Client) -> Result<String, ClusterError> {
    let doing = "read the namespace kube-system, whose uid tells this cluster from others";
    let namespaces: Api<Namespace> = Api::all(client.clone());
    let namespace =
        namespaces.get("kube-system").await.map_err(|error| ClusterError::request(doing, error))?;
    namespace.metadata.uid.ok_or_else(|| ClusterError::UidMissing { doing: doing.to_owned() })
}
