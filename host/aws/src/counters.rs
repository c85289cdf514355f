//! How many calls were made, and how long they waited for the rate budget, for metrics.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::{
    calls::{Call, Service},
    error::ErrorClass,
};

/// How an attempt of a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CallOutcome {
    /// AWS did it.
    Ok,
    /// Nobody waited for the answer, for example because a change of the cluster interrupted the reads of a pass. AWS may have received
    /// the call.
    Dropped,
    /// Why it failed.
    Failed(ErrorClass),
}

impl CallOutcome {
    /// A name in the words of metrics, such as `ok` or `throttled`.
    pub fn as_str(self) -> &'static str {
        match self {
            CallOutcome::Ok => "ok",
            CallOutcome::Dropped => "dropped",
            CallOutcome::Failed(class) => class.as_str(),
        }
    }
}

/// Attempts of one operation with one outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallCount {
    /// The service.
    pub service: Service,
    /// The operation.
    pub operation: &'static str,
    /// How the attempts ended.
    pub outcome: CallOutcome,
    /// The number of attempts.
    pub count: u64,
}

/// How long the calls of one operation waited for the rate budget.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallWait {
    /// The service.
    pub service: Service,
    /// The operation.
    pub operation: &'static str,
    /// The sum of all waits.
    pub waited: Duration,
}

type Key = (&'static str, Service, CallOutcome);

/// Counts of all attempts so far, and their waits.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    counts: Mutex<BTreeMap<Key, u64>>,
    waits: Mutex<BTreeMap<(&'static str, Service), Duration>>,
}

impl Counters {
    /// An attempt begins. It is counted when it ends, or when it is dropped.
    pub(crate) fn begin(&self, call: &'static Call) -> Attempt<'_> {
        Attempt { counters: self, call, outcome: CallOutcome::Dropped }
    }

    /// The counts, sorted by operation.
    pub(crate) fn read(&self) -> Vec<CallCount> {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts
            .iter()
            .map(|(&(operation, service, outcome), &count)| CallCount { service, operation, outcome, count })
            .collect()
    }

    /// A call has waited that long for the rate budget.
    pub(crate) fn waited(&self, call: &'static Call, turn: Duration) {
        if !turn.is_zero() {
            let mut waits = self.waits.lock().unwrap_or_else(PoisonError::into_inner);
            *waits.entry((call.operation, call.service)).or_default() += turn;
        }
    }

    /// The waits, sorted by operation. Operations that never waited are left out.
    pub(crate) fn waits(&self) -> Vec<CallWait> {
        let waits = self.waits.lock().unwrap_or_else(PoisonError::into_inner);
        waits.iter().map(|(&(operation, service), &waited)| CallWait { service, operation, waited }).collect()
    }
}

/// An attempt of a call in progress. Unless it ends, it counts as dropped.
#[must_use]
pub(crate) struct Attempt<'a> {
    counters: &'a Counters,
    call: &'static Call,
    outcome: CallOutcome,
}

impl Attempt<'_> {
    pub(crate) fn end(mut self, outcome: CallOutcome) {
        self.outcome = outcome;
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        let mut counts = self.counters.counts.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry((self.call.operation, self.call.service, self.outcome)).or_default() += 1;
    }
}
