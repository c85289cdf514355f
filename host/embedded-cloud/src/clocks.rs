//! What the inventory does not say of targets: since when they are checked, and until when they drain.

use std::collections::BTreeMap;

/// By the ARN of the target group.
pub(crate) type TargetClocks = BTreeMap<String, GroupClocks>;

/// By the id and the port of a target.
pub(crate) type GroupClocks = BTreeMap<(String, Option<u16>), TargetClock>;

/// Of one target.
#[derive(Clone, Debug, Default)]
pub(crate) struct TargetClock {
    /// When the checks began that decide its health. Absent: its health is what the inventory said.
    pub(crate) checked_since: Option<u64>,
    /// Whether it failed its checks when it was looked at last.
    pub(crate) failing: bool,
    /// When its last connections end. Absent: it does not drain.
    pub(crate) drained_at: Option<u64>,
}
