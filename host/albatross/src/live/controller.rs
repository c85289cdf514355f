//! The controller: runs passes while this replica leads.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use albatross_cluster::{Announcer, Events, Gates, Leadership, Seen, Standing, Statuses, Watches};
use albatross_contract::Snapshot;
use tokio::{select, sync::watch::Receiver};
use tokio_util::sync::CancellationToken;

use super::{
    beginning::until_synced,
    executed::Executed,
    introduction::Introduction,
    log::PassLog,
    metrics::Stage,
    onlooker::Onlooker,
    pace::{Came, Pace},
    pass::{Occasion, Passes, Planned},
    permit::WritePermit,
    pulse,
    recordings::PATIENCE,
    rhythm::Rhythm,
    state::State,
    written::Written,
};
use crate::{error::Error, pass::Pass};

/// The annotation of the Lease with the policies that decide: a replica that leads next goes on with them.
pub const POLICIES: &str = "albatross/policies";

/// All parts of a running controller.
pub struct Controller {
    /// Observes, plans and executes.
    pub passes: Passes,
    /// The objects of the cluster.
    pub watches: Watches,
    /// Writes statuses.
    pub statuses: Statuses,
    /// Writes conditions of Pods with our readiness gate.
    pub gates: Gates,
    /// Publishes Events.
    pub events: Events,
    /// Whether this replica may write.
    pub leadership: Leadership,
    /// What the health endpoints report.
    pub state: Arc<State>,
    /// How often AWS is observed when nothing has changed.
    pub interval: Duration,
    /// Ends the controller between two actions.
    pub shutdown: CancellationToken,
    /// When there is nothing more to do for ever, as a snapshot shows. Absent: never.
    pub ends_when: Option<fn(&Snapshot) -> bool>,
}

/// The time during which this replica leads without interruption.
struct Term {
    permit: WritePermit,
    pace: Pace,
    /// What was logged and announced before, so that nothing is repeated.
    log: PassLog,
    announcer: Announcer,
}

impl Term {
    fn new(leadership: &Leadership, shutdown: &CancellationToken, interval: Duration) -> Term {
        Term {
            permit: WritePermit { lease: Some(leadership.permit()), shutdown: shutdown.clone() },
            pace: Pace::new(interval),
            log: PassLog::default(),
            announcer: Announcer::default(),
        }
    }

    fn is_over(&self) -> bool {
        self.permit.lease.as_ref().is_some_and(albatross_cluster::Permit::is_of_the_past)
    }
}

/// Why a wait is over.
enum Woken {
    /// There may be something to do.
    Work,
    /// The program is to end.
    Shutdown,
    /// The election has ended, so it is unknown whether this replica leads.
    Deposed,
}

impl Controller {
    /// Runs until the shutdown token is cancelled, then releases the Lease.
    ///
    /// # Errors
    /// [`Error::Election`]: the program must be restarted.
    pub async fn run(self) -> Result<(), Error> {
        let (aws, state) = (self.passes.aws.clone(), Arc::clone(&self.state));
        select! {
            ended = self.pass_after_pass() => ended,
            never = pulse::beat(aws, &state) => match never {},
        }
    }

    async fn pass_after_pass(mut self) -> Result<(), Error> {
        let mut standing = self.leadership.standing();
        let mut woken = match until_synced(&self.watches, &self.state, &self.shutdown).await {
            true => Woken::Work,
            false => Woken::Shutdown,
        };
        let mut introduction = Introduction::default();
        while let Woken::Work = woken {
            woken = self.until_leading(&mut standing, &mut introduction).await;
            if let Woken::Work = woken {
                let led = self.lead(&mut standing, &mut introduction).await;
                self.passes.metrics.follows();
                self.state.set_planning(false);
                if let Some(snapshots) = &self.passes.snapshots {
                    snapshots.turn_away();
                }
                self.passes.take_down();
                // Before the Lease is released: the next leader finds the folder unlocked.
                if let Some(recordings) = &self.passes.recordings {
                    recordings.close(PATIENCE).await;
                }
                woken = match led {
                    Ok(woken) => woken,
                    Err(error) => {
                        self.leadership.release().await;
                        return Err(error);
                    }
                };
            }
        }
        // No call is in flight any more: the pass that ran at the shutdown has returned.
        self.leadership.release().await;
        match woken {
            Woken::Deposed => Err(Error::Election),
            Woken::Work | Woken::Shutdown => {
                tracing::info!("ended");
                Ok(())
            }
        }
    }

