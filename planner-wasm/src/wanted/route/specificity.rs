//! How specific the conditions of a rule are. Rules whose Ingress cannot be read now are arranged by it among the others.

use std::cmp::Reverse;

use albatross_contract::{RuleCondition, TextMatch};

/// The position of a rule among others, as its conditions show it: the smaller comes first. It has the order of
/// [`Precedence`](super::precedence::Precedence) as far as conditions show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Specificity {
    host: (u8, Reverse<usize>),
    path: PathPlace,
    others: Reverse<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct PathPlace {
    is_inexact: bool,
    literal: Reverse<usize>,
    is_pattern: bool,
    length: Reverse<usize>,
    wildcards: [usize; 2],
}

const EVERY_PATH: PathPlace = PathPlace {
    is_inexact: true,
    literal: Reverse(0),
    is_pattern: false,
    length: Reverse(0),
    wildcards: [0, 0],
};

/// How specific some conditions are.
pub fn of(conditions: &[RuleCondition]) -> Specificity {
    let mut found = Specificity { host: (2, Reverse(0)), path: EVERY_PATH, others: Reverse(0) };
    for condition in conditions {
        match condition {
            RuleCondition::HostHeader(text) => found.host = of_host(text),
            RuleCondition::PathPattern(text) => found.path = of_path(text),
            _ => found.others.0 += 1,
        }
    }
    found
}

/// A rule for several hosts or paths has its place among the others as its most specific one.
fn of_host(text: &TextMatch) -> (u8, Reverse<usize>) {
    let of_value = |host: &String| match host.contains(['*', '?']) {
        true => (1, Reverse(host.len())),
        false => (0, Reverse(0)),
    };
    let of_expression = |expression: &String| (1, Reverse(expression.len()));
    let all = text.values.iter().map(of_value).chain(text.regular_expressions.iter().map(of_expression));
    all.min().unwrap_or((2, Reverse(0)))
}

fn of_path(text: &TextMatch) -> PathPlace {
    let of = |path: &String| {
        let has = |other: &str| text.values.iter().any(|it| it == other);
        let prefix = |path: &str| PathPlace { literal: Reverse(path.len()), ..EVERY_PATH };
        match (path.strip_suffix("/*"), path.find(['*', '?'])) {
            (Some(""), _) => EVERY_PATH,
            // A prefix has two values.
            (Some(above), _) if has(above) => prefix(above),
            (_, None) if has(&format!("{path}/*")) => prefix(path),
            (_, None) => PathPlace { is_inexact: false, ..prefix(path) },
            (_, Some(literal)) => PathPlace {
                is_inexact: true,
                literal: Reverse(literal),
                is_pattern: true,
                length: Reverse(path.len().saturating_sub(path.matches('*').count())),
                wildcards: ['*', '?'].map(|it| path.matches(it).count()),
            },
        }
    };
    text.values.iter().map(of).min().unwrap_or(EVERY_PATH)
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
            of(shop, &["/ca?"]),
            of(shop, &["/ca*b"]),
            of(shop, &["/ca*"]),
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
