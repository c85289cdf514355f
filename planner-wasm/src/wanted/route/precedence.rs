//! The order of rules: a total order of routes that does not depend on the order of any list.
//!
//! | first | then |
//! |---|---|
//! | exact host | wildcard host, the longer one first; then hosts as regular expressions; then every host |
//! | exact path | the longer literal path; with equal lengths the prefix, then the pattern, then the regular expression; of patterns the one with more characters besides `*`, then fewer `*`, then fewer `?` |
//! | more conditions | fewer conditions |
//! | smaller `group.order` | the older object; then by namespace and name; then by the place in the object |

use std::{
    cmp::{Ordering, Reverse},
    collections::BTreeMap,
};

use albatross_contract::{RuleCondition, TextMatch};

use super::conditions::Matching;
use crate::source::{HostMatch, ObjectName, PathMatch, literal_beginning, lower_case};

/// The position of a rule among all rules of a load balancer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Precedence<'a> {
    host: HostRank,
    path: PathRank,
    conditions: Reverse<usize>,
    object: Rank<'a>,
    place: usize,
    /// The index among the rules of the same route.
    part: usize,
}

/// The position of a host. Exact hosts have the same position, since no request has two hosts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HostRank {
    class: u8,
    length: Reverse<usize>,
    text: String,
}

/// The position of a path. Exact paths have the same position, since no request has two paths.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PathRank {
    is_inexact: bool,
    literal: Reverse<usize>,
    class: u8,
    /// Without the `*` of a pattern.
    length: Reverse<usize>,
    /// How many `*` and `?` a pattern has. A pattern that matches only a part of what another one matches comes first.
    wildcards: [usize; 2],
    text: String,
}

/// The position of an object among the members of a load balancer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank<'a> {
    /// `group.order`.
    pub order: i32,
    /// When the object was created, and its name.
    pub age: (u64, ObjectName<'a>),
}

const EXACT: u8 = 0;
/// The class of paths that are patterns.
const PATTERN: u8 = 2;

impl HostRank {
    /// The position of a host.
    pub fn of(host: &HostMatch<'_>) -> Self {
        let (class, length, text) = match host {
            HostMatch::Name(_) => (EXACT, 0, String::new()),
            HostMatch::Wildcard(text) | HostMatch::Pattern(text) => {
                (1, text.len(), lower_case(text).into_owned())
            }
            HostMatch::Expression(text) => (2, literal_beginning(text).len(), text.clone().into_owned()),
        };
        HostRank { class, length: Reverse(length), text }
    }

    /// The position of rules for every host.
    pub fn every() -> Self {
        HostRank { class: u8::MAX, length: Reverse(0), text: String::new() }
    }
}

impl PathRank {
    /// The position of a path.
    pub fn of(path: &PathMatch<'_>) -> Self {
        let (class, literal, text) = match path {
            PathMatch::Exact(_) => (EXACT, 0, ""),
            PathMatch::Prefix(text) => {
                let text = text.trim_end_matches('/');
                (1, text.len(), text)
            }
            PathMatch::Pattern(text) => (PATTERN, text.find(['*', '?']).unwrap_or(text.len()), text.as_ref()),
            PathMatch::Expression(text) => (3, literal_beginning(text).len(), text.as_ref()),
        };
        let wildcards = ['*', '?'].map(|it| if class == PATTERN { text.matches(it).count() } else { 0 });
        PathRank {
            is_inexact: class != EXACT,
            literal: Reverse(literal),
            class,
            length: Reverse(text.len().saturating_sub(wildcards[0])),
            wildcards,
            text: text.to_owned(),
        }
    }

    /// The position of rules for every path.
    pub fn every() -> Self {
        PathRank::of(&PathMatch::Prefix("/".into()))
    }
}

