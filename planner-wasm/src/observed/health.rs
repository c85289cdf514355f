//! How healthy the targets of a target group are.

use albatross_contract::{TargetGroup, TargetHealth};

/// Targets of a target group, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// Those that AWS checks: neither those that are draining, nor those that no load balancer can send requests to (they are
    /// stopped, or in a zone that is not enabled).
    pub checked: usize,
    /// Those that AWS sends requests to.
    pub healthy: usize,
}

impl Health {
    /// Counts.
    pub fn of(group: &TargetGroup) -> Self {
        let mut counted = Health::default();
        for target in &group.targets {
            counted.checked +=
                usize::from(!matches!(target.health, TargetHealth::Draining | TargetHealth::Unused));
            counted.healthy += usize::from(target.health == TargetHealth::Healthy);
        }
        counted
    }

    /// Whether the target group can take over: AWS checks some of its targets, and at least half of these are healthy.
    pub fn can_take_over(self) -> bool {
        self.healthy > 0 && self.healthy * 2 >= self.checked
    }
}

#[cfg(test)]
mod tests {
    use super::Health;
    use crate::testing::{target, target_group};

    #[test]
    fn half_of_the_targets_are_enough_and_none_never_is() {
        for (checked, healthy, expected) in
            [(0, 0, false), (1, 0, false), (1, 1, true), (2, 1, true), (3, 1, false), (4, 2, true)]
        {
            assert_eq!(Health { checked, healthy }.can_take_over(), expected, "{healthy} of {checked}");
        }
    }
    #[test]
    fn targets_that_aws_does_not_check_hold_nothing_up() {
        let mut group = target_group("one");
        group.targets = ["healthy", "unused", "unused", "draining"]
            .iter()
            .enumerate()
            .map(|(number, health)| target(&format!("i-{number}"), health))
            .collect();
        assert_eq!(Health::of(&group), Health { checked: 1, healthy: 1 });
        assert!(Health::of(&group).can_take_over());
        group.targets.remove(0);
        assert!(!Health::of(&group).can_take_over(), "nobody knows whether they would serve");
    }
}
