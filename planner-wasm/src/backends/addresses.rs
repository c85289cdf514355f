//! The addresses of a VPC.

use std::net::IpAddr;

use albatross_contract::Inventory;

use crate::cidr::Block;

/// The addresses of a VPC. AWS refuses a call that registers another address without a zone.
pub struct VpcAddresses(Vec<Block>);

impl VpcAddresses {
    /// Reads the blocks of the VPC.
    pub fn new(inventory: &Inventory) -> Self {
        let blocks = inventory.vpc.cidr_blocks.iter().chain(&inventory.vpc.ipv6_cidr_blocks);
        VpcAddresses(blocks.filter_map(|text| Block::read(text)).collect())
    }

    /// Whether the VPC has an address. It has every address if its blocks are not known.
    pub fn hold(&self, address: &str) -> bool {
        let is_in = |address: IpAddr| self.0.iter().any(|block| block.holds(address));
        self.0.is_empty() || address.parse().is_ok_and(is_in)
    }
}
