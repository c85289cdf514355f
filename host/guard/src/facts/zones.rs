//! In which zones targets are.

use std::net::IpAddr;

use albatross_contract::{Inventory, Target};

/// The zone of a target: that of the instance with its id, or of the subnet that has its address. `None`: not known.
pub(crate) fn zone_of<'a>(target: &Target, inventory: &'a Inventory) -> Option<&'a str> {
    let instance =
        inventory.instances.iter().find(|node| node.id == target.id).map(|node| node.zone.as_str());
    instance.or_else(|| {
        let address: IpAddr = target.id.parse().ok()?;
        let has = |block: &str| holds(block, address).unwrap_or_default();
        let subnet = inventory.subnets.iter().find(|subnet| {
            subnet.cidr_block.iter().chain(&subnet.ipv6_cidr_blocks).any(|block| has(block))
        })?;
        Some(subnet.zone.as_str())
    })
}

/// Whether a CIDR block holds an address. `None`: it is no CIDR block.
fn holds(block: &str, address: IpAddr) -> Option<bool> {
    let (network, length) = block.split_once('/')?;
    let (network, bits): (IpAddr, u32) = (network.parse().ok()?, length.parse().ok()?);
    let (network, address, width) = match (network, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) => {
            (u128::from(u32::from(network)), u128::from(u32::from(address)), 32_u32)
        }
        (IpAddr::V6(network), IpAddr::V6(address)) => (u128::from(network), u128::from(address), 128),
        _ => return Some(false),
    };
    let hosts = width.checked_sub(bits)?;
    // A shift by all bits is an overflow: then every address is in the block.
    Some((network ^ address).checked_shr(hosts).unwrap_or_default() == 0)
}

#[cfg(test)]
mod tests {
    use super::holds;

    #[test]
    fn a_block_holds_the_addresses_that_begin_like_it() {
        let is_in = |block, address: &str| holds(block, address.parse().unwrap_or([0, 0, 0, 0].into()));
        assert_eq!(is_in("10.0.1.0/24", "10.0.1.7"), Some(true));
        assert_eq!(is_in("10.0.1.0/24", "10.0.2.7"), Some(false));
        assert_eq!(is_in("0.0.0.0/0", "10.0.2.7"), Some(true));
        assert_eq!(is_in("2001:db8::/32", "2001:db8::7"), Some(true));
        assert_eq!(is_in("2001:db8::/32", "10.0.2.7"), Some(false));
        assert_eq!(is_in("10.0.1.0/33", "10.0.1.7"), None);
        assert_eq!(is_in("10.0.1.0", "10.0.1.7"), None);
    }
}