    /// A follower keeps its watches up to date and waits.
    async fn until_leading(
        &mut self,
        standing: &mut Receiver<Standing>,
        introduction: &mut Introduction,
    ) -> Woken {
        let mut told = None;
        let mut onlooker = Onlooker::default();
        loop {
            let now = standing.borrow_and_update().clone();
            self.state.turn();
            self.passes.metrics.leader.set(i64::from(matches!(now, Standing::Leading)));
            match &now {
                Standing::Leading => {
                    tracing::info!("leading");
                    return Woken::Work;
                }
                Standing::Following { holder } => {
                    if told.as_ref() != Some(holder) {
                        tracing::info!(holder = holder.as_deref().unwrap_or("nobody yet"), "following");
                        told = Some(holder.clone());
                    }
                }
            }
            let shutdown = self.shutdown.clone();
            select! {
                changed = standing.changed() => if changed.is_err() { return Woken::Deposed },
                () = self.look_on(&mut onlooker, introduction) => {}
                () = shutdown.cancelled() => return Woken::Shutdown,
            }
        }
    }

    /// What a follower does between the news of the election.
    async fn look_on(&mut self, onlooker: &mut Onlooker, introduction: &mut Introduction) {
        if self.passes.desk.is_none() {
            return introduction.go_on(&mut self.passes, &self.state).await;
        }
        let decided = self.leadership.noted(POLICIES);
        onlooker.go_on(&mut self.passes, &self.watches, decided.as_deref(), introduction, &self.state).await;
    }

    /// Runs passes until this replica no longer leads.
    ///
    /// # Errors
    /// The policies could not be loaded, and nobody has noted others.
    async fn lead(
        &mut self,
        standing: &mut Receiver<Standing>,
        introduction: &mut Introduction,
    ) -> Result<Woken, Error> {
        // A new leader must not trust what it observed before: the last leader has written since.
        self.passes.observer.forget();
        self.passes.observer.refresh_every(self.interval);
        let mut term = Term::new(&self.leadership, &self.shutdown, self.interval);
        self.passes.swap.begin(self.leadership.noted(POLICIES).as_deref()).await?;
        self.leadership.note(POLICIES, &self.passes.swap.running().decided().to_string()).await;
        self.state.set_planning(true);
        self.passes.metrics.terms.inc();
        let mut rhythm = Rhythm::new(self.watches.revision());
        loop {
            if self.shutdown.is_cancelled() {
                return Ok(Woken::Shutdown);
            }
            // The Lease may have been lost and won again within one pass.
            if term.is_over() || !matches!(*standing.borrow_and_update(), Standing::Leading) {
                tracing::warn!("no longer leading: this replica writes nothing any more");
                return Ok(Woken::Work);
            }
            self.exchange_policies(&term.permit).await;
            let shutdown = self.shutdown.clone();
            let planned = select! {
                planned = self.plan(&mut rhythm) => planned,
                // Nothing was written yet, so no change is left incomplete.
                () = shutdown.cancelled() => return Ok(Woken::Shutdown),
            };
            let pause = match planned {
                Ok(planned) => {
                    introduction.end(&self.state);
                    match self.carry_out(planned, &mut term, rhythm.served).await {
                        Some(pause) => pause,
                        None => return Ok(Woken::Shutdown),
                    }
                }
                Err(error) => self.go_without_plan(&error, &mut term, introduction).await,
            };
            self.state.turn();
            rhythm.end(self.passes.observer.was_quick(), pause);
            rhythm.occasion = select! {
                () = rhythm.until_due() => Occasion::Time,
                () = self.watches.changed_since(rhythm.served) => Occasion::Change,
                () = self.passes.swap.changed() => Occasion::Time,
                changed = standing.changed() => match changed {
                    Ok(()) => Occasion::Time,
                    Err(_) => return Ok(Woken::Deposed),
                },
                () = self.shutdown.cancelled() => return Ok(Woken::Shutdown),
            };
        }
    }

