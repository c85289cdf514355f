//! One writer at a time, by a Lease.
//!
//! Why not `kube-lease-manager`: it answers yes or no, and what we must know before each attempt is for how long. It also
//! compares the times in the Lease with the local clock.

mod ballot;

use std::{
    collections::hash_map::RandomState,
    hash::BuildHasher,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use k8s_openapi::{api::coordination::v1::Lease, jiff};
use kube::{Api, Client, api::PostParams};
use tokio::{
    sync::{oneshot, watch},
    task::JoinSet,
    time::{Instant, sleep, timeout},
};

use crate::ClusterError;
use ballot::{Ballot, Moment, Step};

pub use ballot::Timing;

/// Who stands for election, and for which Lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The namespace of the Lease: the controller's own.
    pub namespace: String,
    /// The name of the Lease: the same for all replicas.
    pub lease: String,
    /// Who we are. No two processes may ever have the same: [`identity`].
    pub identity: String,
}

/// A name that no other process has: that of the machine (in a cluster, of the Pod) and a random number, since a Pod
/// keeps its name when its container starts again.
pub fn identity(machine: &str) -> String {
    // The standard library's hasher is keyed at random for each process.
    let number = RandomState::new().hash_one(machine);
    let machine: String = machine.chars().take(63).collect();
    format!("{machine}_{number:016x}")
}

/// Whether we lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// We hold the Lease.
    Leading,
    /// We do not.
    Following {
        /// Who does, as far as is known.
        holder: Option<String>,
    },
}

/// Stands for election until it is dropped. Dropping does not release the Lease ([`Leadership::release`] does): the
/// others then wait until it has ended, as after a crash.
pub struct Leadership {
    permit: Permit,
    standing: watch::Receiver<Standing>,
    // Dropped before `stop`, whose end would otherwise be an order to give the Lease up.
    tasks: Mutex<JoinSet<()>>,
    stop: Mutex<Option<oneshot::Sender<()>>>,
}

/// The right to write in one term, to be asked before each attempt. It does not come back: who leads again has to look
/// again what others wrote meanwhile.
#[derive(Clone)]
pub struct Permit {
    ballot: Arc<Mutex<Ballot>>,
    term: u64,
}

impl Permit {
    /// Whether an attempt that takes `longest` would end before the Lease does.
    pub fn may_write_for(&self, longest: Duration) -> bool {
        let ballot = self.ballot();
        ballot.term() == self.term && ballot.remaining(Moment::now()) > longest
    }

    /// Whether another term has begun.
    pub fn is_of_the_past(&self) -> bool {
        self.ballot().term() != self.term
    }

    /// The right in the term that is now.
    pub fn of_this_term(&self) -> Permit {
        Permit { ballot: Arc::clone(&self.ballot), term: self.ballot().term() }
    }

    fn ballot(&self) -> MutexGuard<'_, Ballot> {
        self.ballot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Leadership {
    /// Begins to stand for election. An API server that is away or refuses is not an error: it is logged, and tried again.
    pub fn start(client: &Client, candidate: Candidate, timing: Timing) -> Leadership {
        let ballot = Arc::new(Mutex::new(Ballot::new(candidate.identity.clone(), timing)));
        let permit = Permit { ballot, term: 0 };
        let (sender, standing) = watch::channel(Standing::Following { holder: None });
        let (stop, stopped) = oneshot::channel();
        let election = Election {
            leases: Api::namespaced(client.clone(), &candidate.namespace),
            candidate,
            timing,
            permit: permit.clone(),
            standing: sender,
        };
        let mut tasks = JoinSet::new();
        tasks.spawn(election.run(stopped));
        Leadership { permit, standing, tasks: Mutex::new(tasks), stop: Mutex::new(Some(stop)) }
    }

    /// The right to write in the term that is now. It ends by itself.
    pub fn permit(&self) -> Permit {
        self.permit.of_this_term()
    }

    /// Whether we lead, and when that changes. Who begins to lead knows nothing of what the last leader wrote.
    pub fn standing(&self) -> watch::Receiver<Standing> {
        self.standing.clone()
    }

    /// Stands down and gives the Lease up, so that another replica takes over at once. The right to write ends before the
    /// Lease is given up; what is on its way must have ended before this is called. An API server that does not answer
    /// is asked again until the Lease would have ended by itself.
    pub async fn release(&self) {
        let stop = self.stop.lock().unwrap_or_else(PoisonError::into_inner).take();
        let mut tasks = std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        if let Some(stop) = stop {
            // An error says that the task has ended already.
            let _ = stop.send(());
        }
        while tasks.join_next().await.is_some() {}
    }
}

/// The task that stands for election.
struct Election {
    leases: Api<Lease>,
    candidate: Candidate,
    timing: Timing,
    permit: Permit,
    standing: watch::Sender<Standing>,
}

impl Election {
    async fn run(self, mut stopped: oneshot::Receiver<()>) {
        let mut problem = None;
        loop {
            let begun = Instant::now();
            let result = self.round().await;
            self.publish_standing();
            report(result, &mut problem);
            let pause = self.pause_after(begun);
            // When our time ends before the next round, that is said when it happens.
            let ends = self.permit.ballot().remaining(Moment::now());
            let ends = if ends.is_zero() { pause } else { ends };
            tokio::select! {
                () = sleep(pause.min(ends)) => self.publish_standing(),
                _ = &mut stopped => break,
            }
        }
        let left = self.permit.ballot().remaining(Moment::now());
        self.permit.ballot().let_go();
        self.publish_standing();
        // A Lease that has ended is free as it is: the program need not wait any longer to end.
        if timeout(left.max(self.timing.retry), self.give_up(&mut problem)).await.is_err() {
            tracing::warn!("the Lease could not be released; it ends by itself");
        }
    }

