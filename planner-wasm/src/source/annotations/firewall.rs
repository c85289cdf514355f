//! The clients that may reach the load balancer of an object in route mode, and whether its targets admit the load balancer.

use std::fmt;

use super::values::Reader;
use crate::{cidr::Block, words};

/// CIDR blocks of the clients.
pub const INBOUND_CIDRS: &str = "alb.ingress.kubernetes.io/inbound-cidrs";
/// Prefix lists of the clients.
pub const PREFIX_LISTS: &str = "alb.ingress.kubernetes.io/security-group-prefix-lists";
/// Whether the targets admit a load balancer whose security groups are named.
pub const OPEN_TARGETS: &str = "alb.ingress.kubernetes.io/manage-backend-security-group-rules";

/// The annotations of this family.
pub const KNOWN: &[&str] = &[INBOUND_CIDRS, PREFIX_LISTS, OPEN_TARGETS];

/// What an object asks of security groups.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FirewallWishes<'a> {
    /// The clients that it admits. `None`: all clients.
    pub clients: Option<Clients<'a>>,
    /// Whether its targets admit a load balancer whose security groups are named. `None`: they do not.
    pub open_targets: Option<bool>,
}

/// The clients of a load balancer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clients<'a> {
    /// CIDR blocks, in order and each once.
    pub blocks: Vec<Block>,
    /// Ids of prefix lists, in order and each once.
    pub prefix_lists: Vec<&'a str>,
}

impl<'a> Clients<'a> {
    /// Whether all other clients are among these. The addresses of a prefix list are not known.
    pub fn admit_all_of(&self, other: &Clients<'_>) -> bool {
        other.blocks.iter().all(|block| block.is_within(&self.blocks))
            && other.prefix_lists.iter().all(|list| self.prefix_lists.contains(list))
    }

    /// Those of these clients that are also among others.
    pub fn among(&self, others: &Clients<'_>) -> Clients<'a> {
        let blocks = self.blocks.iter().filter(|block| block.is_within(&others.blocks));
        let lists = self.prefix_lists.iter().filter(|list| others.prefix_lists.contains(list));
        Clients { blocks: blocks.copied().collect(), prefix_lists: lists.copied().collect() }
    }

    /// The annotation that names them: the one for CIDR blocks, if there are any.
    pub fn annotation(&self) -> &'static str {
        if self.blocks.is_empty() { PREFIX_LISTS } else { INBOUND_CIDRS }
    }
}

impl fmt::Display for Clients<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let blocks: Vec<String> = self.blocks.iter().map(Block::to_string).collect();
        let all = blocks.iter().map(String::as_str).chain(self.prefix_lists.iter().copied());
        formatter.write_str(&words::list(all))
    }
}

/// The clients that annotations admit, and whether annotations open the targets.
pub fn wishes<'a>(reader: &mut Reader<'a>) -> FirewallWishes<'a> {
    let expected = "CIDR blocks such as 10.0.0.0/8 or 2001:db8::/32, separated by commas";
    let blocks = reader.parse(INBOUND_CIDRS, expected, |text| list(text, Block::read));
    let expected = "ids of prefix lists such as pl-0123456789abcdef0, separated by commas";
    let prefix_lists = reader.parse(PREFIX_LISTS, expected, |text| list(text, prefix_list));
    let clients = (blocks.is_some() || prefix_lists.is_some()).then(|| Clients {
        blocks: blocks.unwrap_or_default(),
        prefix_lists: prefix_lists.unwrap_or_default(),
    });
    let open_targets = reader.flag(OPEN_TARGETS);
    FirewallWishes { clients, open_targets }
}

/// The items of a list, in order and each once. `None`: there is no item, or one of them cannot be read.
fn list<'a, T: Ord>(text: &'a str, read: impl Fn(&'a str) -> Option<T>) -> Option<Vec<T>> {
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    let mut items: Vec<T> = items.map(read).collect::<Option<_>>()?;
    items.sort();
    items.dedup();
    (!items.is_empty()).then_some(items)
}

fn prefix_list(text: &str) -> Option<&str> {
    let digits = text.strip_prefix("pl-")?;
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    (!digits.is_empty() && digits.bytes().all(is_digit)).then_some(text)
}

#[cfg(test)]
mod tests {
    use albatross_contract::Tag;

    use super::{Clients, INBOUND_CIDRS, OPEN_TARGETS, PREFIX_LISTS, wishes};
    use crate::{cidr::Block, identity::tag, source::annotations::values::Reader};

    #[test]
    fn blocks_and_prefix_lists_are_read_in_order_and_each_once() {
        let annotations = [
            tag(INBOUND_CIDRS, "2001:db8::/32, 10.1.2.3/8,10.0.0.0/8,"),
            tag(PREFIX_LISTS, "pl-2, pl-1"),
            tag(OPEN_TARGETS, "true"),
        ];
        let mut reader = Reader::new(&annotations);
        let wishes = wishes(&mut reader);
        let blocks = ["10.0.0.0/8", "2001:db8::/32"].map(|text| Block::read(text).unwrap());
        let clients = Clients { blocks: blocks.to_vec(), prefix_lists: vec!["pl-1", "pl-2"] };
        assert_eq!((wishes.clients, wishes.open_targets), (Some(clients), Some(true)));
        assert!(reader.unreadable.is_empty());
    }

    #[test]
    fn clients_are_compared_by_the_addresses_that_they_have() {
        let clients = |blocks: &[&str], lists: &[&'static str]| Clients {
            blocks: blocks.iter().map(|text| Block::read(text).unwrap()).collect(),
            prefix_lists: lists.to_vec(),
        };
        let office = clients(&["10.0.0.0/8"], &["pl-1"]);
        assert!(office.admit_all_of(&clients(&["10.1.0.0/16", "10.2.0.0/16"], &[])));
        assert!(!office.admit_all_of(&clients(&["0.0.0.0/0"], &[])));
        assert!(!office.admit_all_of(&clients(&["10.1.0.0/16"], &["pl-2"])));
        let everyone = clients(&["0.0.0.0/0", "10.1.0.0/16"], &["pl-1", "pl-2"]);
        assert_eq!(everyone.among(&office), clients(&["10.1.0.0/16"], &["pl-1"]));
        assert_eq!(office.to_string(), "10.0.0.0/8, pl-1");
    }

    #[test]
    fn without_annotations_nothing_is_asked() {
        assert_eq!(wishes(&mut Reader::new(&[])), super::FirewallWishes::default());
    }

    #[test]
    fn an_invalid_value_is_reported_and_admits_no_client() {
        let unreadable = |annotation: Tag| {
            let annotations = [annotation];
            let mut reader = Reader::new(&annotations);
            assert_eq!(wishes(&mut reader), super::FirewallWishes::default(), "{annotations:?}");
            reader.unreadable.len()
        };
        for value in ["", ",", "10.0.0.0", "10.0.0.0/33", "10.0.0.0/8, office", "pl-1", "::/129"] {
            assert_eq!(unreadable(tag(INBOUND_CIDRS, value)), 1, "{value}");
        }
        for value in ["", "10.0.0.0/8", "pl-", "pl-xyz", "sg-1"] {
            assert_eq!(unreadable(tag(PREFIX_LISTS, value)), 1, "{value}");
        }
        for value in ["", "yes", "TrUe"] {
            assert_eq!(unreadable(tag(OPEN_TARGETS, value)), 1, "{value}");
        }
    }
}
