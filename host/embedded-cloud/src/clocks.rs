//! Times of targets that the inventory does not have: since when they are checked, and until when they drain.

use std::collections::BTreeMap;

/// The clocks, by the ARN of the target group.
pub(crate) type TargetClocks = BTreeMap<String, GroupClocks>;

/// The clocks of one target group, by the id and the port of the target.
pub(crate) type GroupClocks = BTreeMap<(String, Option<u16>), TargetClock>;

/// The clock of one target.
#[derive(Clone, Debug, Default)]
pub(crate) struct TargetClock {
    /// When the checks began that decide its health. Absent: its health is that of the inventory.
    pub(crate) checked_since: Option<u64>,
    /// Whether the target was failing its checks at the last update.
    pub(crate) failing: bool,
    /// When its last connections end. Absent: the target is not draining.
    pub(crate) drained_at: Option<u64>,
}
