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

/// Attempts of one operation with one outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallCount {
    /// The service.
    pub service: Service,
    /// The operation.
    pub operation: &'static str,
    /// Why the attempts failed. Absent: they succeeded.
    pub error: Option<ErrorClass>,
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

type Key = (&'static str, Service, Option<ErrorClass>);

/// Counts of all attempts so far, and their waits.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    counts: Mutex<BTreeMap<Key, u64>>,
    waits: Mutex<BTreeMap<(&'static str, Service), Duration>>,
}

impl Counters {
    pub(crate) fn count(&self, call: &'static Call, error: Option<ErrorClass>) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry((call.operation, call.service, error)).or_default() += 1;
    }

    /// The counts, sorted by operation.
    pub(crate) fn read(&self) -> Vec<CallCount> {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts
            .iter()
            .map(|(&(operation, service, error), &count)| CallCount { service, operation, error, count })
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
