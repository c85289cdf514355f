//! Load balancers that AWS takes long to make. In an incident of a region none becomes active for hours: to replace them
//! would use up quota and names, and the new ones would wait as well.

use std::collections::BTreeSet;

use albatross_contract::{Inventory, LoadBalancer, LoadBalancerState, TAG_REPLACES};

use super::owned::{Owned, PROVISIONING_TIMEOUT};
use crate::identity::tag_value;

/// Seconds that a load balancer may take before it says something about the region: usually it takes two to three minutes.
const SLOW: u64 = 5 * 60;

/// Seconds between load balancers that were made in one go.
const IN_ONE_GO: u64 = 60;

/// What the load balancers of everybody say about the region.
pub struct Provisioning {
    /// Whether several load balancers take long, so that the cause is not one of them.
    is_common: bool,
    /// When the youngest load balancer that became active was made.
    youngest_active: u64,
}

impl Provisioning {
    /// Looks at all load balancers of the region.
    pub fn new(inventory: &Inventory, time: u64) -> Self {
        let takes_long = |found: &&LoadBalancer| {
            found.state == LoadBalancerState::Provisioning
                && time >= found.created_at.saturating_add(SLOW)
                // A second attempt at the same load balancer says nothing new.
                && tag_value(&found.tags, TAG_REPLACES).is_none()
        };
        let is_active = |found: &&LoadBalancer| {
            matches!(found.state, LoadBalancerState::Active | LoadBalancerState::ActiveImpaired)
        };
        let active = inventory.load_balancers.iter().filter(is_active);
        Provisioning {
            is_common: inventory.load_balancers.iter().filter(takes_long).nth(1).is_some(),
            youngest_active: active.map(|found| found.created_at).max().unwrap_or_default(),
        }
    }

    /// Marks the load balancers that wait with others: those that nothing replaces yet, and that no load balancer has
    /// overtaken which was made later.
    pub fn mark<'a>(&self, owned: &mut [Owned<'a>], time: u64) {
        let replaced: BTreeSet<&'a str> = owned.iter().filter_map(Owned::replaces).collect();
        for one in owned.iter_mut().filter(|one| !replaced.contains(one.id)) {
            one.waits_with_others = one.load_balancer.is_some_and(|found| {
                self.is_common
                    && found.state == LoadBalancerState::Provisioning
                    && time >= found.created_at.saturating_add(PROVISIONING_TIMEOUT)
                    && self.youngest_active <= found.created_at.saturating_add(IN_ONE_GO)
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use albatross_contract::LoadBalancerState::{Active, Provisioning};
    use albatross_contract::{LoadBalancerState, TAG_REPLACES};

    use super::PROVISIONING_TIMEOUT;
    use crate::testing::{NOW, World};

    /// Load balancers of ours with their state and their age; whether `one` is given up.
    fn gives_up(others: &[(&str, LoadBalancerState, u64)]) -> bool {
        let mut world = World::new().load_balancer("one", &[]).which(|found| {
            (found.state, found.created_at) = (Provisioning, NOW - PROVISIONING_TIMEOUT);
        });
        for (id, state, age) in others {
            world = world
                .load_balancer(id, &[])
                .which(|found| (found.state, found.created_at) = (*state, NOW - age));
        }
        world.read().owned("one").is_given_up(NOW)
    }

    #[test]
    fn a_load_balancer_that_waits_alone_is_given_up() {
        assert!(gives_up(&[]));
        assert!(gives_up(&[("two", Active, PROVISIONING_TIMEOUT)]));
        assert!(gives_up(&[("two", Provisioning, 60)]), "a minute is nothing unusual");
    }

    #[test]
    fn none_is_given_up_while_several_wait_and_none_becomes_active() {
        assert!(!gives_up(&[("two", Provisioning, PROVISIONING_TIMEOUT)]));
        assert!(!gives_up(&[("two", Provisioning, 400)]));
        assert!(!gives_up(&[("two", Provisioning, 400), ("old", Active, 86_400)]));
        // Made in one go, and the first to recover.
        let recovers = ("two", Active, PROVISIONING_TIMEOUT - 30);
        assert!(!gives_up(&[("three", Provisioning, PROVISIONING_TIMEOUT), recovers]));
    }

    #[test]
    fn a_load_balancer_that_a_later_one_has_overtaken_is_given_up() {
        assert!(gives_up(&[("two", Provisioning, PROVISIONING_TIMEOUT), ("three", Active, 300)]));
    }

    #[test]
    fn a_load_balancer_and_the_one_that_replaces_it_are_not_several() {
        let stuck = |world: World| {
            world.which(|found| (found.state, found.created_at) = (Provisioning, NOW - PROVISIONING_TIMEOUT))
        };
        let world = stuck(World::new().load_balancer("one", &[]));
        let world = stuck(world.load_balancer("two", &[]).tagged(TAG_REPLACES, "one"));
        let scene = world.read();
        assert!(scene.owned("one").is_given_up(NOW));
        assert!(scene.owned("two").is_broken(NOW));
    }
}
