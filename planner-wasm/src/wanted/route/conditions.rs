//! The conditions of the listener rules of a route.
//!
//! A route needs several rules if its hosts or paths take different places in the order of rules, if some can be compared
//! only with regular expressions, which AWS does not mix with values, or if it has more values than a rule may have.

use std::borrow::Cow;

use albatross_contract::{HeaderMatch, Quotas, RuleCondition, TextMatch};

use super::precedence::{HostRank, PathRank};
use crate::source::{Comparison, Route};

/// The conditions of a rule, and its place in the order of rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matching {
    /// The place of its hosts.
    pub host: HostRank,
    /// The place of its paths.
    pub path: PathRank,
    /// All must be met. At least one, in the canonical order.
    pub conditions: Vec<RuleCondition>,
}

/// The rules of a route.
pub fn of(route: &Route<'_>, quotas: &Quotas) -> Vec<Matching> {
    let hosts = grouped(route.hosts.iter().filter_map(|host| Some((HostRank::of(host), host.comparison()?))));
    let hosts = if route.hosts.is_empty() { vec![(HostRank::every(), None)] } else { hosts };
    // If one path is every path, the others do not matter.
    let every = route.paths.is_empty() || route.paths.iter().any(|path| path.is_every_path());
    let paths = match every {
        true => vec![(PathRank::every(), None)],
        false => {
            grouped(route.paths.iter().filter_map(|path| Some((PathRank::of(path), path.comparison()?))))
        }
    };
    let mut rules = Vec::new();
    for (host, hosts) in &hosts {
        for (path, paths) in &paths {
            let mut conditions: Vec<RuleCondition> = Vec::new();
            conditions.extend(hosts.clone().map(RuleCondition::HostHeader));
            conditions.extend(paths.clone().map(RuleCondition::PathPattern));
            conditions.extend(route.conditions.iter().cloned());
            if conditions.is_empty() {
                // A rule needs at least one condition.
                let every_path = of_values(vec!["/*".to_owned()]);
                conditions.push(RuleCondition::PathPattern(every_path));
            }
            let divided = divide(conditions, quotas).into_iter();
            rules.extend(divided.map(|mut conditions| {
                sort(&mut conditions);
                Matching { host: host.clone(), path: path.clone(), conditions }
            }));
        }
    }
    rules
}

/// Comparisons with the same place in the order of rules, in the order of their places.
fn grouped<R: Ord>(all: impl Iterator<Item = (R, Comparison)>) -> Vec<(R, Option<TextMatch>)> {
    let mut groups: Vec<(R, TextMatch)> = Vec::new();
    for (rank, comparison) in all {
        let is_expression = matches!(comparison, Comparison::Expression(_));
        let is_same =
            |(other, text): &&mut (R, TextMatch)| *other == rank && text.values.is_empty() == is_expression;
        let text = match groups.iter_mut().find(is_same) {
            Some((_, text)) => text,
            None => {
                groups.push((rank, of_values(Vec::new())));
                let Some((_, text)) = groups.last_mut() else { continue };
                text
            }
        };
        match comparison {
            Comparison::Values(values) => text.values.extend(values),
            Comparison::Expression(expression) => text.regular_expressions.push(expression),
        }
    }
    for (_, text) in &mut groups {
        let mut seen = std::collections::BTreeSet::new();
        text.values.retain(|value| seen.insert(value.clone()));
    }
    groups.sort_by(|left, right| left.0.cmp(&right.0));
    groups.into_iter().map(|(rank, text)| (rank, Some(text))).collect()
}

/// Divides conditions among several rules until each is within the quotas. The condition with the most values is divided;
/// a request matches one of the rules exactly if it matches the whole.
fn divide(conditions: Vec<RuleCondition>, quotas: &Quotas) -> Vec<Vec<RuleCondition>> {
    let most = |quota: u32| quota as usize;
    let count: usize = conditions.iter().map(values).sum();
    let wildcards: usize = conditions.iter().map(wildcards).sum();
    let excess = count.saturating_sub(most(quotas.condition_values_per_rule));
    if excess == 0 && wildcards <= most(quotas.condition_wildcards_per_rule) {
        return vec![conditions];
    }
    let weight = |condition: &RuleCondition| match excess {
        0 if values(condition) > 1 => self::wildcards(condition),
        0 => 0,
        _ => values(condition),
    };
    let Some(largest) =
        (0..conditions.len()).max_by_key(|place| (weight(&conditions[*place]), std::cmp::Reverse(*place)))
    else {
        return vec![conditions];
    };
    let size = values(&conditions[largest]);
    if size < 2 {
        return vec![conditions]; // the source has reported it
    }
    let piece = if excess > 0 && excess < size { size - excess } else { size.div_ceil(2) };
    let mut rules = Vec::new();
    for part in parts(&conditions[largest], piece) {
        let mut rule = conditions.clone();
        rule[largest] = part;
        rules.extend(divide(rule, quotas));
    }
    rules
}

/// Whether a rule with these conditions is within the quotas.
pub fn fits(conditions: &[RuleCondition], quotas: &Quotas) -> bool {
    let count: usize = conditions.iter().map(values).sum();
    let wildcards: usize = conditions.iter().map(wildcards).sum();
    count <= quotas.condition_values_per_rule as usize
        && wildcards <= quotas.condition_wildcards_per_rule as usize
}

/// The hosts of a rule. `None`: every host.
pub fn host_of(conditions: &[RuleCondition]) -> Option<&TextMatch> {
    conditions.iter().find_map(|condition| match condition {
        RuleCondition::HostHeader(text) => Some(text),
        _ => None,
    })
}

