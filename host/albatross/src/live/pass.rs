//! One live pass: observe, plan, guard, execute. The controller and `run --once` share it.

use std::{
    future::pending,
    panic::resume_unwind,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use albatross_aws::{Aws, Executor, Mentioned, Observer, Permit, Progress};
use albatross_contract::{
    Action, ActionState, Cluster, Inventory, ObjectName, Settings, Snapshot, Timestamp,
};
use tokio::{select, task::spawn_blocking, time::sleep};

use super::{
    executed::Executed,
    log::ActionLog,
    metrics::{Metrics, Stage},
    permit::{PlanPermit, WritePermit},
    recordings::Recordings,
    snapshots::SnapshotRequests,
    swap::Swap,
    webhook::Desk,
};
use crate::{
    error::Error,
    page::Board,
    pass::{Makers, Pass},
    recorder::bundle,
};

/// How long a plan is executed before it is left to another one: while changes follow each other, each plan still gets further.
const UNDISTURBED: Duration = Duration::from_secs(5);

/// How often a long pass logs its progress.
const SILENCE: Duration = Duration::from_secs(10);

/// Everything that passes need.
pub struct Passes {
    /// The planner and the policies, which may be exchanged between two passes.
    pub swap: Swap,
    /// The operator's settings. Those of the policies are part of `swap`.
    pub settings: Settings,
    /// Counts calls.
    pub aws: Aws,
    /// Reads AWS.
    pub observer: Observer,
    /// The objects that changed last, if AWS is to be read again: their load balancers are read first.
    pub changed_lately: Vec<ObjectName>,
    /// Writes AWS.
    pub executor: Executor,
    /// Where passes are recorded. Absent: nowhere.
    pub recordings: Option<Recordings>,
    /// Those who wait for the bundle of a pass. Absent: nobody may.
    pub snapshots: Option<Arc<SnapshotRequests>>,
    /// Where passes are put up for the page. Absent: there is no page.
    pub board: Option<Arc<Board>>,
    /// Where passes are put up for the webhook. Absent: there is no webhook.
    pub desk: Option<Arc<Desk>>,
    /// The metrics.
    pub metrics: Arc<Metrics>,
}

/// Why a pass is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occasion {
    /// The cluster has changed, which must not wait until AWS has been read: a quick observation will do, if AWS is known well enough.
    Change,
    /// It is time to look at AWS again, which a change of the cluster interrupts.
    Time,
}

/// A pass that has not been executed.
pub struct Planned {
    pass: Pass,
    /// When observing began.
    begin: Instant,
    is_behind: bool,
}

impl Planned {
    /// The plan and what led to it.
    pub fn pass(&self) -> &Pass {
        &self.pass
    }
}

impl Passes {
    /// Observes AWS and plans for the cluster. `view` returns the cluster: it is called before AWS is read, for the
    /// hostnames in statuses, and again afterwards, since reading takes a minute when AWS throttles. It is called in the
    /// thread that plans: large, short-lived data is then kept apart from the rest, and the allocator can return its pages.
    ///
    /// When `change` ends, the cluster has changed while AWS was read.
    ///
    /// # Errors
    /// AWS cannot be observed, the planner returns no plan, or the guard refuses the plan.
    pub async fn plan<V>(
        &mut self,
        view: V,
        occasion: Occasion,
        change: impl Future<Output = ()>,
    ) -> Result<Planned, Error>
    where
        V: Fn() -> Cluster + Clone + Send + 'static,
    {
        let begin = Instant::now();
        let revision = self.revision();
        let snapshot = self.snapshot(view, occasion, change).await?;
        let for_shadow = self.swap.for_shadow(&snapshot);
        let pass = self.decide(snapshot, revision).await?;
        self.metrics.passes.stage(Stage::Plan, pass.took);
        self.metrics.passes.stage(Stage::Guard, pass.guarded);
        if let Some(snapshot) = for_shadow {
            self.swap.shadow(snapshot, &pass.plan);
        }
        Ok(Planned { pass, begin, is_behind: self.observer.is_behind() })
    }

