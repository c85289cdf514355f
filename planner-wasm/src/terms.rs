//! Terms: what all members of one load balancer must agree on.
//!
//! | term | can be changed | a vacant load balancer takes it over from a new member | tag |
//! |---|---|---|---|
//! | scheme | no, AWS fixes it at creation | no | |
//! | kind: Application or Network Load Balancer, and whether a Network Load Balancer has security groups | no, AWS fixes it at creation | no | |
//! | mode | yes, only our tag | no, until its listeners are changed requests would go to the wrong backends | `albatross/mode` |
//! | HTTP only, in proxy mode: no HTTPS listener and no certificates | no: who has a certificate keeps it | no | `albatross/http-only` |
//! | exclusive use by one Ingress | yes, only our tag | yes | `albatross/ingress` |
//! | key: of a grouping policy, or in route mode the name of the group | yes, only our tag | yes | `albatross/group`, in route mode for a policy as `policy/key/1` |
//! | part: which load balancer of its group, in route mode | yes, only our tag | yes | `albatross/group`, as `key/2` |
//! | wishes: the properties that proxy mode's annotations name | yes, in place | yes | none, AWS has them |

use albatross_contract::{
    LoadBalancer, Mode, RouteGroupTag, Scheme, Settings, TAG_GROUP, TAG_HTTP_ONLY, TAG_INGRESS, TAG_MODE,
    Tag, key_of_a_policy,
};

use crate::{
    identity::{tag, tag_value},
    kind::Kind,
    source::{ObjectName, WishesId},
};

/// The terms of a load balancer, or of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Terms<'a> {
    /// Who can reach it.
    pub scheme: Scheme,
    /// Its kind.
    pub kind: Kind,
    /// How it finds the backend of a request.
    pub mode: Mode,
    /// Whether it serves HTTP only, without certificates.
    pub http_only: bool,
    /// The Ingress that uses it exclusively. `None`: it is shared.
    pub alone: Option<ObjectName<'a>>,
    /// The key of a grouping policy, or in route mode the name of the group.
    pub key: Option<&'a str>,
    /// In route mode, which load balancer of its group it is, counted from 1: a group that needs more than one load balancer
    /// may have is split. 1 for all others.
    pub part: u32,
    /// In proxy mode, the properties for which its members ask. `None`: they ask for nothing.
    pub wishes: Option<WishesId>,
}

/// The part of a load balancer whose group is not split, or that has no group.
pub const FIRST_PART: u32 = 1;

/// One of the terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Term {
    /// Who can reach it.
    Scheme,
    /// The kind.
    Kind,
    /// How it finds the backend of a request.
    Mode,
    /// HTTP only.
    HttpOnly,
    /// Exclusive use by one Ingress.
    Alone,
    /// The key of a grouping policy, or the name of the group.
    Key,
    /// Which load balancer of its group it is.
    Part,
    /// The properties for which members ask.
    Wishes,
}

impl Term {
    /// Whether a vacant load balancer takes the term over from a new member.
    pub fn may_be_brought(self) -> bool {
        match self {
            Term::Scheme | Term::Kind | Term::Mode | Term::HttpOnly => false,
            Term::Alone | Term::Key | Term::Part | Term::Wishes => true,
        }
    }
}

/// How many certificates the Ingresses of a load balancer may need, if the settings say so. In route mode groups decide who
/// shares a load balancer.
pub fn most_certificates(mode: Mode, settings: &Settings) -> Option<usize> {
    let most = settings.certificates_per_load_balancer.filter(|_| mode == Mode::Proxy)?;
    Some(usize::try_from(most).unwrap_or(usize::MAX))
}

/// The value of the mode tag for route mode.
pub const ROUTE: &str = "route";
/// The value of the tag for HTTP only.
const HTTP_ONLY: &str = "true";

/// Whether a load balancer of ours serves HTTP only, as its tag says. In route mode the tag means nothing.
pub fn is_http_only(load_balancer: &LoadBalancer) -> bool {
    let is_tagged = |key, value| tag_value(&load_balancer.tags, key) == Some(value);
    is_tagged(TAG_HTTP_ONLY, HTTP_ONLY) && !is_tagged(TAG_MODE, ROUTE)
}

/// The tag that says that a load balancer serves HTTP only.
pub fn http_only_tag() -> Tag {
    tag(TAG_HTTP_ONLY, HTTP_ONLY)
}

