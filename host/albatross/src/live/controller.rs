//! The controller: pass after pass, for as long as this replica leads.

use std::{sync::Arc, time::Duration};

use albatross_cluster::{Announcer, Events, Leadership, Standing, StatusReport, Statuses, View, Watches};
use albatross_contract::{ActionState, Cluster};
use tokio::{
    select,
    sync::watch::Receiver,
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;

use super::{
    error::LiveError,
    log::PassLog,
    pass::{Executed, Passes},
    permit::WritePermit,
    state::State,
};
use crate::unfinished::unfinished;

/// How soon is looked again while AWS is not done with something: a load balancer takes two to three minutes, targets
/// pass their first checks within one.
const LOOK: Duration = Duration::from_secs(10);
/// How soon is tried again after a pass without a plan; it doubles up to the interval.
const RETRY: Duration = Duration::from_secs(5);
/// The shortest pause between two passes: what a pass has written shows up in the watches meanwhile.
const PAUSE: Duration = Duration::from_secs(1);

/// All parts of a running controller.
pub struct Controller {
    /// Observes, plans and executes.
    pub passes: Passes,
    /// What the cluster holds.
    pub watches: Watches,
    /// Writes statuses.
    pub statuses: Statuses,
    /// Tells people.
    pub events: Events,
    /// Whether this replica may write.
    pub leadership: Leadership,
    /// What health endpoints know.
    pub state: Arc<State>,
    /// How often AWS is looked at when nothing has changed.
    pub interval: Duration,
    /// Ends the controller between two actions.
    pub shutdown: CancellationToken,
}

/// What was said before, so that nothing is said twice.
#[derive(Default)]
struct Telling {
    log: PassLog,
    announcer: Announcer,
}

/// Why a wait is over.
enum Woken {
    /// There may be something to do.
    Work,
    /// The program is to end.
    Shutdown,
}

impl Controller {
    /// Runs until it is told to end; then gives the Lease up.
    pub async fn run(mut self) {
        let mut standing = self.leadership.standing();
        if let Woken::Work = self.until_synced().await {
            while let Woken::Work = self.until_leading(&mut standing).await {
                if let Woken::Shutdown = self.lead(&mut standing).await {
                    break;
                }
            }
        }
        // Nothing is on its way any more: the pass that ran when the end was announced has returned.
        self.leadership.release().await;
        tracing::info!("ended");
    }

    /// Waits for the watches; nothing may be planned before every one has synced once.
    async fn until_synced(&self) -> Woken {
        loop {
            let health = self.watches.health().iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
            self.state.set_ready(Some(health));
            self.state.turn();
            select! {
                () = self.watches.synced() => break,
                () = tokio::time::sleep(LOOK) => {}
                () = self.shutdown.cancelled() => return Woken::Shutdown,
            }
        }
        self.state.set_ready(None);
        tracing::info!("watches synced");
        Woken::Work
    }

    /// Followers keep their watches and wait.
    async fn until_leading(&self, standing: &mut Receiver<Standing>) -> Woken {
        loop {
            let now = standing.borrow_and_update().clone();
            self.state.turn();
            self.passes.metrics.leader.set(i64::from(matches!(now, Standing::Leading)));
            match now {
                Standing::Leading => {
                    tracing::info!("leading");
                    return Woken::Work;
                }
                Standing::Following { holder } => {
                    tracing::info!(holder = holder.as_deref().unwrap_or("nobody yet"), "following");
                }
            }
            select! {
                changed = standing.changed() => if changed.is_err() { return Woken::Shutdown },
                () = self.heartbeat() => {}
                () = self.shutdown.cancelled() => return Woken::Shutdown,
            }
        }
    }

    /// Passes until this replica no longer leads.
    async fn lead(&mut self, standing: &mut Receiver<Standing>) -> Woken {
        // Who begins to lead knows nothing of what the last leader wrote.
        self.passes.observer.forget();
        let mut telling = Telling::default();
        let mut retry = RETRY;
        loop {
            if self.shutdown.is_cancelled() {
                return Woken::Shutdown;
            }
            if !matches!(*standing.borrow_and_update(), Standing::Leading) {
                tracing::warn!("no longer leading: nothing is written any more");
                return Woken::Work;
            }
            let View { cluster, revision } = self.watches.view();
            let pause = match self.pass(cluster, &mut telling).await {
                Ok(pause) => {
                    retry = RETRY;
                    pause
                }
                Err(error) => {
                    self.passes.metrics.failed();
                    tracing::error!(%error, retry_in = ?retry, "no plan: nothing is changed");
                    let permit = self.permit();
                    let news = telling.announcer.no_plan(&error.to_string());
                    self.events.publish(&news, |longest| permit.allows(longest)).await;
                    let pause = retry;
                    retry = (retry * 2).min(self.interval);
                    pause
                }
            };
            self.state.turn();
            let next = Instant::now() + pause;
            select! {
                () = sleep_until(next) => {}
                () = self.watches.changed_since(revision) => {}
                _ = standing.changed() => {}
                () = self.shutdown.cancelled() => return Woken::Shutdown,
            }
        }
    }

    /// One pass with all that follows from it. Gives how long nothing has to be looked at again, if nothing changes.
    async fn pass(&mut self, cluster: Cluster, telling: &mut Telling) -> Result<Duration, LiveError> {
        let permit = self.permit();
        let executed = self.passes.run(cluster, &permit).await?;
        let planned = &executed.pass;
        let statuses = self
            .statuses
            .write(&planned.snapshot.cluster, &planned.plan.outcomes, |longest| permit.allows(longest))
            .await;
        self.passes.metrics.wrote(&statuses);
        telling.log.pass(&executed, &statuses);
        let certificates = &planned.snapshot.inventory.certificates;
        let news =
            telling.announcer.news(&planned.snapshot.cluster, certificates, &planned.plan, &executed.results);
        self.events.publish(&news, |longest| permit.allows(longest)).await;
        Ok(self.pause(&executed, &statuses))
    }

    /// The right to write, as long as it lasts.
    fn permit(&self) -> WritePermit {
        WritePermit { lease: Some(self.leadership.permit()), shutdown: self.shutdown.clone() }
    }

    fn pause(&self, executed: &Executed, statuses: &StatusReport) -> Duration {
        let longest = executed.until_next_change().map_or(self.interval, |until| until.min(self.interval));
        let did = |state| executed.results.iter().any(|result| result.state == state);
        if did(ActionState::Failed) || did(ActionState::Skipped) || !statuses.failed.is_empty() {
            LOOK.min(longest)
        } else if did(ActionState::Done) || !statuses.written.is_empty() {
            PAUSE
        } else if unfinished(&executed.pass.snapshot.inventory).is_some() {
            LOOK.min(longest)
        } else {
            longest.max(PAUSE)
        }
    }

    /// Long enough not to be noticed, short enough for `/livez`.
    async fn heartbeat(&self) {
        tokio::time::sleep(self.interval).await;
    }
}
