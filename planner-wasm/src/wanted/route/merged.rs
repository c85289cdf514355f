//! Rules of one Ingress with the same answer, merged into one listener rule where its hosts times its paths are exactly what
//! the Ingress asks for.
//!
//! AWS's quotas count rules. Routes are merged only after it is known which of them get requests: what is said about a host
//! and path of an Ingress does not depend on what it is merged with.
//!
//! A merged rule stands where the first of its routes stands. No route is moved in front of a rule that matches some of the
//! same requests and has another answer.
//!
//! What an existing rule of the Ingress says stays together, and existing rules are not merged with each other: a new host
//! or path changes at most one rule, and a rule that says exactly what is asked stays.

use std::{
    borrow::Cow,
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use albatross_contract::{Quotas, Rule, RuleCondition, TAG_INGRESS, TextMatch};

use super::{
    asked::Asked,
    conditions::{fits, host_of, in_order, others_of, path_of},
    precedence::{self, Precedence, Rank},
    specificity,
};
use crate::{identity::tag_value, overlap::overlap, source::ObjectName};

/// A listener rule for one or more routes.
pub(super) struct Merged<'a, 'b> {
    /// The route with the place of the rule.
    pub(super) first: &'b Asked<'a>,
    /// The other routes.
    pub(super) others: Vec<&'b Asked<'a>>,
    /// The conditions of the rule, in the canonical order.
    pub(super) conditions: Cow<'b, [RuleCondition]>,
    /// The number of the conditions.
    pub(super) content: usize,
    /// The part that an existing rule says, if other routes join it.
    pub(super) base: Option<Box<Merged<'a, 'b>>>,
}

impl<'a, 'b> Merged<'a, 'b> {
    fn single(asked: &'b Asked<'a>) -> Self {
        Merged {
            first: asked,
            others: Vec::new(),
            conditions: Cow::Borrowed(&asked.conditions),
            content: asked.content,
            base: None,
        }
    }

    /// The object that asks for the rule.
    pub(super) fn object(&self) -> ObjectName<'a> {
        self.first.member.claim.object
    }

    /// All routes.
    pub(super) fn parts(&self) -> impl Iterator<Item = &'b Asked<'a>> {
        std::iter::once(self.first).chain(self.others.iter().copied())
    }
}

/// Whether a rule says everything that narrower conditions say: it has their values, perhaps among others.
pub(super) fn contains(wide: &[RuleCondition], narrow: &[RuleCondition]) -> bool {
    let has = |wide: Option<&TextMatch>, narrow: Option<&TextMatch>| match (wide, narrow) {
        (None, None) => true,
        (Some(wide), Some(narrow)) => {
            narrow.values.iter().all(|value| wide.values.contains(value))
                && narrow.regular_expressions.iter().all(|it| wide.regular_expressions.contains(it))
        }
        _ => false,
    };
    has(host_of(wide), host_of(narrow))
        && has(path_of(wide), path_of(narrow))
        && others_of(wide).eq(others_of(narrow))
}

/// The listener rules for routes, in their order. `there`: the rules of the listener in AWS.
pub(super) fn merge<'a, 'b>(
    mut routes: Vec<&'b Asked<'a>>,
    there: &'a [Rule],
    quotas: &Quotas,
) -> Vec<Merged<'a, 'b>> {
    if !has_alike(&kinds(&routes)) {
        return routes.into_iter().map(Merged::single).collect();
    }
    // Here the rules of different hosts need no order.
    routes.sort_by(|left, right| left.precedence.by_path(&right.precedence));
    let mut merging = Merging::new(routes, there, quotas);
    merging.keep_existing();
    merging.separate_misplaced();
    for places in merging.kinds_with_several() {
        merging.join_all(&places, true);
    }
    merging.rules()
}

/// For each route the place of the first one of its kind: routes of the same object with the same answer and the same
/// conditions besides hosts and paths.
fn kinds(routes: &[&Asked<'_>]) -> Vec<usize> {
    let mut firsts: BTreeMap<Rank<'_>, Vec<usize>> = BTreeMap::new();
    let mut kinds = Vec::with_capacity(routes.len());
    for (place, route) in routes.iter().enumerate() {
        let firsts = firsts.entry(route.member.rank()).or_default();
        let kind = firsts.iter().copied().find(|first| is_alike(routes[*first], route));
        if kind.is_none() {
            firsts.push(place);
        }
        kinds.push(kind.unwrap_or(place));
    }
    kinds
}

fn has_alike(kinds: &[usize]) -> bool {
    kinds.iter().enumerate().any(|(place, kind)| place != *kind)
}

fn is_alike(left: &Asked<'_>, right: &Asked<'_>) -> bool {
    let (one, other) = (left.route(), right.route());
    one.backends == other.backends
        && one.filters == other.filters
        && one.stickiness == other.stickiness
        && others_of(&left.conditions).eq(others_of(&right.conditions))
}

/// Routes that become one rule.
#[derive(Clone)]
struct Group<'b> {
    /// The places of the routes.
    parts: Vec<usize>,
    conditions: Cow<'b, [RuleCondition]>,
    /// Whether an existing rule says all of this, or the base.
    exists: bool,
    /// What an existing rule says, if there is more.
    base: Option<Box<Group<'b>>>,
}

