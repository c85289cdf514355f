//! The controller: pass after pass, for as long as this replica leads.

use std::{sync::Arc, time::Duration};

use albatross_cluster::{Announcer, Events, Leadership, Standing, StatusReport, Statuses, View, Watches};
use albatross_contract::ActionState;
use tokio::{select, sync::watch::Receiver, time::sleep};
use tokio_util::sync::CancellationToken;

use super::{
    error::LiveError,
    log::PassLog,
    pace::{Came, Pace},
    pass::{Executed, Passes},
    permit::WritePermit,
    state::State,
};
use crate::{pass::Pass, unfinished::unfinished};

/// How often the state of the watches is looked at before they have synced.
const LOOK: Duration = Duration::from_secs(10);
/// How often a follower shows that it lives.
const HEARTBEAT: Duration = Duration::from_secs(60);
/// How soon a follower asks again that AWS did not answer.
const ASK_AGAIN: Duration = Duration::from_secs(15);

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

/// What a follower hears of AWS before it has ever answered.
#[derive(Default)]
struct Introduction {
    /// It has answered: whether it still does shows when this replica leads.
    over: bool,
    /// What was wrong the last time.
    problem: Option<String>,
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
    /// The election has ended, so that nobody can say whether this replica leads.
    Deposed,
}

impl Controller {
    /// Runs until it is told to end; then gives the Lease up.
    ///
    /// # Errors
    /// [`LiveError::Election`]: the program must start again.
    pub async fn run(mut self) -> Result<(), LiveError> {
        let mut standing = self.leadership.standing();
        let mut woken = self.until_synced().await;
        let mut introduction = Introduction::default();
        while let Woken::Work = woken {
            woken = self.until_leading(&mut standing, &mut introduction).await;
            if let Woken::Work = woken {
                woken = self.lead(&mut standing, &mut introduction).await;
                self.passes.metrics.follows();
            }
        }
        // Nothing is on its way any more: the pass that ran when the end was announced has returned.
        self.leadership.release().await;
        match woken {
            Woken::Deposed => Err(LiveError::Election),
            Woken::Work | Woken::Shutdown => {
                tracing::info!("ended");
                Ok(())
            }
        }
    }

    /// Waits for the watches; nothing may be planned before every one has synced once.
    async fn until_synced(&self) -> Woken {
        loop {
            let health = self.watches.health().iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
            self.state.set_ready(Some(health));
            self.state.turn();
            select! {
                () = self.watches.synced() => break,
                () = sleep(LOOK) => {}
                () = self.shutdown.cancelled() => return Woken::Shutdown,
            }
        }
        self.state.set_ready(Some("AWS has not answered yet".to_owned()));
        tracing::info!("watches synced");
        Woken::Work
    }

