//! CIDR blocks.

use std::net::IpAddr;

/// Whether an address is in a CIDR block. `None`: the block is invalid.
pub(crate) fn holds(block: &str, address: IpAddr) -> Option<bool> {
    let (network, length) = block.split_once('/')?;
    let (network, length): (IpAddr, u32) = (network.parse().ok()?, length.parse().ok()?);
    let (network, address, bits) = match (network, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) => {
            (u128::from(network.to_bits()), u128::from(address.to_bits()), 32_u32)
        }
        (IpAddr::V6(network), IpAddr::V6(address)) => (network.to_bits(), address.to_bits(), 128),
        _ => return Some(false),
    };
    let shift = bits.checked_sub(length)?;
    Some(network.checked_shr(shift).unwrap_or_default() == address.checked_shr(shift).unwrap_or_default())
}
