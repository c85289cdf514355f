//! Faults on demand.

use std::collections::{BTreeMap, BTreeSet};

use crate::{AwsError, CRASHED};

/// What goes wrong, and when.
///
/// Calls are counted from 1 over the life of a cloud, writes and reads apart
/// ([`EmbeddedCloud::calls`](crate::EmbeddedCloud::calls)). One call has one fault: the one that was set last.
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

/// What happens to one write.
#[derive(Clone, Debug)]
pub(crate) enum WriteFault {
    /// Not executed.
    Fail(AwsError),
    /// Executed, but the caller does not learn it.
    LoseAnswer,
    /// The caller dies before the call.
    CrashBefore,
    /// The caller dies after the call, before its answer.
    CrashAfter,
}

impl Faults {
    /// This write is not executed and answers with the error.
    pub fn fail_write(&mut self, call: u64, error: AwsError) {
        self.writes.insert(call, WriteFault::Fail(error));
    }

    /// This read answers with the error.
    pub fn fail_read(&mut self, call: u64, error: AwsError) {
        self.reads.insert(call, error);
    }

    /// This write is not executed: `Throttling`.
    pub fn throttle_write(&mut self, call: u64) {
        self.fail_write(call, throttling());
    }

    /// This read is not answered: `Throttling`.
    pub fn throttle_read(&mut self, call: u64) {
        self.fail_read(call, throttling());
    }

    /// This write is executed, and the caller gets `RequestTimeout`.
    pub fn lose_answer(&mut self, call: u64) {
        self.writes.insert(call, WriteFault::LoseAnswer);
    }

    /// The controller dies before this write: it and every later call, reads too, get [`CRASHED`].
    pub fn crash_before(&mut self, call: u64) {
        self.writes.insert(call, WriteFault::CrashBefore);
    }

    /// The controller dies after this write, which is executed: it and every later call, reads too, get [`CRASHED`].
    pub fn crash_after(&mut self, call: u64) {
        self.writes.insert(call, WriteFault::CrashAfter);
    }

    /// Every read shows the world as it was before the last so many calls, writes and reads; 0 is the present.
    /// The past is kept from the first call after this one.
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

    /// Takes [`Faults::unhealthy_target`] back.
    pub fn healthy_target(&mut self, id: &str) {
        self.unhealthy_targets.remove(id);
    }

    /// Whether every load balancer stays `provisioning`, as in an incident of a region.
    pub fn makes_no_load_balancers(&mut self, none: bool) {
        self.makes_no_load_balancers = none;
    }

    /// For so many seconds a new target group is unknown to every other call that names it; 0 is at once.
    pub fn unseen_for(&mut self, seconds: u64) {
        self.unseen = seconds;
    }

    /// No fault any more; after a crash: the controller starts again.
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
    /// The distinguished error, if it is.
    pub(crate) fn alive(&self) -> Result<(), AwsError> {
        if self.crashed { Err(crashed()) } else { Ok(()) }
    }
}

/// API_CommonErrors has `ThrottlingException`; Elastic Load Balancing answers with `Throttling`.
fn throttling() -> AwsError {
    AwsError::new("Throttling", "Rate exceeded")
}

fn crashed() -> AwsError {
    AwsError::new(CRASHED, "the controller crashed; nothing it does arrives before it is started again")
}
