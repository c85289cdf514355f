//! CIDR blocks: the addresses from a first to a last one.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

/// A CIDR block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Block {
    is_ipv6: bool,
    first: u128,
    last: u128,
}

impl Block {
    /// Reads `10.0.0.0/8` or `2001:db8::/32`. `None`: it is no CIDR block.
    pub fn read(text: &str) -> Option<Block> {
        let (network, length) = text.split_once('/')?;
        let (is_ipv6, network) = number(network.parse().ok()?);
        let bits: u32 = if is_ipv6 { 128 } else { 32 };
        let hosts = bits.checked_sub(length.parse().ok()?)?;
        let size = 1_u128.checked_shl(hosts).map_or(u128::MAX, |size| size - 1);
        Some(Block { is_ipv6, first: network & !size, last: network | size })
    }

    /// Whether it holds an address.
    pub fn holds(&self, address: IpAddr) -> bool {
        let (is_ipv6, address) = number(address);
        is_ipv6 == self.is_ipv6 && (self.first..=self.last).contains(&address)
    }

    /// Whether its addresses are of IPv6.
    pub fn is_ipv6(&self) -> bool {
        self.is_ipv6
    }

    /// Whether it holds all addresses of another block.
    pub fn contains(&self, other: &Block) -> bool {
        self.is_ipv6 == other.is_ipv6 && self.first <= other.first && other.last <= self.last
    }

    /// Whether all its addresses are in some blocks, which are in order.
    pub fn is_within(&self, blocks: &[Block]) -> bool {
        let mut next = self.first;
        for block in blocks.iter().filter(|block| block.is_ipv6 == self.is_ipv6) {
            if block.first <= next && next <= block.last {
                if block.last >= self.last {
                    return true;
                }
                next = block.last + 1;
            }
        }
        false
    }

    /// Whether some address is in both blocks.
    pub fn overlaps(&self, other: &Block) -> bool {
        self.is_ipv6 == other.is_ipv6 && self.first <= other.last && other.first <= self.last
    }
}

/// As EC2 stores it: the first address of the block, which for IPv6 is in the short form.
impl fmt::Display for Block {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hosts = (self.first ^ self.last).count_ones();
        if self.is_ipv6 {
            return write!(formatter, "{}/{}", Ipv6Addr::from_bits(self.first), 128 - hosts);
        }
        let first = u32::try_from(self.first).unwrap_or_default();
        write!(formatter, "{}/{}", Ipv4Addr::from_bits(first), 32 - hosts)
    }
}

/// Whether an address is of IPv6, and its number.
fn number(address: IpAddr) -> (bool, u128) {
    match address {
        IpAddr::V4(address) => (false, address.to_bits().into()),
        IpAddr::V6(address) => (true, address.to_bits()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(text: &str) -> Block {
        Block::read(text).unwrap()
    }

    #[test]
    fn a_block_holds_the_addresses_that_begin_like_it() {
        for (text, address, expected) in [
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.0.0.0/8", "11.0.0.0", false),
            ("10.1.2.3/8", "10.0.0.1", true),
            ("10.1.2.3/32", "10.1.2.3", true),
            ("10.1.2.3/32", "10.1.2.4", false),
            ("0.0.0.0/0", "255.255.255.255", true),
            ("0.0.0.0/0", "::1", false),
            ("::/0", "ffff::1", true),
            ("2001:db8::/32", "2001:db9::1", false),
        ] {
            assert_eq!(block(text).holds(address.parse().unwrap()), expected, "{text} {address}");
        }
    }

    #[test]
    fn blocks_overlap_where_one_is_a_part_of_the_other() {
        assert!(block("10.0.0.0/8").overlaps(&block("10.2.0.0/16")));
        assert!(block("10.2.0.0/16").overlaps(&block("10.0.0.0/8")));
        assert!(!block("10.1.0.0/16").overlaps(&block("10.2.0.0/16")));
        assert!(!block("0.0.0.0/0").overlaps(&block("::/0")), "they are of two families");
    }

    #[test]
    fn the_addresses_of_a_block_may_be_in_several_blocks_together() {
        let within = |text: &str, blocks: &[&str]| {
            let mut blocks: Vec<Block> = blocks.iter().map(|text| block(text)).collect();
            blocks.sort();
            block(text).is_within(&blocks)
        };
        assert!(within("10.0.0.0/8", &["10.0.0.0/8"]));
        assert!(within("10.2.0.0/16", &["9.0.0.0/8", "10.0.0.0/8"]));
        assert!(within("10.0.0.0/8", &["10.128.0.0/9", "10.0.0.0/9"]));
        assert!(within("0.0.0.0/0", &["10.1.0.0/16", "128.0.0.0/1", "0.0.0.0/1"]));
        assert!(!within("10.0.0.0/8", &["10.0.0.0/9", "10.129.0.0/16"]));
        assert!(!within("10.0.0.0/8", &["::/0"]));
        assert!(!within("10.0.0.0/8", &[]));
    }

    #[test]
    fn a_block_is_spelled_as_ec2_stores_it() {
        for (text, stored) in [
            ("10.1.2.3/8", "10.0.0.0/8"),
            ("0.0.0.0/0", "0.0.0.0/0"),
            ("10.1.2.3/32", "10.1.2.3/32"),
            ("::/0", "::/0"),
            ("2001:DB8:0:0:0:0:0:1/32", "2001:db8::/32"),
            ("2001:db8::1/128", "2001:db8::1/128"),
        ] {
            assert_eq!(block(text).to_string(), stored, "{text}");
        }
    }

    #[test]
    fn what_is_no_block_is_none() {
        for text in ["", "10.0.0.0", "10.0.0.0/33", "::/129", "10.0.0/8", "10.0.0.0/-1", "pl-1"] {
            assert_eq!(Block::read(text), None, "{text}");
        }
    }
}
