//! How specific the conditions of a rule are. Rules whose Ingress cannot be read now are arranged by it among the others.

use std::cmp::Reverse;

use albatross_contract::{RuleCondition, TextMatch};

/// The position of a rule among others, as its conditions show it: the smaller comes first. It has the order of
/// [`Precedence`](super::precedence::Precedence) as far as conditions show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Specificity {
    host: (u8, Reverse<usize>),
    path: (bool, Reverse<usize>),
    others: Reverse<usize>,
}

/// How specific some conditions are.
pub fn of(conditions: &[RuleCondition]) -> Specificity {
    let mut found = Specificity { host: (2, Reverse(0)), path: (true, Reverse(0)), others: Reverse(0) };
    for condition in conditions {
        match condition {
            RuleCondition::HostHeader(text) => found.host = of_host(text),
            RuleCondition::PathPattern(text) => found.path = of_path(text),
            _ => found.others.0 += 1,
        }
    }
    found
}

fn of_host(text: &TextMatch) -> (u8, Reverse<usize>) {
    let patterns = || text.values.iter().filter(|host| host.contains(['*', '?']));
    match patterns().chain(&text.regular_expressions).map(String::len).min() {
        None => (0, Reverse(0)),
        Some(length) => (1, Reverse(length)),
    }
}

fn of_path(text: &TextMatch) -> (bool, Reverse<usize>) {
    let literal =
        |path: &String| path.split(['*', '?']).next().unwrap_or_default().trim_end_matches('/').len();
    match (text.values.as_slice(), text.regular_expressions.is_empty()) {
        ([exact], true) if !exact.contains(['*', '?']) => (false, Reverse(exact.len())),
        (values, _) => (true, Reverse(values.iter().map(literal).min().unwrap_or_default())),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::conditions, of};
    use crate::source::{PathMatch, Route};

    #[test]
    fn the_more_specific_conditions_come_first() {
        let of = |host, path| {
            let route = Route { host, path, backends: Vec::new(), field: String::new() };
            of(&conditions::of(&route))
        };
        let (shop, any, all) = (Some("shop.example.org"), Some("*.example.org"), PathMatch::Prefix("/"));
        let order = [
            of(shop, PathMatch::Exact("/cart")),
            of(shop, PathMatch::Prefix("/cart/items")),
            of(shop, PathMatch::Prefix("/cart")),
            of(shop, PathMatch::Pattern("/c*")),
            of(shop, all),
            of(Some("*.shop.example.org"), all),
            of(any, PathMatch::Exact("/")),
            of(any, all),
            of(None, PathMatch::Exact("/cart")),
            of(None, all),
        ];
        assert!(order.windows(2).all(|pair| pair[0] < pair[1]), "{order:#?}");
    }
}
