//! The order of rules: a total order of routes that does not depend on the order of any list.
//!
//! | first | then |
//! |---|---|
//! | exact host | wildcard host, the longer one first; then every host |
//! | exact path | the longer literal path; with equal lengths the prefix before the pattern, and the longer pattern first |
//! | smaller `group.order` | the older object; then by namespace and name; then by the place in the object |

use std::{borrow::Cow, cmp::Reverse};

use crate::source::{ObjectName, PathMatch, Route, lower_case};

/// The position of a route among all routes of a load balancer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Precedence<'a> {
    host: (u8, Reverse<usize>, Cow<'a, str>),
    path: (bool, Reverse<usize>, bool, Reverse<usize>),
    object: Rank<'a>,
    place: usize,
}

/// The position of an object among the members of a load balancer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank<'a> {
    /// `group.order`.
    pub order: i32,
    /// When the object was created, and its name.
    pub age: (u64, ObjectName<'a>),
}

impl<'a> Precedence<'a> {
    /// The precedence of a route of an object. `place` is the index of the route in the object.
    pub fn of(route: &Route<'a>, object: Rank<'a>, place: usize) -> Self {
        let host = match route.host.map(lower_case) {
            Some(host) if host.starts_with("*.") => (1, Reverse(host.len()), host),
            Some(host) => (0, Reverse(0), host),
            None => (2, Reverse(0), Cow::Borrowed("")),
        };
        let (is_exact, pattern) = match route.path {
            PathMatch::Exact(_) => (true, None),
            PathMatch::Prefix(_) => (false, None),
            PathMatch::Pattern(text) => (false, Some(text.len())),
        };
        let length = Reverse(pattern.unwrap_or_default());
        let path = (!is_exact, Reverse(literal(route.path)), pattern.is_some(), length);
        Precedence { host, path, object, place }
    }
}

/// The length of the literal part of a path, before the first wildcard.
fn literal(path: PathMatch<'_>) -> usize {
    match path {
        PathMatch::Exact(text) => text.len(),
        PathMatch::Prefix(text) => text.trim_end_matches('/').len(),
        PathMatch::Pattern(text) => text.find(['*', '?']).unwrap_or(text.len()),
    }
}

#[cfg(test)]
mod tests {
    use albatross_contract::ObjectKind;

    use super::{Precedence, Rank};
    use crate::source::{ObjectName, PathMatch, Route};

    fn precedence<'a>(host: Option<&'a str>, path: PathMatch<'a>) -> Precedence<'a> {
        let object = ObjectName { namespace: "shop", name: "x", kind: ObjectKind::Ingress };
        let route = Route { host, path, backends: Vec::new(), field: String::new() };
        Precedence::of(&route, Rank { order: 0, age: (0, object) }, 0)
    }

    #[test]
    fn the_more_specific_route_comes_first() {
        let all = PathMatch::Prefix("/");
        let order = [
            precedence(Some("Shop.example.org"), PathMatch::Exact("/cart")),
            precedence(Some("shop.example.org"), PathMatch::Prefix("/cart/items")),
            precedence(Some("shop.example.org"), PathMatch::Prefix("/cart")),
            precedence(Some("shop.example.org"), PathMatch::Pattern("/cart*")),
            precedence(Some("shop.example.org"), all),
            precedence(Some("*.shop.example.org"), all),
            precedence(Some("*.example.org"), PathMatch::Exact("/")),
            precedence(Some("*.example.org"), all),
            precedence(None, PathMatch::Exact("/cart")),
            precedence(None, all),
        ];
        assert!(order.windows(2).all(|pair| pair[0] < pair[1]), "{order:#?}");
    }

    #[test]
    fn of_equally_specific_routes_the_smaller_order_and_then_the_older_object_comes_first() {
        let name = |name| ObjectName { namespace: "shop", name, kind: ObjectKind::Ingress };
        let route =
            Route { host: None, path: PathMatch::Prefix("/"), backends: Vec::new(), field: String::new() };
        let of = |order, age, object| Precedence::of(&route, Rank { order, age: (age, name(object)) }, 0);
        assert!(of(-1, 9, "b") < of(0, 1, "a"));
        assert!(of(0, 1, "b") < of(0, 2, "a"));
        assert!(of(0, 1, "a") < of(0, 1, "b"));
    }
}
