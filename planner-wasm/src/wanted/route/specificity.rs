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
    use albatross_contract::{RuleCondition, TextMatch};

    use super::of;

    fn text(values: &[&str]) -> TextMatch {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        TextMatch { values, regular_expressions: Vec::new() }
    }

    #[test]
    fn the_more_specific_conditions_come_first() {
        let of = |host: &[&str], paths: &[&str]| {
            let host = (!host.is_empty()).then(|| RuleCondition::HostHeader(text(host)));
            let paths = (!paths.is_empty()).then(|| RuleCondition::PathPattern(text(paths)));
            of(&host.into_iter().chain(paths).collect::<Vec<_>>())
        };
        let shop: &[&str] = &["shop.example.org"];
        let order = [
            of(shop, &["/cart"]),
            of(shop, &["/cart/items", "/cart/items/*"]),
            of(shop, &["/cart", "/cart/*"]),
            of(shop, &["/c*"]),
            of(shop, &[]),
            of(&["*.shop.example.org"], &[]),
            of(&["*.example.org"], &["/"]),
            of(&["*.example.org"], &[]),
            of(&[], &["/cart"]),
            of(&[], &["/*"]),
        ];
        assert!(order.windows(2).all(|pair| pair[0] < pair[1]), "{order:#?}");
    }
}
