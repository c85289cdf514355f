//! What the live commands share: the runtime, signals.

use std::{env, time::Duration};

use albatross_contract::{Cluster, Inventory, Settings, Snapshot};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::arguments::LiveArguments;
use crate::{
    error::Error,
    live::capture::{self, Whereabouts},
};

/// Reads the cluster and the account.
///
/// # Errors
/// One of them cannot be read.
pub fn capture_all(arguments: &LiveArguments, mut settings: Settings) -> Result<Snapshot, Error> {
    let cluster = capture_cluster(arguments, &mut settings)?;
    let inventory = capture_inventory(arguments, &mut settings, &cluster)?;
    Ok(Snapshot { time: inventory.observed_at, frozen: Vec::new(), settings, cluster, inventory })
}

/// Reads the cluster, and fills in its uid in the settings.
///
/// # Errors
/// The cluster cannot be read.
pub fn capture_cluster(arguments: &LiveArguments, settings: &mut Settings) -> Result<Cluster, Error> {
    block_on(async {
        let client = whereabouts(arguments).client().await?;
        capture::identify(&client, settings).await?;
        capture::cluster(&client, settings).await
    })
}

/// Reads the account, and fills in the cluster id in the settings.
///
/// # Errors
/// The account cannot be read.
pub fn capture_inventory(
    arguments: &LiveArguments,
    settings: &mut Settings,
    cluster: &Cluster,
) -> Result<Inventory, Error> {
    block_on(async {
        let (_, mut observer) = whereabouts(arguments).observer(settings).await?;
        capture::inventory(&mut observer, cluster, settings).await
    })
}

/// Runs a live command to its end.
///
/// # Errors
/// The error of the command, or the runtime cannot be started.
pub fn block_on<T>(command: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    // The tasks here mostly wait for the network, and planning has its own thread. With a thread for each core, each
    // thread would keep the memory that its share of a pass once took.
    let runtime = tokio::runtime::Builder::new_current_thread()
        // Each idle thread keeps its own part of the allocator's memory.
        .thread_keep_alive(Duration::from_millis(100))
        .enable_all()
        .build()
        .map_err(|source| Error::Runtime { source })?;
    let answer = runtime.block_on(command);
    // Nobody needs the result of a task that still runs, a DNS lookup for example.
    runtime.shutdown_background();
    answer
}

/// Where the cluster and the account are: from flags, else from the environment.
pub fn whereabouts(arguments: &LiveArguments) -> Whereabouts {
    Whereabouts {
        kubeconfig: arguments.kubeconfig.clone(),
        context: arguments.context.clone(),
        region: arguments.region.clone(),
        vpc_id: arguments.vpc_id.clone().or_else(|| environment("ALBATROSS_VPC_ID")),
        cluster_id: environment("ALBATROSS_CLUSTER_ID"),
        rate_share: None,
    }
}

/// A variable of the environment, unless it is empty.
pub fn environment(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// A token that SIGTERM and SIGINT cancel. A second signal ends the program at once.
pub fn stop_on_signals() -> CancellationToken {
    let token = CancellationToken::new();
    let stop = token.clone();
    // Here, and not when the task first runs: a signal may come before.
    let mut signals = Signals::install();
    tokio::spawn(async move {
        signals.next().await;
        tracing::info!("shutting down: actions in progress are finished, no new action begins");
        stop.cancel();
        signals.next().await;
        std::process::exit(1);
    });
    token
}

/// The signals that end the program. `None`: no handler can be installed, and the system's default one ends the program.
struct Signals(Option<[Signal; 2]>);

impl Signals {
    fn install() -> Signals {
        let installed = [signal(SignalKind::terminate()), signal(SignalKind::interrupt())];
        let [Ok(terminate), Ok(interrupt)] = installed else { return Signals(None) };
        Signals(Some([terminate, interrupt]))
    }

    async fn next(&mut self) {
        let Some([terminate, interrupt]) = &mut self.0 else { return std::future::pending().await };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    }
}
