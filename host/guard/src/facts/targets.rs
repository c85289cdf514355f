//! Targets.

use albatross_contract::TargetHealth;

/// Whether a target runs: an Application Load Balancer sends requests to unhealthy ones too when no other is left.
pub(crate) const fn is_running(health: TargetHealth) -> bool {
    matches!(health, TargetHealth::Healthy | TargetHealth::Initial | TargetHealth::Unhealthy)
}