    /// Plans only for the webhook.
    ///
    /// # Errors
    /// As [`Passes::plan`].
    pub async fn look<V>(&mut self, view: V) -> Result<(), Error>
    where
        V: Fn() -> Cluster + Clone + Send + 'static,
    {
        let revision = self.revision();
        let snapshot = self.snapshot(view, Occasion::Time, pending()).await?;
        self.decide(snapshot, revision).await.map(drop)
    }

    /// The revision of the cluster, for the webhook.
    fn revision(&self) -> u64 {
        self.desk.as_ref().map_or(0, |desk| desk.revision())
    }

    /// Plans a snapshot, and puts the plan up for the webhook.
    async fn decide(&self, snapshot: Snapshot, revision: u64) -> Result<Pass, Error> {
        let (deciders, allowed) = (self.swap.running().clone(), self.swap.allowed_names().to_vec());
        let desk = self.desk.clone();
        // Planning takes seconds with 10,000 Ingresses and a slow policy. The Lease must be renewed meanwhile.
        let decide = move || {
            let pass = deciders.pass(snapshot, &allowed)?;
            if let Some(desk) = desk {
                desk.put(&pass, Arc::clone(deciders.makers()), revision);
            }
            Ok(pass)
        };
        spawn_blocking(decide).await?
    }

