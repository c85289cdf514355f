//! The rules of the election, from the view of one candidate. No I/O and no clock: times come from outside.
//!
//! Why two candidates never hold the Lease at the same time, as in client-go (`tools/leaderelection`):
//!
//! - Every write names the `resourceVersion` that it replaces, so of two writes to one version the API server accepts one.
//! - The holder counts its time from before it sent the write that the API server accepted. Another candidate counts
//!   from when it saw that write, which is later, and takes over only if it has seen no further write for the whole
//!   duration. So the holder's time ends first. Only durations are compared, never the clocks of two machines; the times in
//!   the Lease are for people.
//! - Clocks may run at slightly different speeds, which [`Timing::margin`] allows for. The monotonic clock of a machine may
//!   stop while the machine is suspended, so the system's clock must agree that the time is not over.
//!
//! A Lease cannot prevent that AWS carries out a request after its sender gave up on it. Before each attempt the holder
//! checks that its time lasts longer than the attempt's time limit, so this is limited to requests in flight.

use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime},
};

use k8s_openapi::{
    api::coordination::v1::{Lease, LeaseSpec},
    apimachinery::pkg::apis::meta::v1::{MicroTime, ObjectMeta},
    jiff,
};
use tokio::time::Instant;

/// The durations of the election.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// How long the Lease lasts after a renewal: how long the others wait when the holder dies. Whole seconds.
    pub duration: Duration,
    /// The pause between renewals, and between the checks of the other candidates. Also the time limit of one request.
    pub retry: Duration,
}

impl Default for Timing {
    /// 30 s and 5 s. A load balancer takes minutes to become active, so 30 s without a leader do no harm, and they leave
    /// 20 s for an attempt even when the last renewal was 5 s ago.
    fn default() -> Self {
        Timing { duration: Duration::from_secs(30), retry: Duration::from_secs(5) }
    }
}

impl Timing {
    /// The margin by which the holder ends early, a tenth: clocks whose speeds differ by more are broken.
    fn margin(&self) -> Duration {
        self.duration / 10
    }
}

/// A moment on both clocks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    pub(crate) monotonic: Instant,
    pub(crate) system: SystemTime,
}

impl Moment {
    pub(crate) fn now() -> Moment {
        Moment { monotonic: Instant::now(), system: SystemTime::now() }
    }

    /// The time since this moment, by the clock that shows more.
    fn elapsed(self, now: Moment) -> Duration {
        let system = now.system.duration_since(self.system).unwrap_or_default();
        now.monotonic.saturating_duration_since(self.monotonic).max(system)
    }
}

/// What a candidate should do.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    /// Create the Lease.
    Create(Box<Lease>),
    /// Replace the Lease, which names its `resourceVersion`.
    Replace(Box<Lease>),
    /// Nothing: somebody else holds it.
    Wait,
}

/// One candidate's view of the Lease.
pub(crate) struct Ballot {
    identity: String,
    timing: Timing,
    /// The Lease as it was seen last, and since when it has not changed.
    seen: Option<(Lease, Instant)>,
    /// When we sent the write by which we hold the Lease.
    held_since: Option<Moment>,
    /// How often we have acquired the Lease.
    term: u64,
    /// Annotations that the Lease is to have: what the next leader must know.
    notes: BTreeMap<String, String>,
}

impl Ballot {
    pub(crate) fn new(identity: String, timing: Timing) -> Ballot {
        Ballot { identity, timing, seen: None, held_since: None, term: 0, notes: BTreeMap::new() }
    }

    /// Notes the Lease that the API server has. `now` is after its answer arrived. A Lease that was deleted is remembered:
    /// its holder may not know yet.
    pub(crate) fn observe(&mut self, lease: Option<Lease>, now: Instant) {
        let Some(lease) = lease else { return self.forget_version() };
        let version = &lease.metadata.resource_version;
        if self.seen.as_ref().is_none_or(|(seen, _)| seen.metadata.resource_version != *version) {
            self.seen = Some((lease, now));
        }
    }

    /// Notes the API server's answer to our own write, sent at `sent`.
    pub(crate) fn wrote(&mut self, lease: Lease, sent: Moment) {
        // A new term begins: another replica may have written since our last term.
        if self.remaining(sent).is_zero() {
            self.term += 1;
            // Another replica may have noted something else since our last term.
            self.notes.clear();
        }
        self.held_since = (holder(&lease) == Some(&self.identity)).then_some(sent);
        self.seen = Some((lease, sent.monotonic));
    }

    /// Writes an annotation of the Lease with the next renewal.
    pub(crate) fn note(&mut self, key: &str, value: &str) {
        self.notes.insert(key.to_owned(), value.to_owned());
    }