impl<'b> Group<'b> {
    fn rule<'a>(self, routes: &[&'b Asked<'a>]) -> Option<Merged<'a, 'b>> {
        let (first, others) = self.parts.split_first()?;
        let others: Vec<_> = others.iter().map(|place| routes[*place]).collect();
        let base = self.base.and_then(|base| base.rule(routes)).map(Box::new);
        Some(Merged { others, conditions: self.conditions, base, ..Merged::single(routes[*first]) })
    }
}

#[derive(Clone, Copy)]
enum By {
    /// Hosts with the same paths.
    Hosts,
    /// Paths of the same hosts.
    Paths,
}

struct Merging<'a, 'b, 'c> {
    routes: Vec<&'b Asked<'a>>,
    kinds: Vec<usize>,
    /// Groups, each at the place of its first route.
    groups: Vec<Option<Group<'b>>>,
    /// For each route the place of its group.
    group_of: Vec<usize>,
    /// The rules of the listener in AWS, by the object that their tags name.
    there: BTreeMap<Option<ObjectName<'a>>, Vec<&'a Rule>>,
    quotas: &'c Quotas,
}

impl<'a, 'b, 'c> Merging<'a, 'b, 'c> {
    fn new(routes: Vec<&'b Asked<'a>>, rules: &'a [Rule], quotas: &'c Quotas) -> Self {
        let mut there: BTreeMap<Option<ObjectName<'a>>, Vec<&'a Rule>> = BTreeMap::new();
        for rule in rules {
            let object = tag_value(&rule.tags, TAG_INGRESS).and_then(ObjectName::of_tag);
            there.entry(object).or_default().push(rule);
        }
        let mut merging = Merging {
            kinds: kinds(&routes),
            groups: Vec::new(),
            group_of: (0..routes.len()).collect(),
            routes,
            there,
            quotas,
        };
        merging.groups = (0..merging.routes.len()).map(|place| Some(merging.alone(place))).collect();
        merging
    }

