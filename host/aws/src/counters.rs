//! How many calls were made, for metrics.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
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

type Key = (&'static str, Service, Option<ErrorClass>);

/// Counts of all attempts so far.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    counts: Mutex<BTreeMap<Key, u64>>,
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
}
