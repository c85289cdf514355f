//! The permit to write: this replica leads, and the program is not shutting down.

use std::time::Duration;

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

impl albatross_aws::Permit for WritePermit {
    fn may_write_for(&self, longest: Duration) -> bool {
        self.allows(longest)
    }
}