    /// An annotation of the Lease as it was seen last.
    pub(crate) fn noted(&self, key: &str) -> Option<&String> {
        let (lease, _) = self.seen.as_ref()?;
        lease.metadata.annotations.as_ref()?.get(key)
    }

    /// How long we still hold the Lease. Zero: we do not hold it.
    pub(crate) fn remaining(&self, now: Moment) -> Duration {
        let Some(since) = self.held_since else { return Duration::ZERO };
        if self.holder() != Some(&self.identity) {
            return Duration::ZERO;
        }
        (self.timing.duration - self.timing.margin()).saturating_sub(since.elapsed(now))
    }

    /// The number of our current term, else of our last one.
    pub(crate) fn term(&self) -> u64 {
        self.term
    }

    /// The holder of the Lease, as far as is known.
    pub(crate) fn holder(&self) -> Option<&String> {
        self.seen.as_ref().and_then(|(lease, _)| holder(lease))
    }

    /// Whether the Lease that was seen last is ours, so that it can be renewed without reading it.
    pub(crate) fn is_ours(&self) -> bool {
        self.holder() == Some(&self.identity)
            && self.seen.as_ref().is_some_and(|(lease, _)| lease.metadata.resource_version.is_some())
    }

    /// What to do now.
    pub(crate) fn step(&self, now: Instant, time: jiff::Timestamp) -> Step {
        let Some((seen, since)) = &self.seen else { return Step::Create(Box::new(self.claim(None, time))) };
        let is_free = match holder(seen) {
            None => true,
            Some(holder) if *holder == self.identity => true,
            Some(_) => now.saturating_duration_since(*since) >= self.duration_of(seen),
        };
        match (is_free, &seen.metadata.resource_version) {
            (false, _) => Step::Wait,
            (true, Some(_)) => Step::Replace(Box::new(self.claim(Some(seen), time))),
            // Somebody deleted it: what was noted in it is still true.
            (true, None) => Step::Create(Box::new(self.claim(Some(&without_version(seen)), time))),
        }
    }

    /// The Lease without a holder, so that the next holder need not wait. Absent: the Lease is not ours.
    pub(crate) fn release(&self, time: jiff::Timestamp) -> Option<Lease> {
        let (seen, _) = self.seen.as_ref().filter(|_| self.is_ours())?;
        let mut lease = self.claim(Some(seen), time);
        if let Some(spec) = &mut lease.spec {
            spec.holder_identity = None;
        }
        Some(lease)
    }

    /// From now on we do not hold the Lease, even if it names us.
    pub(crate) fn let_go(&mut self) {
        self.held_since = None;
    }

    fn forget_version(&mut self) {
        if let Some((lease, _)) = &mut self.seen {
            lease.metadata.resource_version = None;
        }
    }

    /// The Lease with us as its holder, and with our notes of this term. Its other metadata is kept.
    fn claim(&self, before: Option<&Lease>, time: jiff::Timestamp) -> Lease {
        let spec = before.and_then(|lease| lease.spec.clone()).unwrap_or_default();
        let stays = spec.holder_identity.as_ref() == Some(&self.identity);
        let transitions = spec.lease_transitions.unwrap_or_default();
        let mut metadata = before.map_or_else(ObjectMeta::default, |lease| lease.metadata.clone());
        if stays && !self.notes.is_empty() {
            metadata.annotations.get_or_insert_default().extend(self.notes.clone());
        }
        Lease {
            metadata,
            spec: Some(LeaseSpec {
                acquire_time: spec.acquire_time.filter(|_| stays).or(Some(MicroTime(time))),
                holder_identity: Some(self.identity.clone()),
                lease_duration_seconds: i32::try_from(self.timing.duration.as_secs()).ok(),
                lease_transitions: Some(if stays { transitions } else { transitions.saturating_add(1) }),
                renew_time: Some(MicroTime(time)),
                ..spec
            }),
        }
    }

    /// The duration that the holder wrote into the Lease, else our own.
    fn duration_of(&self, lease: &Lease) -> Duration {
        let seconds = lease.spec.as_ref().and_then(|spec| spec.lease_duration_seconds);
        let seconds = seconds.and_then(|seconds| u64::try_from(seconds).ok()).filter(|seconds| *seconds > 0);
        seconds.map_or(self.timing.duration, Duration::from_secs)
    }
}

/// A Lease that was deleted, as it can be created again.
fn without_version(lease: &Lease) -> Lease {
    let annotations = lease.metadata.annotations.clone();
    Lease { metadata: ObjectMeta { annotations, ..ObjectMeta::default() }, spec: lease.spec.clone() }
}

/// The holder of a Lease. Absent: nobody. client-go releases a Lease by an empty name.
fn holder(lease: &Lease) -> Option<&String> {
    lease.spec.as_ref()?.holder_identity.as_ref().filter(|holder| !holder.is_empty())
}

#[cfg(test)]
mod tests;
