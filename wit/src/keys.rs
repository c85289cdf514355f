//! Keys of groups, which grouping policies give.

use std::collections::{BTreeMap, BTreeSet};

use crate::{ANNOTATION_ALB_PREFIX, Tag};

/// The longest key of a group, in characters: half of the longest value of a tag.
pub const GROUP_KEY_LENGTH: usize = 128;

/// What the name of a group in route mode begins with if a grouping policy gave the key. The name of a group in annotations has
/// no slash, so no Ingress can join a group of a policy by naming it.
const GROUP_OF_A_POLICY: &str = "policy/";

/// The digits of the hash in the name of a group of a policy.
const HASH_DIGITS: usize = 8;

/// The name of the group in route mode to which a policy gave a key. `asked`: the hash of what its members ask of their load
/// balancer, of eight hexadecimal digits; only members that ask for the same share a load balancer. `None`: they ask for
/// nothing.
pub fn group_of_a_policy(key: &str, asked: Option<&str>) -> String {
    // Otherwise the end of the key could be read as a hash.
    let nothing = "0".repeat(HASH_DIGITS);
    let asked = asked.or_else(|| without_hash(key).map(|_| nothing.as_str()));
    match asked {
        Some(asked) => format!("{GROUP_OF_A_POLICY}{key}@{asked}"),
        None => format!("{GROUP_OF_A_POLICY}{key}"),
    }
}

/// The annotations in route mode that ask for properties of the whole load balancer, without their prefix: who reaches it, its
/// network, its attributes, whether it redirects. Tags are not among them, since those of all Ingresses are merged.
const ASK_OF_LOAD_BALANCER: [&str; 10] = [
    "inbound-cidrs",
    "ip-address-type",
    "load-balancer-attributes",
    "manage-backend-security-group-rules",
    "security-group-prefix-lists",
    "security-groups",
    "ssl-policy",
    "ssl-redirect",
    "subnets",
    "wafv2-acl-arn",
];

/// What the name of such an annotation begins with if it has the protocol and port of a listener.
const ASK_OF_LISTENER: &str = "listener-attributes.";

/// What annotations ask of a load balancer as a whole, by their keys: what the hash in [`group_of_a_policy`] is made of. The hash
/// is in the tags of load balancers, so another form of it would move Ingresses; an annotation that is added concerns only those
/// that have it.
pub fn asked_of_load_balancer(annotations: &[Tag]) -> BTreeMap<&str, String> {
    let asks = |tag: &&Tag| {
        let name = tag.key.strip_prefix(ANNOTATION_ALB_PREFIX);
        name.is_some_and(|name| ASK_OF_LOAD_BALANCER.contains(&name) || name.starts_with(ASK_OF_LISTENER))
    };
    annotations.iter().filter(asks).map(|tag| (tag.key.as_str(), list_in_order(&tag.value))).collect()
}

/// A list in order, each item once: whoever writes it in another order asks for the same.
pub fn list_in_order(value: &str) -> String {
    let items: BTreeSet<&str> = value.split(',').map(str::trim).collect();
    items.into_iter().collect::<Vec<_>>().join(",")
}

/// The key that a policy gave to a group in route mode, from the name of the group. `None`: annotations name the group.
pub fn key_of_a_policy(name: &str) -> Option<&str> {
    let key = name.strip_prefix(GROUP_OF_A_POLICY)?;
    Some(without_hash(key).unwrap_or(key))
}

/// A text without the hash at its end. `None`: it has none.
fn without_hash(text: &str) -> Option<&str> {
    let (rest, hash) = text.rsplit_once('@')?;
    let is_hash =
        hash.len() == HASH_DIGITS && hash.chars().all(|digit| matches!(digit, '0'..='9' | 'a'..='f'));
    is_hash.then_some(rest)
}

/// The tag `albatross/group` of a load balancer in route mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RouteGroupTag<'a> {
    /// The name of the group: as annotations name it, or for a grouping policy `policy/` and its key.
    pub name: &'a str,
    /// Which load balancer of the group it is, from 1.
    pub part: u32,
}

