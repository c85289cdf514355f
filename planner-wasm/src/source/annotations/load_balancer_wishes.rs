//! Properties of the load balancer as a whole that an object asks for.

use albatross_contract::Inventory;

use super::{attributes, listener_attributes, listeners, network, tags, values::Reader, web_acl};
use crate::source::LoadBalancerWishes;

/// The properties that annotations ask for, except subnets and security groups, which have to be looked up.
pub fn wishes<'a>(reader: &mut Reader<'a>, inventory: &Inventory) -> LoadBalancerWishes<'a> {
    LoadBalancerWishes {
        ip_address_type: network::ip_address_type(reader),
        ssl_policy: listeners::ssl_policy(listeners::SSL_POLICY, reader, inventory),
        attributes: attributes::of_load_balancer(reader),
        listener_attributes: listener_attributes::all(reader),
        tags: tags::of(reader),
        web_acl: web_acl::web_acl(reader, inventory),
        ..LoadBalancerWishes::default()
    }
}
