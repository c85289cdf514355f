//! What a pass has written to the cluster.

use albatross_cluster::{GateReport, StatusReport};

/// The results of all writes.
#[derive(Debug, Default)]
pub struct Written {
    /// Statuses.
    pub statuses: StatusReport,
    /// Conditions of Pods with our readiness gate.
    pub gates: GateReport,
}

impl Written {
    /// Whether anything could not be written, or was not tried.
    pub fn lacks_something(&self) -> bool {
        let Written { statuses, gates } = self;
        !statuses.failed.is_empty() || !gates.failed.is_empty() || statuses.left + gates.left > 0
    }
}
