//! One live pass: observe, plan, guard, execute. The same for a controller and for `run --once`.

use std::{
    sync::Arc,
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use albatross_aws::{Aws, Executor, Observer, Permit};
use albatross_contract::{Action, ActionResult, Cluster, Inventory, Settings, Snapshot, Timestamp};

use super::{executed::Executed, metrics::Metrics, recordings::Recordings};
use crate::{
    error::Error,
    pass::{Makers, Pass},
};

/// Who plans and what is changed.
pub struct Passes {
    /// Who plans.
    pub makers: Arc<Makers>,
    /// What the operator decides.
    pub settings: Settings,
    /// Counts calls.
    pub aws: Aws,
    /// Reads AWS.
    pub observer: Observer,
    /// Writes AWS.
    pub executor: Executor,
    /// Where bundles go. Absent: nowhere.
    pub recordings: Option<Recordings>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
}

/// A pass that has not been executed.
pub struct Planned {
    pass: Pass,
    /// When observing began.
    begin: Instant,
}

impl Passes {
    /// Observes AWS and plans for a cluster.
    ///
    /// # Errors
    /// AWS cannot be observed, there is no plan, or the guard refuses it.
    pub async fn plan(&mut self, cluster: Cluster) -> Result<Planned, Error> {
        let begin = Instant::now();
        let snapshot = self.snapshot(cluster).await;
        self.metrics.called(&self.aws.calls());
        let snapshot = snapshot?;
        let makers = Arc::clone(&self.makers);
        // Planning takes seconds with 10,000 Ingresses and a slow policy; the Lease is renewed meanwhile.
        let pass = tokio::task::spawn_blocking(move || makers.pass(snapshot)).await??;
        self.metrics.planning.observe(pass.took.as_secs_f64());
        Ok(Planned { pass, begin })
    }

    /// Does what was planned, as far as the permit goes.
    pub async fn execute(&self, planned: Planned, permit: &dyn Permit) -> Executed {
        let Planned { pass, begin } = planned;
        let mut progress = |_: &Action, result: &ActionResult| self.metrics.acted(result);
        let results = self.executor.execute(&pass.plan, permit, &mut progress).await;
        let executed = Executed { pass, results };
        self.metrics.passed(&executed, begin.elapsed());
        self.metrics.called(&self.aws.calls());
        if let Some(recordings) = &self.recordings
            && executed.changes_something()
        {
            // A recording is for people: without it everything else goes on.
            match recordings.add(&self.makers, &executed.pass, executed.results.clone()) {
                Ok(path) => tracing::info!(bundle = %path.display(), "pass recorded"),
                Err(error) => tracing::error!(%error, "the pass could not be recorded"),
            }
        }
        executed
    }

    async fn snapshot(&mut self, cluster: Cluster) -> Result<Snapshot, Error> {
        let now = now();
        let hostnames = published(&cluster);
        let inventory: Inventory = self.observer.observe(now, &hostnames).await?;
        Ok(Snapshot { time: now, frozen: Vec::new(), settings: self.settings.clone(), cluster, inventory })
    }
}

/// Hostnames that statuses name: their load balancers are looked up by name should the list lack them.
pub fn published(cluster: &Cluster) -> Vec<String> {
    let names = cluster.ingresses.iter().flat_map(|ingress| &ingress.status);
    names.filter_map(|address| address.hostname.clone()).collect()
}

/// The time: the one place where the live controller reads a clock that plans depend on.
pub fn now() -> Timestamp {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
