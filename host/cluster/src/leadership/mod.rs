//! Leader election: a Lease ensures that only one replica writes at a time.
//!
//! `kube-lease-manager` does not suffice: it says only whether we lead, but before each attempt we must know for how long.
//! It also compares the times in the Lease with the local clock.

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
    sync::{Notify, oneshot, watch},
    task::JoinSet,
    time::{Instant, sleep, timeout},
};

use crate::ClusterError;
use ballot::{Ballot, Moment, Step};

pub use ballot::Timing;

/// How often a note is looked for that should be written soon.
const NOTED: Duration = Duration::from_millis(20);

/// A candidate and its Lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The namespace of the Lease: the controller's own.
    pub namespace: String,
    /// The name of the Lease: the same for all replicas.
    pub lease: String,
    /// Our identity, which no other process may ever have: see [`identity`].
    pub identity: String,
}

/// An identity that no other process has: the name of the machine (in a cluster, of the Pod) and a random number, since a
/// Pod keeps its name when its container restarts.
pub fn identity(machine: &str) -> String {
    // The standard library keys this hasher randomly for each process.
    let number = RandomState::new().hash_one(machine);
    let machine: String = machine.chars().take(63).collect();
    format!("{machine}_{number:016x}")
}

/// Whether we lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// We hold the Lease.
    Leading,
    /// We do not hold the Lease.
    Following {
        /// The holder, as far as is known.
        holder: Option<String>,
    },
}

/// Takes part in the election until it is dropped. Dropping does not release the Lease ([`Leadership::release`] does): the
/// other candidates then wait until the Lease has expired, as after a crash.
pub struct Leadership {
    permit: Permit,
    standing: watch::Receiver<Standing>,
    // Dropped before `stop`: otherwise the task would take the end of `stop` as an order to release the Lease.
    tasks: Mutex<JoinSet<()>>,
    stop: Mutex<Option<oneshot::Sender<()>>>,
    /// Asks for a renewal now.
    renew: Arc<Notify>,
    /// How long a note is waited for.
    longest_note: Duration,
}

/// The permit to write in one term, to be checked before each attempt. It is not valid in a later term, before which a
/// replica must read what others wrote meanwhile.
#[derive(Clone)]
pub struct Permit {
    ballot: Arc<Mutex<Ballot>>,
    term: u64,
}

impl Permit {
    /// Whether an attempt that takes `longest` would end before the Lease expires.
    pub fn may_write_for(&self, longest: Duration) -> bool {
        let ballot = self.ballot();
        ballot.term() == self.term && ballot.remaining(Moment::now()) > longest
    }

    /// Whether another term has begun.
    pub fn is_of_the_past(&self) -> bool {
        self.ballot().term() != self.term
    }

    /// The permit of the current term.
    pub fn of_this_term(&self) -> Permit {
        Permit { ballot: Arc::clone(&self.ballot), term: self.ballot().term() }
    }