impl<'a> Precedence<'a> {
    /// The precedence of a rule of a route of an object. `place` is the index of the route in the object, `part` that of the
    /// rule in the route, and `conditions` the number of conditions besides hosts and paths.
    pub fn of(rule: &Matching, conditions: usize, object: Rank<'a>, place: usize, part: usize) -> Self {
        Precedence {
            host: rule.host.clone(),
            path: rule.path.clone(),
            conditions: Reverse(conditions),
            object,
            place,
            part,
        }
    }

    /// The order without the host, for rules with exact hosts.
    pub fn by_path(&self, other: &Precedence<'_>) -> Ordering {
        let same = match (self.host.class, other.host.class) {
            (EXACT, EXACT) => Ordering::Equal,
            _ => self.host.cmp(&other.host),
        };
        let Precedence { host: _, path, conditions, object, place, part } = self;
        let rest = (path, conditions, object, place, part);
        same.then_with(|| {
            rest.cmp(&(&other.path, &other.conditions, &other.object, &other.place, &other.part))
        })
    }

    /// Whether it is a rule for exact hosts.
    pub fn has_exact_host(&self) -> bool {
        self.host.class == EXACT
    }

    /// Whether the rules have the same position by their hosts.
    pub fn has_host_of(&self, other: &Precedence<'_>) -> bool {
        self.host == other.host
    }
}