    /// Executes the plan, as far as the permit allows. When `change` ends, the cluster has changed: then a plan that takes long is
    /// left to the next one.
    pub async fn execute(
        &self,
        planned: Planned,
        permit: &WritePermit,
        change: impl Future<Output = ()>,
    ) -> Executed {
        let Planned { pass, begin, is_behind } = planned;
        let permit = PlanPermit::while_allowed(permit);
        let over = AtomicUsize::new(0);
        let executing = Instant::now();
        let results = {
            let mut log = ActionLog::new(&pass, &over);
            let mut progress = |action: &Action, progress: Progress<'_>| {
                if let Progress::Over { result, .. } = progress {
                    self.metrics.passes.acted(action, result);
                }
                log.action(action, progress);
            };
            let mut execution = pin!(self.executor.execute(&pass.plan, &permit, &mut progress));
            let mut change = pin!(async {
                sleep(UNDISTURBED).await;
                change.await;
            });
            loop {
                select! {
                    results = &mut execution => break results,
                    () = &mut change, if !permit.is_superseded() => permit.supersede(),
                    () = sleep(SILENCE) => tracing::info!(
                        over = over.load(Ordering::Relaxed),
                        of = pass.plan.actions.len(),
                        seconds = begin.elapsed().as_secs(),
                        "the pass is still in progress"
                    ),
                }
            }
        };
        let is_superseded =
            permit.is_superseded() && results.iter().any(|it| it.state == ActionState::Skipped);
        let executed = Executed { pass, results, took: begin.elapsed(), is_behind, is_superseded };
        self.metrics.passes.stage(Stage::Execute, executing.elapsed());
        self.metrics.passed(&executed, executed.took);
        self.metrics.calls.show(&self.aws);
        self.tell(executed).await
    }

    /// Shows and records a plan that nobody executes.
    pub async fn only_show(&self, planned: Planned) -> Executed {
        let Planned { pass, begin, is_behind } = planned;
        let executed =
            Executed { pass, results: Vec::new(), took: begin.elapsed(), is_behind, is_superseded: false };
        self.metrics.only_planned(&executed, executed.took);
        self.tell(executed).await
    }

    /// Gives a pass to those who wait for it, and records it.
    async fn tell(&self, executed: Executed) -> Executed {
        let executed = match self.snapshots.as_ref().filter(|snapshots| snapshots.are_there()) {
            Some(snapshots) => self.show(Arc::clone(snapshots), executed).await,
            None => executed,
        };
        match &self.recordings {
            Some(recordings) if recordings.wants(&executed) => {
                self.record(recordings.clone(), executed).await
            }
            _ => executed,
        }
    }

    /// Has a pass recorded. Its text is written in another thread, so that the renewal of the Lease is not delayed.
    async fn record(&self, recordings: Recordings, executed: Executed) -> Executed {
        let makers = Arc::clone(self.swap.running().makers());
        beside(executed, move |executed| {
            // A recording is only for people, so the controller goes on without it.
            if let Err(error) = recordings.add(&makers, executed) {
                tracing::error!(%error, "the pass cannot be written");
            }
        })
        .await
    }

    /// Puts a pass that is over up for the page, beside the renewal of the Lease.
    pub async fn put_up(&self, executed: Executed) {
        let Some(board) = self.board.clone() else { return };
        let makers: Arc<Makers> = Arc::clone(self.swap.running().makers());
        if let Err(error) = spawn_blocking(move || executed.put_up(&board, makers)).await {
            resume_unwind(error.into_panic());
        }
    }

    /// Says on the page that there is no plan.
    pub fn put_up_failure(&self, error: &Error) {
        if let Some(board) = &self.board {
            board.failed(now(), error.to_string());
        }
    }

    /// Says on the page that this replica makes no plans for now.
    pub fn take_down(&self) {
        if let Some(board) = &self.board {
            board.clear();
        }
    }

    /// Gives those who wait the bundle of a pass.
    async fn show(&self, snapshots: Arc<SnapshotRequests>, executed: Executed) -> Executed {
        let makers = Arc::clone(self.swap.running().makers());
        beside(executed, move |executed| match bundle(&makers, &executed.pass, executed.results.clone()) {
            Ok(bundle) => snapshots.answer(bundle),
            Err(error) => tracing::error!(%error, "the pass cannot be written"),
        })
        .await
    }

    /// The snapshot of a pass. If AWS is known well enough, a change of the cluster does not wait until it has been read again, and
    /// neither does a change that comes meanwhile.
    async fn snapshot<V>(
        &mut self,
        view: V,
        occasion: Occasion,
        change: impl Future<Output = ()>,
    ) -> Result<Snapshot, Error>
    where
        V: Fn() -> Cluster + Clone + Send + 'static,
    {
        if !self.observer.may_be_quick(now()) {
            return self.observe(view, Occasion::Time).await;
        }
        if occasion == Occasion::Time {
            select! {
                snapshot = self.observe(view.clone(), Occasion::Time) => return snapshot,
                () = change => {}
            }
        }
        self.observe(view, Occasion::Change).await
    }

    async fn observe<V>(&mut self, view: V, occasion: Occasion) -> Result<Snapshot, Error>
    where
        V: Fn() -> Cluster + Clone + Send + 'static,
    {
        let now = now();
        let begin = Instant::now();
        let before = spawn_blocking(view.clone()).await?;
        let mentioned = Mentioned::by(&before, &self.settings).attending_to(&before, &self.changed_lately);
        let looked = begin.elapsed();
        let begin = Instant::now();
        let inventory = match occasion {
            Occasion::Change => self.observer.observe_quickly(now, &mentioned).await,
            Occasion::Time => self.observer.observe(now, &mentioned).await,
        };
        self.metrics.calls.show(&self.aws);
        let inventory: Inventory = inventory?;
        self.metrics.passes.stage(Stage::Observe, begin.elapsed());
        let begin = Instant::now();
        let after = spawn_blocking(view).await?;
        self.metrics.passes.stage(Stage::Snapshot, looked + begin.elapsed());
        // AWS was not asked about a hostname that has appeared since: its load balancer would count as gone.
        let is_known = Mentioned::by(&after, &self.settings).hostnames.is_subset(&mentioned.hostnames);
        let cluster = if is_known { after } else { before };
        Ok(Snapshot { time: now, frozen: Vec::new(), settings: self.settings.clone(), cluster, inventory })
    }
}

/// Does something with a pass in another thread, so that the Lease is renewed meanwhile.
async fn beside(executed: Executed, what: impl FnOnce(&Executed) + Send + 'static) -> Executed {
    let done = spawn_blocking(move || {
        what(&executed);
        executed
    });
    match done.await {
        Ok(executed) => executed,
        Err(error) => resume_unwind(error.into_panic()),
    }
}

/// The current time. This is the only place where the live controller reads a clock that plans depend on.
pub fn now() -> Timestamp {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
