//! Faults on demand.

use std::collections::{BTreeMap, BTreeSet};

use crate::{AwsError, CRASHED};

/// The faults of a cloud, and when they happen.
///
/// Calls are counted from 1 over the life of a cloud, writes and reads separately
/// ([`EmbeddedCloud::calls`](crate::EmbeddedCloud::calls)). A call has at most one fault: the last one that was set.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    writes: BTreeMap<u64, WriteFault>,
    reads: BTreeMap<u64, AwsError>,
    stale_reads: usize,
    all_targets_unhealthy: bool,
    unhealthy_targets: BTreeSet<String>,
    makes_no_load_balancers: bool,
    unseen: u64,
    crashed: bool,
}

/// The fault of one write.
#[derive(Clone, Debug)]
pub(crate) enum WriteFault {
    /// The write is not executed.
    Fail(AwsError),
    /// The write is executed, but its answer is lost.
    LoseAnswer,
    /// The caller dies before the call.
    CrashBefore,
    /// The caller dies after the call, before its answer.
    CrashAfter,
}

impl Faults {
    /// This write is not executed and returns the error.
    pub fn fail_write(&mut self, call: u64, error: AwsError) {
        self.writes.insert(call, WriteFault::Fail(error));
    }

    /// This read returns the error.
    pub fn fail_read(&mut self, call: u64, error: AwsError) {
        self.reads.insert(call, error);
    }

    /// This write is not executed and returns `Throttling`.
    pub fn throttle_write(&mut self, call: u64) {
        self.fail_write(call, throttling());
    }

    /// This read returns `Throttling`.
    pub fn throttle_read(&mut self, call: u64) {
        self.fail_read(call, throttling());
    }

    /// This write is executed, and the caller gets `RequestTimeout`.
    pub fn lose_answer(&mut self, call: u64) {
        self.writes.insert(call, WriteFault::LoseAnswer);
    }

    /// The controller dies before this write: this and every later call, including reads, returns [`CRASHED`].
    pub fn crash_before(&mut self, call: u64) {
        self.writes.insert(call, WriteFault::CrashBefore);
    }

    /// The controller dies after this write, which is executed: this and every later call, including reads, returns
    /// [`CRASHED`].
    pub fn crash_after(&mut self, call: u64) {
        self.writes.insert(call, WriteFault::CrashAfter);
    }

    /// Every read returns the state before the last `calls` calls (writes and reads); 0 is the present. Past states are kept
    /// from the first call after this one.
    pub fn stale_reads(&mut self, calls: usize) {
        self.stale_reads = calls;
    }

    /// Whether every target that is checked fails its health checks.
    pub fn all_targets_unhealthy(&mut self, unhealthy: bool) {
        self.all_targets_unhealthy = unhealthy;
    }

    /// A target, by instance id or address, fails its health checks in every target group.
    pub fn unhealthy_target(&mut self, id: impl Into<String>) {
        self.unhealthy_targets.insert(id.into());
    }

    /// Undoes [`Faults::unhealthy_target`].
    pub fn healthy_target(&mut self, id: &str) {
        self.unhealthy_targets.remove(id);
    }

    /// Whether every load balancer stays `provisioning`, as in a regional incident.
    pub fn makes_no_load_balancers(&mut self, none: bool) {
        self.makes_no_load_balancers = none;
    }

    /// How many seconds a new target group stays invisible to other calls that name it; 0: it is visible at once.
    pub fn unseen_for(&mut self, seconds: u64) {
        self.unseen = seconds;
    }

    /// Removes all faults; after a crash, the controller starts again.
    pub fn clear(&mut self) {
        *self = Faults::default();
    }

    pub(crate) fn of_write(&self, call: u64) -> Option<&WriteFault> {
        self.writes.get(&call)
    }

    pub(crate) fn of_read(&self, call: u64) -> Option<&AwsError> {
        self.reads.get(&call)
    }

    pub(crate) fn staleness(&self) -> usize {
        self.stale_reads
    }

    pub(crate) fn is_unseen(&self, age: u64) -> bool {
        age < self.unseen
    }

    pub(crate) fn is_regional_incident(&self) -> bool {
        self.makes_no_load_balancers
    }

    pub(crate) fn fails_checks(&self, target: &str) -> bool {
        self.all_targets_unhealthy || self.unhealthy_targets.contains(target)
    }

    /// The controller dies.
    pub(crate) fn crash(&mut self) -> AwsError {
        self.crashed = true;
        crashed()
    }

    /// Whether the controller is dead.
    ///
    /// # Errors
    /// [`CRASHED`], if it is.
    pub(crate) fn alive(&self) -> Result<(), AwsError> {
        if self.crashed { Err(crashed()) } else { Ok(()) }
    }
}

/// API_CommonErrors has `ThrottlingException`; Elastic Load Balancing answers with `Throttling`.
fn throttling() -> AwsError {
    AwsError::new("Throttling", "Rate exceeded")
}

fn crashed() -> AwsError {
    AwsError::new(CRASHED, "the controller has crashed; its calls fail until it is restarted")
}
