//! The health of the targets of a target group.

use albatross_contract::{TargetGroup, TargetHealth};

/// Counts of the targets of a target group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// Targets that AWS checks: not those that are draining, and not those to which no load balancer can send requests (they
    /// are stopped, or in a zone that is not enabled).
    pub checked: usize,
    /// Healthy targets.
    pub healthy: usize,
}

impl Health {
    /// Counts the targets.
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
    fn half_of_the_checked_targets_must_be_healthy_and_at_least_one() {
        for (checked, healthy, expected) in
            [(0, 0, false), (1, 0, false), (1, 1, true), (2, 1, true), (3, 1, false), (4, 2, true)]
        {
            assert_eq!(Health { checked, healthy }.can_take_over(), expected, "{healthy} of {checked}");
        }
    }
    #[test]
    fn targets_that_aws_does_not_check_do_not_count() {
        let mut group = target_group("one");
        group.targets = ["healthy", "unused", "unused", "draining"]
            .iter()
            .enumerate()
            .map(|(number, health)| target(&format!("i-{number}"), health))
            .collect();
        assert_eq!(Health::of(&group), Health { checked: 1, healthy: 1 });
        assert!(Health::of(&group).can_take_over());
        group.targets.remove(0);
        assert!(!Health::of(&group).can_take_over(), "it is not known whether they would serve");
    }
}
