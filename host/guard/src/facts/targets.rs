//! Targets.

use albatross_contract::TargetHealth;

/// Whether a target is running: an Application Load Balancer sends requests to unhealthy targets too if all are unhealthy.
pub(crate) const fn is_running(health: TargetHealth) -> bool {
    matches!(health, TargetHealth::Healthy | TargetHealth::Initial | TargetHealth::Unhealthy)
}
