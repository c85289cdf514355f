//! Terms: what all members of one load balancer must agree on.
//!
//! | term | AWS can change it | who comes may bring it to a load balancer that nobody needs | tag |
//! |---|---|---|---|
//! | scheme | no | no | |
//! | mode | it is ours to say | no: requests would lose their way meanwhile | `albatross/mode` |
//! | who has it alone | it is ours to say | yes | `albatross/ingress` |
//! | key: of a grouping policy, in route mode the name of the group | it is ours to say | yes | `albatross/group` |

use albatross_contract::{LoadBalancer, Mode, Scheme, TAG_GROUP, TAG_INGRESS, TAG_MODE, Tag};

use crate::{
    identity::{tag, tag_value},
    source::ObjectName,
};

/// The terms of a load balancer, or of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Terms<'a> {
    /// Who can reach it.
    pub scheme: Scheme,
    /// How its requests are led to backends.
    pub mode: Mode,
    /// Who has it alone. `None`: it is shared.
    pub alone: Option<ObjectName<'a>>,
    /// The key of a grouping policy, or in route mode the name of the group.
    pub key: Option<&'a str>,
}

/// One of the terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Term {
    /// Who can reach it.
    Scheme,
    /// How its requests are led to backends.
    Mode,
    /// Who has it alone.
    Alone,
    /// The key of a grouping policy, or the name of the group.
    Key,
}

impl Term {
    /// Whether a load balancer that nobody needs takes the term on from who comes. What AWS cannot change it does not.
    pub fn may_be_brought(self) -> bool {
        match self {
            Term::Scheme | Term::Mode => false,
            Term::Alone | Term::Key => true,
        }
    }
}

/// The tags that hold terms.
pub const TAGS: [&str; 3] = [TAG_INGRESS, TAG_GROUP, TAG_MODE];

/// The value of the tag that says route mode.
const ROUTE: &str = "route";

impl<'a> Terms<'a> {
    /// The terms of a load balancer of ours, as AWS and its tags have them.
    pub fn of(load_balancer: &'a LoadBalancer) -> Self {
        Terms {
            scheme: load_balancer.scheme,
            mode: match tag_value(&load_balancer.tags, TAG_MODE) {
                Some(ROUTE) => Mode::Route,
                _ => Mode::Proxy,
            },
            alone: tag_value(&load_balancer.tags, TAG_INGRESS).and_then(ObjectName::of_tag),
            key: tag_value(&load_balancer.tags, TAG_GROUP),
        }
    }

    /// The first term in which two differ.
    pub fn difference(&self, other: &Terms<'_>) -> Option<Term> {
        self.differences(other).next()
    }

    /// All terms in which two differ.
    pub fn differences(&self, other: &Terms<'_>) -> impl Iterator<Item = Term> + use<> {
        let all = [
            (self.scheme != other.scheme, Term::Scheme),
            (self.mode != other.mode, Term::Mode),
            (self.alone != other.alone, Term::Alone),
            (self.key != other.key, Term::Key),
        ];
        all.into_iter().filter(|(differs, _)| *differs).map(|(_, term)| term)
    }

    /// The tags that say them, beyond what AWS says itself.
    pub fn tags(&self) -> Vec<Tag> {
        let alone = self.alone.map(|object| tag(TAG_INGRESS, &object.to_string()));
        let mode = (self.mode == Mode::Route).then(|| tag(TAG_MODE, ROUTE));
        alone.into_iter().chain(self.key.map(|key| tag(TAG_GROUP, key))).chain(mode).collect()
    }
}

#[cfg(test)]
mod tests {
    use albatross_contract::ObjectKind;

    use super::*;

    const SHARED: Terms<'_> = Terms { scheme: Scheme::Internal, mode: Mode::Proxy, alone: None, key: None };
    const SHOP: ObjectName<'_> =
        ObjectName { namespace: "shop", name: "checkout", kind: ObjectKind::Ingress };

    #[test]
    fn the_first_difference_is_the_one_that_weighs_most() {
        let own = Terms { alone: Some(SHOP), key: Some("red"), ..SHARED };
        let public = Terms { scheme: Scheme::InternetFacing, ..own };
        assert_eq!(SHARED.difference(&SHARED), None);
        assert_eq!(SHARED.difference(&own), Some(Term::Alone));
        assert_eq!(SHARED.difference(&public), Some(Term::Scheme));
        assert_eq!(SHARED.differences(&public).count(), 3);
    }

    #[test]
    fn who_comes_brings_only_what_aws_can_change() {
        let all = [Term::Scheme, Term::Mode, Term::Alone, Term::Key];
        assert_eq!(all.map(Term::may_be_brought), [false, false, true, true]);
    }

    #[test]
    fn the_terms_of_a_load_balancer_are_read_from_its_tags() {
        let mut found = crate::testing::load_balancer("one");
        let public = Terms { scheme: Scheme::InternetFacing, ..SHARED };
        assert_eq!(Terms::of(&found), public);
        found.tags.push(tag(TAG_MODE, "route"));
        assert_eq!(Terms::of(&found), Terms { mode: Mode::Route, ..public });
        found.tags.pop();
        found.tags.extend(Terms { alone: Some(SHOP), key: Some("red"), ..SHARED }.tags());
        assert_eq!(Terms::of(&found), Terms { alone: Some(SHOP), key: Some("red"), ..public });
        found.tags = vec![tag(TAG_INGRESS, "no-namespace")];
        assert_eq!(Terms::of(&found), public);
    }

    #[test]
    fn tags_say_what_aws_does_not() {
        let own = Terms { alone: Some(SHOP), key: Some("red"), ..SHARED };
        assert_eq!(own.tags(), [tag(TAG_INGRESS, "shop/checkout"), tag(TAG_GROUP, "red")]);
        assert_eq!(SHARED.tags(), []);
        assert_eq!(Terms { mode: Mode::Route, ..SHARED }.tags(), [tag(TAG_MODE, "route")]);
    }
}
