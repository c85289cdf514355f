//! The permit to write: this replica leads, and the program is not shutting down.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use tokio_util::sync::CancellationToken;

/// The permit, which is checked before each attempt of a write.
pub struct WritePermit {
    /// The Lease. Absent: there is no cluster, and so no other replica.
    pub lease: Option<albatross_cluster::Permit>,
    /// Ends writing between two attempts.
    pub shutdown: CancellationToken,
}

impl WritePermit {
    /// Whether an attempt that takes `longest` may begin.
    pub fn allows(&self, longest: Duration) -> bool {
        !self.shutdown.is_cancelled() && self.lease.as_ref().is_none_or(|lease| lease.may_write_for(longest))
    }
}

/// The permit to execute a plan, which also ends for another plan.
pub struct PlanPermit<'a> {
    permit: &'a WritePermit,
    is_superseded: AtomicBool,
}

impl<'a> PlanPermit<'a> {
    /// The permit to execute a plan while this replica may write.
    pub fn while_allowed(permit: &'a WritePermit) -> PlanPermit<'a> {
        PlanPermit { permit, is_superseded: AtomicBool::new(false) }
    }

    /// Another plan is to be made.
    pub fn supersede(&self) {
        self.is_superseded.store(true, Ordering::Relaxed);
    }
}

impl albatross_aws::Permit for PlanPermit<'_> {
    fn may_write_for(&self, longest: Duration) -> bool {
        self.permit.allows(longest)
    }

    fn is_superseded(&self) -> bool {
        self.is_superseded.load(Ordering::Relaxed)
    }
}