    fn alone(&self, place: usize) -> Group<'b> {
        let conditions = Cow::Borrowed(self.routes[place].conditions.as_slice());
        Group { parts: vec![place], conditions, exists: false, base: None }
    }

    /// The places of each kind that has several routes.
    fn kinds_with_several(&self) -> Vec<Vec<usize>> {
        let mut by_kind: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (place, kind) in self.kinds.iter().enumerate() {
            by_kind.entry(*kind).or_default().push(place);
        }
        by_kind.into_values().filter(|places| places.len() > 1).collect()
    }

    /// Joins what existing rules say: first of rules that say exactly what is asked, then of those that say most of it.
    fn keep_existing(&mut self) {
        for places in self.kinds_with_several() {
            let object = self.routes[places[0]].member.claim.object;
            let there = self.there.get(&Some(object)).map(Vec::as_slice).unwrap_or_default();
            let said = there.iter().map(|rule| self.said(rule, &places));
            let mut said: Vec<_> = said.filter(|(_, parts)| !parts.is_empty()).collect();
            said.sort_by_key(|(rank, _)| *rank);
            for (_, mut parts) in said {
                parts.retain(|part| self.groups[*part].as_ref().is_some_and(|group| !group.exists));
                parts.retain(|part| self.group_of[*part] == *part);
                self.join_all(&parts, false);
                for part in parts {
                    if let Some(group) = &mut self.groups[part] {
                        group.exists = true;
                    }
                }
            }
        }
    }

    /// Which of some routes an existing rule says, and its rank among the existing rules.
    fn said(&self, rule: &Rule, places: &[usize]) -> ((bool, Reverse<usize>, u32), Vec<usize>) {
        let conditions = in_order(&rule.conditions);
        let parts = places.iter().copied();
        let parts: Vec<usize> =
            parts.filter(|place| contains(&conditions, &self.routes[*place].conditions)).collect();
        let said: BTreeSet<(&str, &str)> =
            parts.iter().flat_map(|place| combinations(&self.routes[*place].conditions)).collect();
        let says_more = said.len() < combinations(&conditions).len();
        ((says_more, Reverse(said.len()), rule.priority), parts)
    }

    /// Takes groups apart that would have a wrong place. They are joined without regard to their places because the places
    /// of some depend on others.
    fn separate_misplaced(&mut self) {
        loop {
            let places = 0..self.groups.len();
            let misplaced: Vec<usize> = places.filter(|place| !self.may_stand(*place, *place)).collect();
            if misplaced.is_empty() {
                return;
            }
            for place in misplaced {
                for part in self.groups[place].take().map(|group| group.parts).unwrap_or_default() {
                    self.groups[part] = Some(self.alone(part));
                    self.group_of[part] = part;
                }
            }
        }
    }

    /// Whether the routes of a group may stand at a place: no rule with another answer would come behind them that matches
    /// some of their requests and has to come first.
    fn may_stand(&self, group: usize, place: usize) -> bool {
        let Some(group) = &self.groups[group] else { return true };
        group.parts.iter().all(|part| {
            (place + 1..*part).all(|other| {
                self.kinds[other] == self.kinds[*part]
                    || self.group_of[other] <= place
                    || !overlap(&self.routes[other].conditions, &self.routes[*part].conditions)
            })
        })
    }

    /// Joins groups of one kind where that is possible. `checks`: only if the places of the rules stay right.
    fn join_all(&mut self, places: &[usize], checks: bool) {
        for by in [By::Hosts, By::Paths] {
            for (number, later) in places.iter().enumerate() {
                for earlier in &places[..number] {
                    if self.join(*earlier, *later, by, checks) {
                        break;
                    }
                }
            }
        }
    }

    fn join(&mut self, earlier: usize, later: usize, by: By, checks: bool) -> bool {
        let (Some(first), Some(second)) = (&self.groups[earlier], &self.groups[later]) else { return false };
        let is_exact = |place: usize| self.routes[place].precedence.has_exact_host();
        if (first.exists && second.exists) || is_exact(earlier) != is_exact(later) {
            return false;
        }
        let Some(conditions) = joined(&first.conditions, &second.conditions, by) else { return false };
        let fits = fits(&conditions, self.quotas) && !self.is_taken(&conditions, self.kinds[earlier]);
        if !fits || (checks && (!self.may_stand(later, earlier) || !self.is_clear(first, second))) {
            return false;
        }
        let Some(second) = self.groups[later].take() else { return false };
        for part in &second.parts {
            self.group_of[*part] = earlier;
        }
        if let Some(first) = &mut self.groups[earlier] {
            let existing = [&*first, &second].into_iter().find(|group| group.exists);
            let base = existing.map(|group| group.base.clone().unwrap_or_else(|| Box::new(group.clone())));
            first.base = base;
            first.parts.extend(second.parts);
            first.conditions = Cow::Owned(conditions);
            first.exists |= second.exists;
        }
        true
    }

    /// Whether routes of another kind have some conditions. Two rules with the same conditions would be one rule in AWS.
    fn is_taken(&self, conditions: &[RuleCondition], kind: usize) -> bool {
        let others = (0..self.routes.len()).filter(|place| self.kinds[*place] != kind);
        let mut others = others.map(|place| {
            let group = self.groups[place].as_ref().map(|group| &*group.conditions);
            (self.routes[place].conditions.as_slice(), group)
        });
        others.any(|(alone, joined)| alone == conditions || joined.is_some_and(|it| it == conditions))
    }

    /// Whether no rule of an object that cannot be planned may have its place between two groups. Such rules have their
    /// places by their conditions only.
    fn is_clear(&self, first: &Group<'_>, second: &Group<'_>) -> bool {
        if specificity::of(&first.conditions) == specificity::of(&second.conditions) {
            return true;
        }
        let is_planned = |object: &Option<ObjectName<'_>>| {
            self.routes.iter().any(|route| Some(route.member.claim.object) == *object)
        };
        let unplanned = self.there.iter().filter(|(object, _)| !is_planned(object));
        !unplanned.flat_map(|(_, rules)| rules).any(|rule| overlap(&rule.conditions, &second.conditions))
    }

    fn rules(self) -> Vec<Merged<'a, 'b>> {
        let Merging { routes, groups, .. } = self;
        let merged = |group: Group<'b>| -> Option<(Precedence<'a>, Merged<'a, 'b>)> {
            let rule = group.rule(&routes)?;
            Some((rule.first.precedence.clone(), rule))
        };
        let mut rules: Vec<_> = groups.into_iter().flatten().filter_map(merged).collect();
        precedence::by_host(rules.iter_mut().map(|(precedence, rule)| (precedence, &*rule.conditions)));
        rules.sort_by(|left, right| left.0.cmp(&right.0));
        rules.into_iter().map(|(_, rule)| rule).collect()
    }
}