    fn ballot(&self) -> MutexGuard<'_, Ballot> {
        self.ballot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Leadership {
    /// Begins to take part in the election. An API server that is away or refuses is not an error: this is logged, and
    /// requests are retried.
    pub fn start(client: &Client, candidate: Candidate, timing: Timing) -> Leadership {
        let ballot = Arc::new(Mutex::new(Ballot::new(candidate.identity.clone(), timing)));
        let permit = Permit { ballot, term: 0 };
        let (sender, standing) = watch::channel(Standing::Following { holder: None });
        let (stop, stopped) = oneshot::channel();
        let renew = Arc::new(Notify::new());
        let election = Election {
            leases: Api::namespaced(client.clone(), &candidate.namespace),
            candidate,
            timing,
            permit: permit.clone(),
            standing: sender,
            renew: Arc::clone(&renew),
        };
        let mut tasks = JoinSet::new();
        tasks.spawn(election.run(stopped));
        let (tasks, stop) = (Mutex::new(tasks), Mutex::new(Some(stop)));
        Leadership { permit, standing, tasks, stop, renew, longest_note: timing.retry * 3 }
    }

    /// The permit to write in the current term. It ends by itself.
    pub fn permit(&self) -> Permit {
        self.permit.of_this_term()
    }

    /// Whether we lead, and a notification when that changes. A new leader must read again what the last leader wrote.
    pub fn standing(&self) -> watch::Receiver<Standing> {
        self.standing.clone()
    }

    /// Writes an annotation of the Lease, for whoever leads next. Returns whether the API server has it: while it cannot be
    /// reached, this is tried for some renewals.
    pub async fn note(&self, key: &str, value: &str) -> bool {
        let is_noted = || self.permit.ballot().noted(key).is_some_and(|noted| noted == value);
        if is_noted() {
            return true;
        }
        self.permit.ballot().note(key, value);
        self.renew.notify_one();
        let noted = async {
            while !is_noted() {
                sleep(NOTED).await;
            }
        };
        timeout(self.longest_note, noted).await.is_ok()
    }

    /// An annotation of the Lease of a candidate that does not take part yet.
    ///
    /// # Errors
    /// The Lease cannot be read.
    pub async fn noted_before(
        client: &Client,
        candidate: &Candidate,
        key: &str,
    ) -> Result<Option<String>, ClusterError> {
        let doing = || format!("read the Lease {}/{}", candidate.namespace, candidate.lease);
        let leases: Api<Lease> = Api::namespaced(client.clone(), &candidate.namespace);
        let patience = Timing::default().retry;
        let lease = match timeout(patience, leases.get_opt(&candidate.lease)).await {
            Ok(answer) => answer.map_err(|error| ClusterError::request(doing(), error))?,
            Err(_) => return Err(ClusterError::TimedOut { doing: doing(), seconds: patience.as_secs() }),
        };
        Ok(lease.and_then(|lease| lease.metadata.annotations?.remove(key)))
    }

    /// An annotation of the Lease as it was seen last.
    pub fn noted(&self, key: &str) -> Option<String> {
        self.permit.ballot().noted(key).cloned()
    }

    /// Releases the Lease, so that another replica takes over at once. The permit to write ends before the Lease is
    /// released; the caller must have finished all writes. If the API server does not answer, the release is retried until
    /// the Lease expires.
    pub async fn release(&self) {
        let stop = self.stop.lock().unwrap_or_else(PoisonError::into_inner).take();
        let mut tasks = std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        if let Some(stop) = stop {
            // An error means that the task has ended already.
            let _ = stop.send(());
        }
        while tasks.join_next().await.is_some() {}
    }
}

/// The task that takes part in the election.
struct Election {
    leases: Api<Lease>,
    candidate: Candidate,
    timing: Timing,
    permit: Permit,
    standing: watch::Sender<Standing>,
    renew: Arc<Notify>,
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
            // If our time ends before the next round, subscribers must learn it at once.
            let ends = self.permit.ballot().remaining(Moment::now());
            let ends = if ends.is_zero() { pause } else { ends };
            tokio::select! {
                () = sleep(pause.min(ends)) => self.publish_standing(),
                () = self.renew.notified() => {}
                _ = &mut stopped => break,
            }
        }
        let left = self.permit.ballot().remaining(Moment::now());
        self.permit.ballot().let_go();
        self.publish_standing();
        // A Lease that has expired is free already, so the program need not wait any longer.
        if timeout(left.max(self.timing.retry), self.give_up(&mut problem)).await.is_err() {
            tracing::warn!("the Lease could not be released; it expires by itself");
        }
    }

    /// One check and one attempt.
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
            // Another candidate was faster, or the answer to our last write was lost: read the Lease again.
            Err(ClusterError::Conflict { .. } | ClusterError::NotFound { .. }) => self.look().await,
            Err(error) => Err(error),
        }
    }

    async fn look(&self) -> Result<(), ClusterError> {
        let lease = self.limited("read", self.leases.get_opt(&self.candidate.lease)).await?;
        self.permit.ballot().observe(lease, Instant::now());
        Ok(())
    }

    /// Tries until the Lease is no longer ours.
    async fn give_up(&self, problem: &mut Option<String>) {
        loop {
            let begun = Instant::now();
            let lease = self.permit.ballot().release(jiff::Timestamp::now());
            let Some(lease) = lease else { return };
            let result = match self.replace(&lease).await {
                Ok(_) => return,
                // Another candidate has it, or the answer to our last write was lost: read the Lease again.
                Err(ClusterError::Conflict { .. } | ClusterError::NotFound { .. }) => self.look().await,
                Err(error) => Err(error),
            };
            report(result, problem);
            sleep(self.pause_after(begun)).await;
        }
    }

    /// The pause after an attempt: the time that the attempt took counts as a part of it, but there is a minimum, to spare
    /// an API server in trouble.
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

/// Logs a problem with the Lease when it appears, changes and is over, not at every attempt.
fn report(result: Result<(), ClusterError>, problem: &mut Option<String>) {
    let now = result.err().map(|error| error.to_string());
    match (&now, &problem) {
        (Some(error), before) if before.as_ref() != Some(error) => {
            tracing::warn!(error, "the Lease cannot be read or written; retrying");
        }
        (None, Some(_)) => tracing::info!("the Lease can be read and written again"),
        _ => {}
    }
    *problem = now;
}