/// Puts rules with the same exact hosts next to each other, so that people find them. Hosts that share a rule stay together,
/// since this rule must have its place among the rules of each of these hosts.
pub fn by_host<'b, 'a: 'b>(rules: impl Iterator<Item = (&'b mut Precedence<'a>, &'b [RuleCondition])>) {
    let mut exact: Vec<(&mut Precedence<'_>, &[String])> = rules
        .filter(|(precedence, _)| precedence.host.class == EXACT)
        .map(|(it, of)| (it, hosts(of)))
        .collect();
    let mut first: BTreeMap<&str, &str> = BTreeMap::new();
    loop {
        let mut has_changed = false;
        for (_, hosts) in &exact {
            let known = hosts.iter().map(|host| first.get(host.as_str()).copied().unwrap_or(host));
            let Some(least) = known.min() else { continue };
            for host in *hosts {
                has_changed |= first.insert(host, least) != Some(least);
            }
        }
        if !has_changed {
            break;
        }
    }
    for (precedence, hosts) in &mut exact {
        let least = hosts.first().and_then(|host| first.get(host.as_str()));
        precedence.host.text = least.map(|host| (*host).to_owned()).unwrap_or_default();
    }
}

/// The values of the host condition.
fn hosts(conditions: &[RuleCondition]) -> &[String] {
    let text = conditions.iter().find_map(|condition| match condition {
        RuleCondition::HostHeader(text) => Some(text),
        _ => None,
    });
    match text {
        Some(TextMatch { values, regular_expressions }) if values.is_empty() => regular_expressions,
        Some(TextMatch { values, .. }) => values,
        None => &[],
    }
}

#[cfg(test)]
mod tests {
    use albatross_contract::{ObjectKind, Quotas, RuleCondition};

    use super::{Precedence, Rank, by_host};
    use crate::{
        source::{HostMatch, ObjectName, PathMatch, Route},
        wanted::route::conditions,
    };

    fn route<'a>(hosts: Vec<HostMatch<'a>>, path: PathMatch<'a>) -> Route<'a> {
        Route {
            hosts,
            paths: vec![path],
            conditions: Vec::new(),
            filters: Vec::new(),
            backends: Vec::new(),
            stickiness: None,
            field: String::new(),
        }
    }

    fn rules<'a>(route: &Route<'_>, rank: Rank<'a>) -> Vec<(Precedence<'a>, Vec<RuleCondition>)> {
        let rules = conditions::of(route, &Quotas::default()).into_iter().enumerate();
        rules
            .map(|(part, rule)| {
                let precedence = Precedence::of(&rule, route.conditions.len(), rank, 0, part);
                (precedence, rule.conditions)
            })
            .collect()
    }

    fn rank(name: &str, order: i32, age: u64) -> Rank<'_> {
        Rank { order, age: (age, ObjectName { namespace: "shop", name, kind: ObjectKind::Ingress }) }
    }

    fn precedence<'a>(host: Option<HostMatch<'a>>, path: PathMatch<'a>) -> Precedence<'static> {
        let mut rules = rules(&route(host.into_iter().collect(), path), rank("x", 0, 0));
        by_host(rules.iter_mut().map(|(precedence, conditions)| (precedence, conditions.as_slice())));
        rules.remove(0).0
    }

    #[test]
    fn the_more_specific_route_comes_first() {
        let name = |text: &'static str| Some(HostMatch::Name(text.into()));
        let wildcard = |text: &'static str| Some(HostMatch::Wildcard(text.into()));
        let exact = |text: &'static str| PathMatch::Exact(text.into());
        let prefix = |text: &'static str| PathMatch::Prefix(text.into());
        let pattern = |text: &'static str| PathMatch::Pattern(text.into());
        let expression = |text: &'static str| PathMatch::Expression(text.into());
        let order = [
            precedence(name("Shop.example.org"), exact("/cart")),
            precedence(name("shop.example.org"), prefix("/cart/items")),
            precedence(name("shop.example.org"), expression("^/cart/(.+)$")),
            precedence(name("shop.example.org"), prefix("/cart")),
            precedence(name("shop.example.org"), pattern("/cart?x")),
            precedence(name("shop.example.org"), pattern("/cart??")),
            precedence(name("shop.example.org"), pattern("/cart?")),
            precedence(name("shop.example.org"), pattern("/cart*b")),
            precedence(name("shop.example.org"), pattern("/cart*b*")),
            precedence(name("shop.example.org"), pattern("/cart*")),
            precedence(name("shop.example.org"), prefix("/")),
            precedence(wildcard("*.shop.example.org"), prefix("/")),
            precedence(wildcard("*.example.org"), exact("/")),
            precedence(wildcard("*.example.org"), prefix("/")),
            precedence(Some(HostMatch::Expression("^a".into())), prefix("/")),
            precedence(None, exact("/cart")),
            precedence(None, prefix("/")),
        ];
        assert!(order.windows(2).all(|pair| pair[0] < pair[1]), "{order:#?}");
    }

    #[test]
    fn of_equally_specific_routes_more_conditions_the_smaller_order_and_the_older_object_come_first() {
        let plain = route(Vec::new(), PathMatch::Prefix("/".into()));
        let of = |order, age, name| rules(&plain, rank(name, order, age)).remove(0).0;
        assert!(of(-1, 9, "b") < of(0, 1, "a"));
        assert!(of(0, 1, "b") < of(0, 2, "a"));
        assert!(of(0, 1, "a") < of(0, 1, "b"));
        let get = vec![RuleCondition::HttpRequestMethod(vec!["GET".into()])];
        let with_method = Route { conditions: get, ..plain.clone() };
        assert!(rules(&with_method, rank("z", 9, 9)).remove(0).0 < of(-1, 1, "a"));
    }

    #[test]
    fn a_rule_for_several_hosts_has_its_place_among_the_rules_of_each_host() {
        let name = |text: &'static str| HostMatch::Name(text.into());
        let both = route(vec![name("a.org"), name("c.org")], PathMatch::Prefix("/".into()));
        let longer = route(vec![name("c.org")], PathMatch::Prefix("/cart".into()));
        let other = route(vec![name("b.org")], PathMatch::Prefix("/".into()));
        let mut all: Vec<_> =
            [&both, &longer, &other].into_iter().flat_map(|route| rules(route, rank("x", 0, 0))).collect();
        by_host(all.iter_mut().map(|(precedence, conditions)| (precedence, conditions.as_slice())));
        let [both, longer, other] = [0, 1, 2].map(|place| &all[place].0);
        assert!(longer < both && both < other);
    }
}
