//! One real API server for all tests, and clients with the rights of `deploy/rbac.yaml`.

pub mod objects;
pub mod overloaded;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
    time::Duration,
};

use albatross_cluster::{Client, ClusterError, Watches, connect};
use albatross_contract::{Mode, Settings};
use albatross_test_servers::Kubernetes;
use albatross_test_world::{cluster, relay::Relay};
use k8s_openapi::api::core::v1::Namespace;
use kube::{
    Api, Config,
    api::PostParams,
    config::{KubeConfigOptions, Kubeconfig},
};
use tokio::{
    sync::{Mutex, MutexGuard},
    time::{Instant, sleep, timeout},
};

/// How long anything may take that should happen soon, on a busy machine.
const SOON: Duration = Duration::from_secs(120);

static KUBERNETES: LazyLock<Kubernetes> = LazyLock::new(|| Kubernetes::start().unwrap());

/// Watches see the whole cluster, so tests take turns.
static TURN: Mutex<()> = Mutex::const_new(());

/// Elections are for one Lease, so they take turns among themselves.
static ELECTION: Mutex<()> = Mutex::const_new(());

/// The cluster, for one test alone.
pub struct Cluster {
    /// May do everything.
    pub administrator: Client,
    /// A namespace of this test.
    pub namespace: String,
    _turn: MutexGuard<'static, ()>,
}

impl Cluster {
    /// A cluster for a test that watches. No other test may use the namespace.
    pub async fn of(namespace: &str) -> Cluster {
        Cluster::in_turn(namespace, &TURN).await
    }

    /// A cluster for a test of the Lease.
    pub async fn for_election(namespace: &str) -> Cluster {
        Cluster::in_turn(namespace, &ELECTION).await
    }

    async fn in_turn(namespace: &str, turn: &'static Mutex<()>) -> Cluster {
        let turn = turn.lock().await;
        let administrator = patient(&kubeconfig(KUBERNETES.administrator_token())).await;
        cluster::grant(&administrator).await;
        let object: Namespace =
            serde_json::from_value(serde_json::json!({ "metadata": { "name": namespace } })).unwrap();
        let namespaces: Api<Namespace> = Api::all(administrator.clone());
        namespaces.create(&PostParams::default(), &object).await.unwrap();
        Cluster { administrator, namespace: namespace.to_owned(), _turn: turn }
    }

    /// A client of the ServiceAccount in `deploy/rbac.yaml`.
    pub async fn controller(&self) -> Client {
        connect(Some(&self.kubeconfig("albatross")), None).await.unwrap()
    }

    /// The same, through a relay that can be cut.
    pub async fn controller_through(&self, relay: &Relay) -> Client {
        let direct = self.kubeconfig("albatross");
        let content = fs::read_to_string(&direct).unwrap().replace(KUBERNETES.url(), &relay.url());
        let path = direct.with_extension("through-relay");
        fs::write(&path, content).unwrap();
        connect(Some(&path), None).await.unwrap()
    }

    /// A relay to the API server.
    pub async fn relay(&self) -> Relay {
        Relay::to(KUBERNETES.url().trim_start_matches("https://")).await
    }

    /// The kubeconfig of a ServiceAccount of `kube-system`.
    pub fn kubeconfig(&self, service_account: &str) -> PathBuf {
        kubeconfig(&KUBERNETES.service_account_token("kube-system", service_account).unwrap())
    }

    /// Watches that have synced, for classes in proxy mode.
    pub async fn watches(&self, client: &Client) -> Watches {
        synced(client, &Settings::default()).await
    }

    /// Watches that have synced, for classes in route mode.
    pub async fn watches_of_route_mode(&self, client: &Client) -> Watches {
        synced(client, &route_mode()).await
    }
}

/// Watches with these settings that have synced. If the cluster has no RouteGroups, they do not doubt that.
pub async fn synced(client: &Client, settings: &Settings) -> Watches {
    let watches = doubting(client, settings).await;
    watches.believe_absence();
    watches
}

/// Watches with these settings that have synced, as a controller has them when it starts.
pub async fn doubting(client: &Client, settings: &Settings) -> Watches {
    let watches = Watches::start(client, settings);
    soon("the watches sync", watches.synced()).await;
    watches
}

/// Settings with classes in route mode.
pub fn route_mode() -> Settings {
    Settings { default_mode: Mode::Route, ..Settings::default() }
}

/// The kubeconfig of the bearer of a token.
pub fn kubeconfig(token: &str) -> PathBuf {
    KUBERNETES.kubeconfig(token).unwrap()
}

/// A client for the requests of the tests themselves, which must not fail on a busy machine: the controller's own client
/// gives up after 5 s without a connection.
pub async fn patient(kubeconfig: &Path) -> Client {
    let kubeconfig = Kubeconfig::read_from(kubeconfig).unwrap();
    let mut config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await.unwrap();
    config.connect_timeout = Some(SOON);
    Client::try_from(config).unwrap()
}

/// Tries again for as long as the API server is slower than the controller waits for it.
pub async fn answered<T>(attempt: impl AsyncFn() -> T, errors: impl Fn(&T) -> Vec<&ClusterError>) -> T {
    let no_answer = |error: &&ClusterError| {
        matches!(error, ClusterError::TimedOut { .. } | ClusterError::Unreachable { .. })
    };
    soon("the API server answers", async {
        loop {
            let result = attempt().await;
            if !errors(&result).iter().any(no_answer) {
                return result;
            }
            sleep(Duration::from_millis(100)).await;
        }
    })
    .await
}

/// Waits for something that must happen soon.
pub async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    timeout(SOON, future).await.unwrap_or_else(|_| panic!("within {SOON:?}: {what}"))
}

/// Asks until there is an answer.
pub async fn eventually<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(begin.elapsed() < SOON, "within {SOON:?}: {what}");
        sleep(Duration::from_millis(20)).await;
    }
}
