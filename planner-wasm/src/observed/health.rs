//! How healthy the targets of a target group are.

use albatross_contract::{TargetGroup, TargetHealth};

/// Targets of a target group, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// All but those that are draining.
    pub registered: usize,
    /// Those that AWS sends requests to.
    pub healthy: usize,
}

impl Health {
    /// Counts.
    pub fn of(group: &TargetGroup) -> Self {
        let mut counted = Health::default();
        for target in &group.targets {
            counted.registered += usize::from(target.health != TargetHealth::Draining);
            counted.healthy += usize::from(target.health == TargetHealth::Healthy);
        }
        counted
    }

    /// Whether the target group can take over: it has targets, and at least half of them are healthy.
    pub fn can_take_over(self) -> bool {
        self.healthy > 0 && self.healthy * 2 >= self.registered
    }
}

#[cfg(test)]
mod tests {
    use super::Health;

    #[test]
    fn half_of_the_targets_are_enough_and_none_never_is() {
        for (registered, healthy, expected) in
            [(0, 0, false), (1, 0, false), (1, 1, true), (2, 1, true), (3, 1, false), (4, 2, true)]
        {
            assert_eq!(Health { registered, healthy }.can_take_over(), expected, "{healthy} of {registered}");
        }
    }
}