impl<'a> Terms<'a> {
    /// The terms of a load balancer of ours, from its scheme, its kind and its tags; which wishes it meets is not known here
    /// ([`crate::observed::Owned::terms`]).
    pub fn of(load_balancer: &'a LoadBalancer) -> Self {
        let mode = match tag_value(&load_balancer.tags, TAG_MODE) {
            Some(ROUTE) => Mode::Route,
            _ => Mode::Proxy,
        };
        let group = tag_value(&load_balancer.tags, TAG_GROUP);
        let in_route_mode = group.filter(|_| mode == Mode::Route).map(RouteGroupTag::read);
        Terms {
            scheme: load_balancer.scheme,
            kind: Kind::of(load_balancer),
            mode,
            http_only: is_http_only(load_balancer),
            alone: tag_value(&load_balancer.tags, TAG_INGRESS).and_then(ObjectName::of_tag),
            key: in_route_mode.map(|group| group.name).or(group),
            part: in_route_mode.map_or(FIRST_PART, |group| group.part),
            wishes: None,
        }
    }

    /// The same terms, with the wishes that the load balancer meets. Route mode has no such wishes.
    pub fn with(self, wishes: Option<WishesId>) -> Self {
        Terms { wishes: wishes.filter(|_| self.mode == Mode::Proxy), ..self }
    }

    /// Whether each HTTPS listener has the certificates, on whatever port. In proxy mode only the listener on port 443 has
    /// them, and HTTPS listeners on other ports are not ours.
    pub fn has_certificates_on_every_port(&self) -> bool {
        self.mode == Mode::Route
    }

    /// Whether its members may be RouteGroups.
    pub fn serves_route_groups(&self) -> bool {
        self.mode == Mode::Proxy
    }

    /// Whether tags and rules name the members of a load balancer. In proxy mode certificates say whom a shared load balancer
    /// serves.
    pub fn names_members(&self) -> bool {
        self.mode == Mode::Route
    }

    /// The first term that differs.
    pub fn difference(&self, other: &Terms<'_>) -> Option<Term> {
        self.differences(other).next()
    }

    /// All terms that differ.
    pub fn differences(&self, other: &Terms<'_>) -> impl Iterator<Item = Term> + use<> {
        let all = [
            (self.scheme != other.scheme, Term::Scheme),
            (self.kind != other.kind, Term::Kind),
            (self.mode != other.mode, Term::Mode),
            (self.http_only != other.http_only, Term::HttpOnly),
            (self.alone != other.alone, Term::Alone),
            (self.key != other.key, Term::Key),
            (self.part != other.part, Term::Part),
            (self.wishes != other.wishes, Term::Wishes),
        ];
        all.into_iter().filter(|(differs, _)| *differs).map(|(_, term)| term)
    }

    /// The tags that record the terms.
    pub fn tags(&self) -> Vec<Tag> {
        let alone = self.alone.map(|object| tag(TAG_INGRESS, &object.to_string()));
        let group = self.group().map(|group| tag(TAG_GROUP, &group));
        let mode = (self.mode == Mode::Route).then(|| tag(TAG_MODE, ROUTE));
        let http_only = self.http_only.then(http_only_tag);
        [alone, group, mode, http_only].into_iter().flatten().collect()
    }

    /// The key that a grouping policy gave. `None`: there is none, or in route mode annotations name the group.
    pub fn key_of_a_policy(&self) -> Option<&'a str> {
        match self.mode {
            Mode::Proxy => self.key,
            Mode::Route => key_of_a_policy(self.key?),
        }
    }

    /// Whether it is in route mode, and a grouping policy gave the key.
    pub fn is_group_of_a_policy(&self) -> bool {
        self.mode == Mode::Route && self.key_of_a_policy().is_some()
    }

    /// The key with the part, as the tag records it. `None`: it has no key.
    pub fn group(&self) -> Option<String> {
        self.key.map(|name| match self.mode {
            Mode::Proxy => name.to_owned(),
            Mode::Route => RouteGroupTag { name, part: self.part }.write(),
        })
    }

    /// The key with the part, for people. `None`: it has no key.
    pub fn group_in_words(&self) -> Option<String> {
        let key = self.key_of_a_policy().or(self.key)?;
        Some(match self.part {
            FIRST_PART => key.to_owned(),
            part => format!("{key}/{part}"),
        })
    }

    /// Whether a load balancer with these terms belongs to a group of route mode.
    pub fn belongs_to(&self, group: &str, scheme: Scheme) -> bool {
        self.mode == Mode::Route && self.key == Some(group) && self.scheme == scheme
    }

    /// Whether these are terms of another part of the same group.
    pub fn is_other_part(&self, other: &Terms<'_>) -> bool {
        self.part != other.part && self.key.is_some_and(|group| other.belongs_to(group, self.scheme))
    }
}