    /// One look and one try.
    async fn round(&self) -> Result<(), ClusterError> {
        if !self.permit.ballot().is_ours() {
            self.look().await?;
        }
        let sent = Moment::now();
        let step = self.permit.ballot().step(sent.monotonic, jiff::Timestamp::now());
        let result = match step {
            Step::Wait => return Ok(()),
            Step::Create(mut lease) => {
                lease.metadata.name = Some(self.candidate.lease.clone());
                self.limited("create", self.leases.create(&PostParams::default(), &lease)).await
            }
            Step::Replace(lease) => self.replace(&lease).await,
        };
        match result {
            Ok(lease) => {
                self.permit.ballot().wrote(lease, sent);
                Ok(())
            }
            // Somebody was faster, or the answer to our last write was lost: look again.
            Err(ClusterError::Conflict { .. } | ClusterError::NotFound { .. }) => self.look().await,
            Err(error) => Err(error),
        }
    }

    async fn look(&self) -> Result<(), ClusterError> {
        let lease = self.limited("read", self.leases.get_opt(&self.candidate.lease)).await?;
        self.permit.ballot().observe(lease, Instant::now());
        Ok(())
    }

    /// Tries until the Lease is not ours.
    async fn give_up(&self, problem: &mut Option<String>) {
        loop {
            let begun = Instant::now();
            let lease = self.permit.ballot().release(jiff::Timestamp::now());
            let Some(lease) = lease else { return };
            let result = match self.replace(&lease).await {
                Ok(_) => return,
                // Somebody else has it, or the answer to our last write was lost: look again.
                Err(ClusterError::Conflict { .. } | ClusterError::NotFound { .. }) => self.look().await,
                Err(error) => Err(error),
            };
            report(result, problem);
            sleep(self.pause_after(begun)).await;
        }
    }

    /// The pause after a try. One that waited for an answer has used it up; the floor is for an API server in trouble.
    fn pause_after(&self, begun: Instant) -> Duration {
        self.timing.retry.saturating_sub(begun.elapsed()).max(self.timing.retry / 5)
    }

    async fn replace(&self, lease: &Lease) -> Result<Lease, ClusterError> {
        let name = &self.candidate.lease;
        self.limited("renew", self.leases.replace(name, &PostParams::default(), lease)).await
    }

    async fn limited<T>(
        &self,
        verb: &str,
        request: impl Future<Output = kube::Result<T>>,
    ) -> Result<T, ClusterError> {
        let doing = || format!("{verb} the Lease {}/{}", self.candidate.namespace, self.candidate.lease);
        match timeout(self.timing.retry, request).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(ClusterError::request(doing(), error)),
            Err(_) => Err(ClusterError::TimedOut { doing: doing(), seconds: self.timing.retry.as_secs() }),
        }
    }

    fn publish_standing(&self) {
        let ballot = self.permit.ballot();
        let standing = if ballot.remaining(Moment::now()).is_zero() {
            Standing::Following { holder: ballot.holder().cloned() }
        } else {
            Standing::Leading
        };
        drop(ballot);
        self.standing.send_if_modified(|before| {
            let changed = *before != standing;
            if changed {
                tracing::debug!(lease = self.candidate.lease, ?standing, "leader election");
                *before = standing;
            }
            changed
        });
    }
}

/// Logs a problem with the Lease when it comes, changes and goes, not at every try.
fn report(result: Result<(), ClusterError>, problem: &mut Option<String>) {
    let now = result.err().map(|error| error.to_string());
    match (&now, &problem) {
        (Some(error), before) if before.as_ref() != Some(error) => {
            tracing::warn!(error, "the Lease cannot be read or written; it is tried again");
        }
        (None, Some(_)) => tracing::info!("the Lease can be read and written again"),
        _ => {}
    }
    *problem = now;
}