/// The paths of a rule. `None`: every path.
pub fn path_of(conditions: &[RuleCondition]) -> Option<&TextMatch> {
    conditions.iter().find_map(|condition| match condition {
        RuleCondition::PathPattern(text) => Some(text),
        _ => None,
    })
}

/// The conditions on other things than hosts and paths.
pub fn others_of(conditions: &[RuleCondition]) -> impl Iterator<Item = &RuleCondition> {
    let is_other =
        |it: &&RuleCondition| !matches!(it, RuleCondition::HostHeader(_) | RuleCondition::PathPattern(_));
    conditions.iter().filter(is_other)
}

fn of_values(values: Vec<String>) -> TextMatch {
    TextMatch { values, regular_expressions: Vec::new() }
}

fn values(condition: &RuleCondition) -> usize {
    let of_text = |text: &TextMatch| text.values.len() + text.regular_expressions.len();
    match condition {
        RuleCondition::HostHeader(text) | RuleCondition::PathPattern(text) => of_text(text),
        RuleCondition::HttpHeader(header) => of_text(&header.value),
        RuleCondition::QueryString(pairs) => pairs.len(),
        RuleCondition::SourceIp(list) | RuleCondition::HttpRequestMethod(list) => list.len(),
        RuleCondition::SourceIpAddressType(_) | RuleCondition::Other(_) => 1,
    }
}

/// The wildcards in all values. Those of a regular expression do not count.
fn wildcards(condition: &RuleCondition) -> usize {
    let count = |text: &String| text.matches(['*', '?']).count();
    match condition {
        RuleCondition::HostHeader(text) | RuleCondition::PathPattern(text) => {
            text.values.iter().map(count).sum()
        }
        RuleCondition::HttpHeader(header) => header.value.values.iter().map(count).sum(),
        RuleCondition::QueryString(pairs) => {
            pairs.iter().map(|pair| count(&pair.value) + pair.key.as_ref().map_or(0, count)).sum()
        }
        _ => 0,
    }
}

/// A condition as several conditions with at most `size` of its values.
fn parts(condition: &RuleCondition, size: usize) -> Vec<RuleCondition> {
    let chunks = |list: &[String]| list.chunks(size).map(<[String]>::to_vec).collect::<Vec<_>>();
    // A text has either values or regular expressions.
    let of_text = |text: &TextMatch| -> Vec<TextMatch> {
        let values = chunks(&text.values).into_iter().map(of_values);
        let expressions = chunks(&text.regular_expressions).into_iter();
        let expressions =
            expressions.map(|regular_expressions| TextMatch { regular_expressions, ..of_values(Vec::new()) });
        values.chain(expressions).collect()
    };
    match condition {
        RuleCondition::HostHeader(text) => of_text(text).into_iter().map(RuleCondition::HostHeader).collect(),
        RuleCondition::PathPattern(text) => {
            of_text(text).into_iter().map(RuleCondition::PathPattern).collect()
        }
        RuleCondition::HttpHeader(header) => {
            let part = |value| HeaderMatch { name: header.name.clone(), value };
            of_text(&header.value).into_iter().map(part).map(RuleCondition::HttpHeader).collect()
        }
        RuleCondition::QueryString(pairs) => {
            pairs.chunks(size).map(|pairs| RuleCondition::QueryString(pairs.to_vec())).collect()
        }
        RuleCondition::SourceIp(list) => chunks(list).into_iter().map(RuleCondition::SourceIp).collect(),
        RuleCondition::HttpRequestMethod(list) => {
            chunks(list).into_iter().map(RuleCondition::HttpRequestMethod).collect()
        }
        RuleCondition::SourceIpAddressType(_) | RuleCondition::Other(_) => vec![condition.clone()],
    }
}

/// Conditions in a canonical order: AWS may return conditions and their values in another order.
pub fn in_order(conditions: &[RuleCondition]) -> Cow<'_, [RuleCondition]> {
    // Usually AWS returns them as they were created.
    if conditions.is_sorted() && conditions.iter().all(has_sorted_values) {
        return Cow::Borrowed(conditions);
    }
    let mut conditions = conditions.to_vec();
    sort(&mut conditions);
    Cow::Owned(conditions)
}

fn has_sorted_values(condition: &RuleCondition) -> bool {
    let text = |text: &TextMatch| text.values.is_sorted() && text.regular_expressions.is_sorted();
    match condition {
        RuleCondition::HostHeader(it) | RuleCondition::PathPattern(it) => text(it),
        RuleCondition::HttpHeader(header) => text(&header.value),
        RuleCondition::QueryString(pairs) => pairs.is_sorted(),
        RuleCondition::SourceIp(list) | RuleCondition::HttpRequestMethod(list) => list.is_sorted(),
        RuleCondition::SourceIpAddressType(_) | RuleCondition::Other(_) => true,
    }
}

fn sort(conditions: &mut [RuleCondition]) {
    let sort_text = |text: &mut TextMatch| {
        text.values.sort();
        text.regular_expressions.sort();
    };
    for condition in &mut *conditions {
        match condition {
            RuleCondition::HostHeader(text) | RuleCondition::PathPattern(text) => sort_text(text),
            RuleCondition::HttpHeader(header) => sort_text(&mut header.value),
            RuleCondition::QueryString(pairs) => pairs.sort(),
            RuleCondition::SourceIp(list) | RuleCondition::HttpRequestMethod(list) => list.sort(),
            RuleCondition::SourceIpAddressType(_) | RuleCondition::Other(_) => {}
        }
    }
    conditions.sort();
}

#[cfg(test)]
mod tests;