impl<'a> RouteGroupTag<'a> {
    /// Reads the value of the tag: `shop`, `shop/2` for the second load balancer of a group that is split, and for a grouping policy
    /// `policy/KEY/1`, so that the end of a key is never read as a part.
    pub fn read(value: &'a str) -> Self {
        let with_part = value.rsplit_once('/').and_then(|(name, part)| {
            let part: u32 = part.parse().ok()?;
            let is_name =
                if name.starts_with(GROUP_OF_A_POLICY) { part > 0 } else { part > 1 && !name.contains('/') };
            is_name.then_some(RouteGroupTag { name, part })
        });
        with_part.unwrap_or(RouteGroupTag { name: value, part: 1 })
    }

    /// The value of the tag.
    pub fn write(self) -> String {
        match self.part {
            1 if !self.is_of_a_policy() => self.name.to_owned(),
            part => format!("{}/{part}", self.name),
        }
    }

    /// Whether a grouping policy gave the key.
    pub fn is_of_a_policy(self) -> bool {
        self.name.starts_with(GROUP_OF_A_POLICY)
    }
}

/// Why a text cannot be the key of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnfitKey {
    /// It has no or too many characters: this many.
    Length(usize),
    /// It cannot be the value of an AWS tag.
    Characters,
}

/// What the key of a group may be, in words.
pub const GROUP_KEY_RULE: &str =
    "1 to 128 ASCII letters, digits, inner spaces and _ . : / = + - @, and not aws: at its beginning";

/// Why a text cannot be the key of a group. `None`: it can.
///
/// The key is the value of the tag `albatross/group`. Elastic Load Balancing accepts `[\p{L}\p{Z}\p{N}_.:/=+\-@]*` (its API
/// reference, `Tag`, with notes on `aws:` and on spaces at either end); of the letters and digits, those of ASCII are enough for
/// names of Kubernetes and DNS.
pub fn unfit_group_key(key: &str) -> Option<UnfitKey> {
    let length = key.chars().count();
    if length == 0 || length > GROUP_KEY_LENGTH {
        return Some(UnfitKey::Length(length));
    }
    let is_fit = |c: char| c.is_ascii_alphanumeric() || " _.:/=+-@".contains(c);
    let is_reserved = key.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("aws:"));
    (is_reserved || key.trim() != key || !key.chars().all(is_fit)).then_some(UnfitKey::Characters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_of_a_policy_is_read_from_the_name_of_its_group() {
        for (key, asked, name) in [
            ("shop", None, "policy/shop"),
            ("shop", Some("3fa9c2d1"), "policy/shop@3fa9c2d1"),
            ("a@3fa9c2d1", None, "policy/a@3fa9c2d1@00000000"),
            ("a@b", None, "policy/a@b"),
        ] {
            assert_eq!(group_of_a_policy(key, asked), name);
            assert_eq!(key_of_a_policy(name), Some(key));
        }
        assert_eq!(key_of_a_policy("shop"), None);
    }

    #[test]
    fn the_tag_of_a_group_says_who_named_it_and_which_of_its_load_balancers_it_is() {
        for (value, name, part, is_of_a_policy) in [
            ("shop", "shop", 1, false),
            ("shop/2", "shop", 2, false),
            ("policy", "policy", 1, false),
            ("policy/2", "policy", 2, false),
            ("policy/2/1", "policy/2", 1, true),
            ("policy/team/2/1", "policy/team/2", 1, true),
            ("policy/team/2", "policy/team", 2, true),
        ] {
            let tag = RouteGroupTag::read(value);
            assert_eq!((tag.name, tag.part, tag.is_of_a_policy()), (name, part, is_of_a_policy), "{value}");
            assert_eq!(tag.write(), value);
        }
        for value in ["shop/1", "shop/0", "a/b/2", "policy/x"] {
            assert_eq!(
                RouteGroupTag::read(value),
                RouteGroupTag { name: value, part: 1 },
                "nobody writes {value}"
            );
        }
    }
}
