//! Addresses and blocks of addresses. What lies in a block before lies in it afterwards, and the order stays.
//!
//! Of the bits after the beginning that says what kind of address it is, only those stay in which addresses of the recording
//! differ: all others become 0.

use std::{
    collections::BTreeSet,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use super::trie::Trie;

/// An address, or a block of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Address {
    is_ipv6: bool,
    /// The bits, the first one in front.
    bits: u128,
    /// How many bits are given.
    length: u32,
    spelling: Spelling,
}

/// How it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Spelling {
    /// `10.0.0.1`
    Address,
    /// `10.0.0.0/8`: this many bits.
    Block(u32),
    /// `10-0-0-1`, as in the names of nodes, or with another character between the numbers.
    Joined(char),
}

impl Address {
    /// Reads an address or a block.
    pub fn read(text: &str) -> Option<Address> {
        match text.split_once('/') {
            None => Address::new(text.parse().ok()?, Spelling::Address),
            Some((address, length)) => {
                let length = length.parse().ok().filter(|_| length.bytes().all(|it| it.is_ascii_digit()))?;
                Address::new(address.parse().ok()?, Spelling::Block(length))
            }
        }
    }

    /// An address of four bytes, with this character between them. `length`: it is a block of so many bits.
    pub fn of_bytes(bytes: [u8; 4], between: char, length: Option<u32>) -> Option<Address> {
        let spelling = match (length, between) {
            (Some(length), _) => Spelling::Block(length),
            (None, '.') => Spelling::Address,
            (None, other) => Spelling::Joined(other),
        };
        Address::new(Ipv4Addr::from(bytes).into(), spelling)
    }

    fn new(address: IpAddr, spelling: Spelling) -> Option<Address> {
        let (is_ipv6, bits, all) = match address {
            IpAddr::V4(address) => (false, u128::from(address.to_bits()) << 96, 32),
            IpAddr::V6(address) => (true, address.to_bits(), 128),
        };
        let length = match spelling {
            Spelling::Block(length) if length > all => return None,
            // A block may be written with any of its addresses.
            Spelling::Block(length) if bits.checked_shl(length).unwrap_or_default() == 0 => length,
            _ => all,
        };
        Some(Address { is_ipv6, bits, length, spelling })
    }

    fn bits(self) -> impl Iterator<Item = u32> {
        (0..self.length).map(move |at| u32::from(self.bits << at >> 127 == 1))
    }

    /// How many bits say what kind of address it is: private, of a carrier, multicast, and so on.
    fn kind_bits(self) -> u32 {
        let begins = |beginning: [u8; 2], bits: u32| {
            self.bits >> (128 - bits) == u128::from(u16::from_be_bytes(beginning)) << 112 >> (128 - bits)
        };
        match self.is_ipv6 {
            true => 16,
            false if begins([172, 16], 12) => 12,
            false if begins([192, 168], 16) || begins([169, 254], 16) => 16,
            false if begins([100, 64], 10) => 10,
            false => 8,
        }
    }

    fn with_bits(self, bits: u128) -> String {
        let address = if self.is_ipv6 {
            IpAddr::from(Ipv6Addr::from_bits(bits))
        } else {
            Ipv4Addr::from_bits(u32::try_from(bits >> 96).unwrap_or_default()).into()
        };
        match self.spelling {
            Spelling::Address => address.to_string(),
            Spelling::Block(length) => format!("{address}/{length}"),
            Spelling::Joined(between) => address.to_string().replace('.', &between.to_string()),
        }
    }
}

/// The addresses of a recording.
#[derive(Clone, Debug, Default)]
pub(super) struct Addresses {
    ipv4: Trie,
    ipv6: Trie,
}

impl Addresses {
    pub fn new(addresses: &BTreeSet<Address>) -> Addresses {
        let mut all = Addresses::default();
        for address in addresses {
            let trie = if address.is_ipv6 { &mut all.ipv6 } else { &mut all.ipv4 };
            trie.insert(address.bits());
        }
        all
    }

    /// What takes the place of an address. `None`: it was not collected.
    pub fn pseudonym(&self, address: Address) -> Option<String> {
        let trie = if address.is_ipv6 { &self.ipv6 } else { &self.ipv4 };
        let choices = trie.choices(address.bits());
        if choices.len() != address.bits().count() {
            return None;
        }
        let kind = address.kind_bits();
        let bits = (0_u32..).zip(address.bits()).zip(choices).fold(0, |bits, ((at, bit), choice)| {
            let is_set = if at < kind { bit == 1 } else { choice.number == 1 };
            bits | u128::from(is_set) << (127 - at)
        });
        Some(address.with_bits(bits))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pseudonyms(texts: &[&str]) -> Vec<String> {
        let all: Vec<Address> = texts
            .iter()
            .map(|text| {
                Address::read(text).or_else(|| Address::of_bytes([10, 20, 31, 7], '-', None)).unwrap()
            })
            .collect();
        let addresses = Addresses::new(&all.iter().copied().collect());
        all.into_iter().map(|address| addresses.pseudonym(address).unwrap()).collect()
    }

    #[test]
    fn blocks_hold_the_addresses_that_they_held_and_the_order_stays() {
        let given =
            ["10.20.0.0/16", "10.20.31.0/24", "10.20.32.0/24", "10.20.31.7", "10.20.32.9", "10-20-31-7"];
        let expected = ["10.0.0.0/16", "10.0.0.0/24", "10.0.32.0/24", "10.0.0.0", "10.0.32.0", "10-0-0-0"];
        assert_eq!(pseudonyms(&given), expected);
    }

    #[test]
    fn everything_stays_everything_and_private_stays_private() {
        let given = ["0.0.0.0/0", "::/0", "172.31.9.9", "192.168.7.7", "203.0.113.77/32", "2001:db8:77::5"];
        let expected = ["0.0.0.0/0", "::/0", "172.16.0.0", "192.168.0.0", "203.0.0.0/32", "2001::"];
        assert_eq!(pseudonyms(&given), expected);
    }

    #[test]
    fn a_block_may_be_written_with_any_of_its_addresses() {
        assert_eq!(pseudonyms(&["10.1.2.3/8", "10.1.2.4"]), ["10.0.0.0/8", "10.0.0.4"]);
    }

    #[test]
    fn what_is_no_address_is_none() {
        for text in ["", "10.0.0", "10.0.0.0/33", "10.0.0.0/+8", "::/129", "10.0.0.0/", "pl-1", "1-2-3"] {
            assert_eq!(Address::read(text), None, "{text}");
        }
    }
}
