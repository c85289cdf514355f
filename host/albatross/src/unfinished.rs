//! Operations that AWS has not finished yet, so that it is worth checking again soon.

use albatross_contract::{Inventory, LoadBalancerState, TAG_ID, TargetHealth};

/// The state of our resources that AWS has not reached yet, in words that go on from "until".
pub fn unfinished(inventory: &Inventory) -> Option<String> {
    let provisioning = inventory.load_balancers.iter().find(|load_balancer| {
        load_balancer.state == LoadBalancerState::Provisioning
            && load_balancer.tags.iter().any(|tag| tag.key == TAG_ID)
    });
    if let Some(load_balancer) = provisioning {
        return Some(format!("load balancer {} is provisioned", load_balancer.name));
    }
    let settling = inventory.target_groups.iter().find(|group| {
        group.tags.iter().any(|tag| tag.key == TAG_ID)
            && group.targets.iter().any(|target| target.health == TargetHealth::Initial)
    });
    settling.map(|group| format!("the targets of {} pass their first health checks", group.name))
}