/// The conditions of a rule for everything that two rules say. `None`: it would say more than both.
fn joined(first: &[RuleCondition], second: &[RuleCondition], by: By) -> Option<Vec<RuleCondition>> {
    let joined = match by {
        By::Hosts if path_of(first) == path_of(second) => {
            RuleCondition::HostHeader(both(host_of(first)?, host_of(second)?)?)
        }
        By::Paths if host_of(first) == host_of(second) => {
            RuleCondition::PathPattern(both(path_of(first)?, path_of(second)?)?)
        }
        _ => return None,
    };
    let is_other = |condition: &&RuleCondition| match by {
        By::Hosts => !matches!(condition, RuleCondition::HostHeader(_)),
        By::Paths => !matches!(condition, RuleCondition::PathPattern(_)),
    };
    let mut conditions: Vec<RuleCondition> = first.iter().filter(is_other).cloned().collect();
    conditions.push(joined);
    conditions.sort();
    Some(conditions)
}

/// The values of two texts in the canonical order. AWS does not mix values with regular expressions.
fn both(first: &TextMatch, second: &TextMatch) -> Option<TextMatch> {
    let union = |first: &[String], second: &[String]| -> Vec<String> {
        first.iter().chain(second).cloned().collect::<BTreeSet<_>>().into_iter().collect()
    };
    (first.values.is_empty() == second.values.is_empty()).then(|| TextMatch {
        values: union(&first.values, &second.values),
        regular_expressions: union(&first.regular_expressions, &second.regular_expressions),
    })
}

/// Each host of a rule with each of its paths.
fn combinations(conditions: &[RuleCondition]) -> BTreeSet<(&str, &str)> {
    let [hosts, paths] = [host_of(conditions), path_of(conditions)].map(|text| match text {
        Some(text) => text.values.iter().chain(&text.regular_expressions).map(String::as_str).collect(),
        None => vec![""],
    });
    hosts.iter().flat_map(|host| paths.iter().map(move |path| (*host, *path))).collect()
}

#[cfg(test)]
mod tests {
    use albatross_contract::{RuleCondition, TextMatch};

    use super::{By, contains, joined};

    fn text(values: &[&str]) -> TextMatch {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        TextMatch { values, regular_expressions: Vec::new() }
    }

    fn rule(hosts: &[&str], paths: &[&str]) -> Vec<RuleCondition> {
        let hosts = (!hosts.is_empty()).then(|| RuleCondition::HostHeader(text(hosts)));
        let paths = (!paths.is_empty()).then(|| RuleCondition::PathPattern(text(paths)));
        hosts.into_iter().chain(paths).collect()
    }

    #[test]
    fn rules_are_joined_by_their_hosts_or_by_their_paths_and_never_by_both() {
        let a = rule(&["a.org"], &["/x"]);
        assert_eq!(
            joined(&a, &rule(&["b.org"], &["/x"]), By::Hosts),
            Some(rule(&["a.org", "b.org"], &["/x"]))
        );
        assert_eq!(joined(&a, &rule(&["b.org"], &["/x"]), By::Paths), None);
        assert_eq!(
            joined(&a, &rule(&["a.org"], &["/w", "/x"]), By::Paths),
            Some(rule(&["a.org"], &["/w", "/x"]))
        );
        assert_eq!(joined(&a, &rule(&["b.org"], &["/y"]), By::Hosts), None);
        assert_eq!(joined(&a, &rule(&["b.org"], &["/y"]), By::Paths), None);
        assert_eq!(joined(&a, &rule(&["a.org"], &[]), By::Paths), None, "every path is not a value");
        assert_eq!(joined(&a, &rule(&[], &["/x"]), By::Hosts), None, "every host is not a value");
    }

    #[test]
    fn values_are_not_mixed_with_regular_expressions() {
        let expression = TextMatch { values: Vec::new(), regular_expressions: vec!["^b$".to_owned()] };
        let other = [RuleCondition::HostHeader(expression)];
        assert_eq!(joined(&rule(&["a.org"], &[]), &other, By::Hosts), None);
    }

    #[test]
    fn a_rule_contains_what_it_says_of_the_same_kind_of_requests() {
        let wide = rule(&["a.org", "b.org"], &["/x", "/y"]);
        assert!(contains(&wide, &rule(&["b.org"], &["/x"])));
        assert!(!contains(&wide, &rule(&["c.org"], &["/x"])));
        assert!(!contains(&wide, &rule(&["a.org"], &[])));
        assert!(!contains(&rule(&["a.org"], &[]), &rule(&["a.org"], &["/x"])), "it says less");
        let method = RuleCondition::HttpRequestMethod(vec!["GET".to_owned()]);
        assert!(!contains(&wide, &[rule(&["a.org"], &["/x"]), vec![method]].concat()));
    }
}