/// The name of a group in route mode, for people.
pub fn group_in_words(key: &str) -> &str {
    key_of_a_policy(key).unwrap_or(key)
}

#[cfg(test)]
mod tests {
    use albatross_contract::ObjectKind;

    use super::*;

    const SHARED: Terms<'_> = Terms {
        scheme: Scheme::Internal,
        kind: Kind::APPLICATION,
        mode: Mode::Proxy,
        http_only: false,
        alone: None,
        key: None,
        part: FIRST_PART,
        wishes: None,
    };
    const SHOP: ObjectName<'_> =
        ObjectName { namespace: "shop", name: "checkout", kind: ObjectKind::Ingress };

    #[test]
    fn the_first_difference_is_the_most_important_one() {
        let own = Terms { alone: Some(SHOP), key: Some("red"), ..SHARED };
        let public = Terms { scheme: Scheme::InternetFacing, ..own };
        assert_eq!(SHARED.difference(&SHARED), None);
        assert_eq!(SHARED.difference(&own), Some(Term::Alone));
        assert_eq!(SHARED.difference(&public), Some(Term::Scheme));
        assert_eq!(SHARED.differences(&public).count(), 3);
    }

    #[test]
    fn a_vacant_load_balancer_takes_over_only_terms_that_can_be_changed() {
        let fixed = [Term::Scheme, Term::Kind, Term::Mode, Term::HttpOnly];
        assert!(!fixed.into_iter().any(Term::may_be_brought));
        assert!([Term::Alone, Term::Key, Term::Part, Term::Wishes].into_iter().all(Term::may_be_brought));
    }

    #[test]
    fn the_terms_of_a_load_balancer_are_read_from_its_tags() {
        let mut found = crate::testing::load_balancer("one");
        let public = Terms { scheme: Scheme::InternetFacing, ..SHARED };
        assert_eq!(Terms::of(&found), public);
        found.tags.push(tag(TAG_MODE, "route"));
        assert_eq!(Terms::of(&found), Terms { mode: Mode::Route, ..public });
        found.tags.pop();
        let own = Terms { alone: Some(SHOP), key: Some("red"), http_only: true, ..public };
        found.tags.extend(own.tags());
        assert_eq!(Terms::of(&found), own);
        found.tags.push(tag(TAG_MODE, "route"));
        assert!(!Terms::of(&found).http_only, "listeners of route mode say it");
        found.tags = vec![tag(TAG_INGRESS, "no-namespace")];
        assert_eq!(Terms::of(&found), public);
        found.tags = vec![tag(TAG_GROUP, "a/2")];
        assert_eq!(Terms::of(&found), Terms { key: Some("a/2"), ..public }, "the key of a policy");
        found.tags.push(tag(TAG_MODE, "route"));
        let part = Terms { mode: Mode::Route, key: Some("a"), part: 2, ..public };
        assert_eq!(Terms::of(&found), part);
        assert_eq!(part.tags(), found.tags);
        found.tags = vec![tag(TAG_GROUP, "policy/team/2/1"), tag(TAG_MODE, "route")];
        let given = Terms { mode: Mode::Route, key: Some("policy/team/2"), ..public };
        assert_eq!((Terms::of(&found), given.tags()), (given, found.tags.clone()));
        assert_eq!(given.group_in_words().as_deref(), Some("team/2"));
        let in_proxy_mode = Terms { key: Some("policy/gold"), ..public };
        assert_eq!(in_proxy_mode.group_in_words().as_deref(), Some("policy/gold"), "the whole is the key");
    }

    #[test]
    fn tags_record_the_terms_that_aws_does_not() {
        let own = Terms { alone: Some(SHOP), key: Some("red"), ..SHARED };
        assert_eq!(own.tags(), [tag(TAG_INGRESS, "shop/checkout"), tag(TAG_GROUP, "red")]);
        assert_eq!(SHARED.tags(), []);
        assert_eq!(Terms { mode: Mode::Route, ..SHARED }.tags(), [tag(TAG_MODE, "route")]);
    }
}
