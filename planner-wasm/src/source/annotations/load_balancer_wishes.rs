//! Properties of the load balancer as a whole that an object asks for.

use albatross_contract::Inventory;

use super::{attributes, listeners, network, tags, values::Reader};
use crate::source::LoadBalancerWishes;

/// The properties that annotations ask for, except subnets and security groups, which have to be looked up.
pub fn wishes<'a>(reader: &mut Reader<'a>, inventory: &Inventory) -> LoadBalancerWishes<'a> {
    LoadBalancerWishes {
        ip_address_type: network::ip_address_type(reader),
        ssl_policy: listeners::ssl_policy(reader, inventory),
        attributes: attributes::of_load_balancer(reader),
        tags: tags::of(reader),
        ..LoadBalancerWishes::default()
    }
}