    /// Followers keep their watches and wait. A replica that could not lead must not count as ready, or a rollout with a
    /// wrong region would succeed: so it asks AWS until it has answered once.
    async fn until_leading(
        &mut self,
        standing: &mut Receiver<Standing>,
        introduction: &mut Introduction,
    ) -> Woken {
        let mut told = None;
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
            select! {
                changed = standing.changed() => if changed.is_err() { return Woken::Deposed },
                () = introduce(&mut self.passes, &self.state, introduction) => {}
                () = self.shutdown.cancelled() => return Woken::Shutdown,
            }
        }
    }

    /// Passes until this replica no longer leads.
    async fn lead(&mut self, standing: &mut Receiver<Standing>, introduction: &mut Introduction) -> Woken {
        // Who begins to lead knows nothing of what the last leader wrote.
        self.passes.observer.forget();
        let lease = self.leadership.permit();
        let permit = WritePermit { lease: Some(lease.clone()), shutdown: self.shutdown.clone() };
        let mut telling = Telling::default();
        let mut pace = Pace::new(self.interval);
        loop {
            if self.shutdown.is_cancelled() {
                return Woken::Shutdown;
            }
            // The Lease may have been lost and won again within one pass.
            if lease.is_of_the_past() || !matches!(*standing.borrow_and_update(), Standing::Leading) {
                tracing::warn!("no longer leading: nothing is written any more");
                return Woken::Work;
            }
            let View { cluster, revision } = self.watches.view();
            let passed = select! {
                passed = self.passes.plan(cluster) => passed,
                // Nothing was written yet, so nothing is left half done.
                () = self.shutdown.cancelled() => return Woken::Shutdown,
            };
            let pause = match passed {
                Ok(planned) => {
                    introduction.over(&self.state);
                    let executed = self.passes.execute(planned, &permit).await;
                    let came = self.follow_up(&executed, &permit, &mut telling).await;
                    pace.after(came, executed.until_next_change())
                }
                Err(error) => {
                    let pause = pace.after(Came::Nothing, None);
                    self.passes.metrics.failed();
                    if !introduction.over {
                        self.state.set_ready(Some(error.to_string()));
                    }
                    tracing::error!(%error, again_in = ?pause, "no plan: nothing is changed");
                    let news = telling.announcer.no_plan(&error.to_string());
                    self.events.publish(&news, |longest| permit.allows(longest)).await;
                    pause
                }
            };
            self.state.turn();
            select! {
                () = sleep(pause) => {}
                () = self.watches.changed_since(revision) => {}
                changed = standing.changed() => if changed.is_err() { return Woken::Deposed },
                () = self.shutdown.cancelled() => return Woken::Shutdown,
            }
        }
    }

    /// Writes statuses and tells people.
    async fn follow_up(&self, executed: &Executed, permit: &WritePermit, telling: &mut Telling) -> Came {
        let Pass { snapshot, plan, .. } = &executed.pass;
        let statuses =
            self.statuses.write(&snapshot.cluster, &plan.outcomes, |longest| permit.allows(longest)).await;
        self.passes.metrics.wrote(&statuses);
        telling.log.pass(executed, &statuses);
        // Without the right to write no Event could be sent, and what is told counts as said.
        if statuses.left == 0 && permit.allows(Duration::ZERO) {
            let certificates = &snapshot.inventory.certificates;
            let news =
                telling.announcer.news(&snapshot.cluster, certificates, plan, &executed.results, &statuses);
            self.events.publish(&news, |longest| permit.allows(longest)).await;
        }
        came(executed, &statuses)
    }
}

/// Asks AWS until it has answered once, with a pause; afterwards only waits.
async fn introduce(passes: &mut Passes, state: &State, introduction: &mut Introduction) {
    if introduction.over {
        return sleep(HEARTBEAT).await;
    }
    let answer = passes.observer.reach().await;
    passes.metrics.called(&passes.aws.calls());
    match answer {
        Ok(()) => introduction.over(state),
        Err(error) => {
            let problem = error.to_string();
            state.set_ready(Some(problem.clone()));
            if introduction.problem.as_ref() != Some(&problem) {
                tracing::error!(error = problem, again_in = ?ASK_AGAIN, "AWS cannot be used");
                introduction.problem = Some(problem);
            }
            sleep(ASK_AGAIN).await;
        }
    }
}

impl Introduction {
    /// AWS has answered.
    fn over(&mut self, state: &State) {
        if !self.over {
            self.over = true;
            state.set_ready(None);
            tracing::info!("AWS answers; ready");
        }
    }
}

fn came(executed: &Executed, statuses: &StatusReport) -> Came {
    let any = |state| executed.results.iter().any(|result| result.state == state);
    if any(ActionState::Failed)
        || any(ActionState::Skipped)
        || !statuses.failed.is_empty()
        || statuses.left > 0
    {
        Came::Trouble
    } else if any(ActionState::Done) || !statuses.written.is_empty() {
        Came::Change
    } else if unfinished(&executed.pass.snapshot.inventory).is_some() {
        Came::Waiting
    } else {
        Came::Rest
    }
}
