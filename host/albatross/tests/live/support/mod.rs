//! A cluster, an account, and replicas of the program between them.

pub mod answer;
pub mod contents;
pub mod fleet;
pub mod history;
pub mod objects;
pub mod random;
pub mod replica;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use albatross_cluster::{Client, connect};
use albatross_test_servers::{Call, Kubernetes, Moto, MotoSettings, Recorder};
use albatross_test_world::{
    account::{Account, CLUSTER},
    cluster::{apply_all, grant},
    route_groups,
};
use replica::Replica;
use tokio::time::sleep;

/// How long anything may take that should happen soon, on a busy machine.
pub const SOON: Duration = Duration::from_secs(180);

/// Settings with which a test can wait until unneeded resources are deleted, which also waits for connections to end.
pub const SHORT_GRACE: &str = r#"{ "grace": 3, "proxy": { "deregistration-delay": 1 } }"#;

/// The objects in every world.
const NAMESPACE_AND_CLASS: &str = "
apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: { name: albatross }
spec: { controller: albatross/ingress }
";

/// A cluster and an account for one test: replicas see the whole cluster.
pub struct World {
    /// The account as others access it.
    pub account: Account,
    /// Records the calls of replicas to AWS.
    pub recorder: Recorder,
    /// May do everything in the cluster.
    pub administrator: Client,
    pub kubernetes: Kubernetes,
    folder: PathBuf,
    pub moto: Moto,
}

impl World {
    /// A cluster with the namespace `shop`, and an account with nodes. The name is that of the test.
    pub async fn new(name: &str) -> World {
        World::with(name, &MotoSettings::default()).await
    }

    pub async fn with(name: &str, settings: &MotoSettings) -> World {
        let world = World::without_route_groups(name, settings).await;
        // A replica that finds no such kind removes nothing for a minute after its start.
        route_groups::install(&world.administrator, &["v1"]).await;
        world
    }

    /// A cluster without the kind RouteGroup.
    pub async fn without_route_groups(name: &str, settings: &MotoSettings) -> World {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("live").join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder).expect("the folder of the last run can be removed");
        }
        fs::create_dir_all(&folder).expect("the folder can be made");
        let moto = Moto::start_with(settings).expect("moto starts");
        let account = Account::new(moto.endpoint(), "eu-central-1").await;
        let recorder = Recorder::start(moto.endpoint()).expect("a recorder starts");
        let kubernetes = Kubernetes::start().expect("the API server starts");
        let kubeconfig =
            kubernetes.kubeconfig(kubernetes.administrator_token()).expect("a kubeconfig is written");
        let administrator =
            connect(Some(&kubeconfig), None).await.expect("the API server lets itself be used");
        grant(&administrator).await;
        apply_all(&administrator, NAMESPACE_AND_CLASS).await;
        World { account, recorder, administrator, kubernetes, folder, moto }
    }

    /// The path of a file of this test.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Writes a file of this test.
    pub fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, content).expect("the file can be written");
        path
    }

    /// The kubeconfig of the ServiceAccount in `deploy/rbac.yaml`.
    pub fn kubeconfig(&self) -> PathBuf {
        let token = self.kubernetes.service_account_token("kube-system", "albatross").expect("a token");
        self.kubernetes.kubeconfig(&token).expect("a kubeconfig is written")
    }

    /// The program, with an environment that has AWS and nothing else: the name is the access key, so that the recorder
    /// tells replicas apart.
    pub fn program(&self, key: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_albatross"));
        command.env_clear().env("AWS_ENDPOINT_URL", self.recorder.endpoint());
        command.env("AWS_ACCESS_KEY_ID", key).env("AWS_SECRET_ACCESS_KEY", "secret");
        command.env("AWS_REGION", &self.account.region).env("ALBATROSS_VPC_ID", &self.account.vpc);
        // As in `deploy/deployment.yaml`.
        command.env("ALBATROSS_CLUSTER_ID", CLUSTER).env("MALLOC_ARENA_MAX", "1");
        command
    }

    /// Applies YAML as the administrator.
    pub async fn apply(&self, manifests: &str) {
        apply_all(&self.administrator, manifests).await;
    }

    /// Waits until nothing is left to do, and then for two more passes. Returns the number of calls before these two.
    pub async fn quiet(&self, replica: &Replica) -> usize {
        let passes = || replica.passed("converged").unwrap_or_default();
        let (mut calls, mut since) = (self.recorder.calls().len(), passes());
        while passes() < since + 3.0 {
            let written = self.recorder.calls().split_off(calls).iter().any(Call::is_write);
            if written {
                (calls, since) = (self.recorder.calls().len(), passes());
            }
            sleep(Duration::from_millis(200)).await;
        }
        calls
    }

    /// Names of the writes in AWS since the first `count` calls, sorted. A write whose author did not wait for the answer is
    /// made again, so it does not count if there is an answered write.
    pub fn writes_since(&self, count: usize) -> Vec<String> {
        let mut calls = self.recorder.calls().split_off(count);
        calls.retain(Call::is_write);
        if calls.iter().any(Call::is_answered) {
            calls.retain(Call::is_answered);
        }
        let mut writes: Vec<String> = calls.into_iter().map(|call| call.action).collect();
        writes.sort();
        writes
    }
}

/// Asks until there is an answer.
pub async fn eventually<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(begin.elapsed() < SOON, "within {SOON:?}: {what}");
        sleep(Duration::from_millis(100)).await;
    }
}