    /// Plans for the cluster as it is, or as it is after a change that comes while AWS is read.
    async fn plan(&mut self, rhythm: &mut Rhythm) -> Result<Planned, Error> {
        self.passes.changed_lately = match self.passes.observer.is_behind() {
            true => self.watches.changed_lately(),
            false => Vec::new(),
        };
        rhythm.plan(&mut self.passes, &self.watches).await
    }

    /// Executes a plan for this revision of the cluster, and tells the cluster and people about it. Returns the pause after it;
    /// `None`: nothing is left to do for ever.
    async fn carry_out(&mut self, planned: Planned, term: &mut Term, revision: u64) -> Option<Duration> {
        self.passes.metrics.saw(planned.pass(), &self.watches.health());
        let change = self.watches.changed_since(revision);
        let executed = self.passes.execute(planned, &term.permit, change).await;
        let is_over = self.ends_when.is_some_and(|is_over| is_over(&executed.pass.snapshot));
        if is_over && !executed.is_behind && !executed.changes_something() {
            return None;
        }
        let came = self.follow_up(&executed, term).await;
        if came == Came::Rest {
            self.passes.swap.rest();
        }
        let pause = term.pace.after(came, executed.until_next_change());
        self.passes.put_up(executed).await;
        Some(pause)
    }

    /// Tells people why there is no plan. Returns the pause until the next attempt.
    async fn go_without_plan(
        &mut self,
        error: &Error,
        term: &mut Term,
        introduction: &mut Introduction,
    ) -> Duration {
        let pause = term.pace.after(Came::Nothing, None);
        self.passes.metrics.failed();
        // Any other error comes after AWS has answered.
        match error {
            Error::Aws(error) => introduction.failed(&error.to_string(), &self.state),
            _ => introduction.end(&self.state),
        }
        tracing::error!(%error, again_in = ?pause, "no plan: nothing is changed");
        self.passes.put_up_failure(error);
        let news = term.announcer.no_plan(&error.to_string());
        self.events.publish(&news, |longest| term.permit.allows(longest)).await;
        pause
    }

    /// Lets policies take over that may, and says why others may not.
    async fn exchange_policies(&mut self, permit: &WritePermit) {
        let leadership = &self.leadership;
        let note = async |decided: String| leadership.note(POLICIES, &decided).await;
        let notices = self.passes.swap.turn(&self.passes.metrics, note).await;
        let sent = self.events.publish(&notices, |longest| permit.allows(longest)).await;
        if sent < notices.len() {
            self.passes.swap.untold();
        }
    }

    /// Writes conditions and statuses, logs the pass, and publishes Events.
    async fn follow_up(&self, executed: &Executed, term: &mut Term) -> Came {
        let Term { permit, log, announcer, .. } = term;
        let Pass { snapshot, plan, failures, .. } = &executed.pass;
        let metrics = &self.passes.metrics;
        let begin = Instant::now();
        let may_write = |longest| permit.allows(longest);
        // Rollouts wait for conditions.
        let gates = self.gates.write(&snapshot.cluster, plan, may_write).await;
        let statuses = self.statuses.write(&snapshot.cluster, &plan.outcomes, may_write).await;
        let written = Written { statuses, gates };
        metrics.passes.stage(Stage::WriteStatuses, begin.elapsed());
        metrics.wrote(executed, &written);
        log.pass(executed, &written);
        let statuses = &written.statuses;
        // Without the right to write, no Event could be sent, but the announcer would count it as published.
        if statuses.left == 0 && permit.allows(Duration::ZERO) {
            let failed_policies: Vec<String> = failures.iter().map(ToString::to_string).collect();
            let seen = Seen {
                cluster: &snapshot.cluster,
                certificates: &snapshot.inventory.certificates,
                time: snapshot.time,
                failed_policies: &failed_policies,
                is_superseded: executed.is_superseded,
            };
            let news = announcer.news(&seen, plan, &executed.results, statuses);
            self.events.publish(&news, |longest| permit.allows(longest)).await;
        }
        executed.came(&written)
    }
}
