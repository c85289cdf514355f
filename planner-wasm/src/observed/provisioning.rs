//! Load balancers that take long to provision. In a regional incident, no load balancer becomes active for hours: replacing
//! them would use up quota and names, and the replacements would wait as well.

use std::collections::BTreeSet;

use albatross_contract::{Inventory, LoadBalancer, LoadBalancerState, TAG_REPLACES};

use super::owned::{Owned, PROVISIONING_TIMEOUT};
use crate::identity::tag_value;

/// Seconds after which a provisioning load balancer counts as slow. Usually provisioning takes two to three minutes.
const SLOW: u64 = 5 * 60;

/// Maximum difference in seconds between the creation times of load balancers that were created together.
const IN_ONE_GO: u64 = 60;

/// The state of provisioning in the region, as all its load balancers show it.
pub struct Provisioning {
    /// Whether several load balancers are slow, so that the cause is not a single load balancer.
    is_common: bool,
    /// When the youngest active load balancer was created.
    youngest_active: u64,
}

impl Provisioning {
    /// Looks at all load balancers of the region.
    pub fn new(inventory: &Inventory, time: u64) -> Self {
        let takes_long = |found: &&LoadBalancer| {
            found.state == LoadBalancerState::Provisioning
                && time >= found.created_at.saturating_add(SLOW)
                // A replacement of the same load balancer is not further evidence.
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

    /// Marks the load balancers that wait with others: those that are not replaced yet, and for which no load balancer that
    /// was created later is active.
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
        // Created together, and the first to become active.
        let recovers = ("two", Active, PROVISIONING_TIMEOUT - 30);
        assert!(!gives_up(&[("three", Provisioning, PROVISIONING_TIMEOUT), recovers]));
    }

    #[test]
    fn a_load_balancer_that_a_later_one_has_overtaken_is_given_up() {
        assert!(gives_up(&[("two", Provisioning, PROVISIONING_TIMEOUT), ("three", Active, 300)]));
    }

    #[test]
    fn a_load_balancer_and_its_replacement_count_as_one() {
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
