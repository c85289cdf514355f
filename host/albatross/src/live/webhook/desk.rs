//! Where passes are put up for the webhook, and where it gets its answers.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use albatross_cluster::Viewer;
use albatross_contract::Ingress;
use tokio::{sync::Semaphore, task::spawn_blocking, time::timeout};

use crate::{
    admission::{Subject, View, unreadable},
    error::Error,
    live::metrics::{Admission, Answered},
    pass::{Makers, Pass},
};

/// How long an answer may take. API servers wait for at least 2 s (`deploy/chart`), so that they always get one.
const PATIENCE: Duration = Duration::from_millis(1500);
/// A pass that is older says nothing about AWS any more: twice the longest `--interval`.
const OLDEST: Duration = Duration::from_secs(30 * 60);

/// The last pass.
pub struct Desk {
    viewer: Viewer,
    pass: Mutex<Option<Put>>,
    /// Plans are made one after another, so that they take only one processor from the passes.
    turn: Arc<Semaphore>,
    admission: Admission,
}

/// A pass that was put up.
#[derive(Clone)]
struct Put {
    view: Arc<View>,
    /// The revision of the cluster that it has.
    revision: u64,
    /// When AWS was observed.
    observed: Instant,
}

/// Why there is no answer.
enum Unanswered {
    /// Nothing is known that could be planned for.
    NoView,
    /// The planner has no plan.
    NoPlan(Error),
}

impl From<Error> for Unanswered {
    fn from(error: Error) -> Unanswered {
        Unanswered::NoPlan(error)
    }
}

impl Desk {
    /// Nothing is known yet. `viewer`: looks at the cluster.
    pub fn new(viewer: Viewer, admission: Admission) -> Desk {
        Desk { viewer, pass: Mutex::default(), turn: Arc::new(Semaphore::new(1)), admission }
    }

    /// The number of changes of the cluster so far, to be taken before the cluster is looked at for a pass.
    pub fn revision(&self) -> u64 {
        self.viewer.revision()
    }

    /// Puts up a pass. `revision`: that of its cluster.
    pub fn put(&self, pass: &Pass, makers: Arc<Makers>, revision: u64) {
        let view = Arc::new(View::new(pass.snapshot.clone(), pass.plan.clone(), makers));
        self.set(Some(Put { view, revision, observed: Instant::now() }));
    }

    /// Nothing is known any more.
    pub fn clear(&self) {
        self.set(None);
    }

    /// The warnings for what a question is about. None: there is nothing to warn of, or no answer in time.
    pub async fn warnings(self: Arc<Self>, subject: Subject) -> Vec<String> {
        let begin = Instant::now();
        let (answered, warnings) = match subject {
            Subject::Nothing => (Answered::NoWarning, Vec::new()),
            Subject::Unreadable(message) => (Answered::Unread, vec![unreadable(&message)]),
            Subject::Ingress(new) => match timeout(PATIENCE, Arc::clone(&self).judged(*new)).await {
                Ok(Ok(warnings)) if warnings.is_empty() => (Answered::NoWarning, warnings),
                Ok(Ok(warnings)) => (Answered::Warning, warnings),
                Ok(Err(Unanswered::NoView)) => (Answered::NoView, Vec::new()),
                Ok(Err(Unanswered::NoPlan(error))) => {
                    tracing::warn!(%error, "the webhook has no answer");
                    (Answered::Failed, Vec::new())
                }
                Err(_) => (Answered::Late, Vec::new()),
            },
        };
        self.admission.answered(answered, begin.elapsed());
        warnings
    }

    /// Judges when it is its turn. A turn ends when the plan is there, even if nobody waits for it any more.
    async fn judged(self: Arc<Self>, new: Ingress) -> Result<Vec<String>, Unanswered> {
        let Ok(turn) = Arc::clone(&self.turn).acquire_owned().await else { return Err(Unanswered::NoView) };
        let judged = spawn_blocking(move || {
            let judged = self.judge(new);
            drop(turn);
            judged
        });
        judged.await.map_err(Error::from)?
    }

    /// Warns only of what is still so: if the cluster has changed since the pass, a warning counts only if the cluster as it is now gives
    /// it again.
    fn judge(&self, new: Ingress) -> Result<Vec<String>, Unanswered> {
        let put = self.get().filter(|it| it.observed.elapsed() < OLDEST).ok_or(Unanswered::NoView)?;
        let warnings = put.view.warnings(new.clone())?;
        let revision = self.viewer.revision();
        if warnings.is_empty() || revision == put.revision {
            return Ok(warnings);
        }
        let view = put.view.with_cluster(self.viewer.view())?.ok_or(Unanswered::NoView)?;
        let now = Put { view: Arc::new(view), revision, observed: put.observed };
        let warnings = now.view.warnings(new)?;
        self.replace(&put, now);
        Ok(warnings)
    }

    fn get(&self) -> Option<Put> {
        self.pass.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts up another view, unless a pass was put up meanwhile.
    fn replace(&self, old: &Put, new: Put) {
        let mut pass = self.pass.lock().unwrap_or_else(PoisonError::into_inner);
        if pass.as_ref().is_some_and(|it| Arc::ptr_eq(&it.view, &old.view)) {
            *pass = Some(new);
        }
    }

    fn set(&self, new: Option<Put>) {
        let mut pass = self.pass.lock().unwrap_or_else(PoisonError::into_inner);
        let old = std::mem::replace(&mut *pass, new);
        drop(pass);
        // A large pass takes a while to be freed, and nobody waits for that.
        drop(old);
    }
}
