//! Overlap: whether two listener rules may match the same request. The order of such rules, and of changes to them, matters.

use albatross_contract::{RuleCondition, TextMatch};

/// Whether some request may match both sets of conditions. Only hosts and paths are compared: other conditions may hold
/// together with any.
pub fn overlap(left: &[RuleCondition], right: &[RuleCondition]) -> bool {
    let apart = |left: Option<&[String]>, right: Option<&[String]>| match (left, right) {
        (Some(left), Some(right)) => !left.iter().any(|it| right.iter().any(|other| meet(it, other))),
        // One of them allows any text.
        _ => false,
    };
    !apart(hosts(left), hosts(right)) && !apart(paths(left), paths(right))
}

/// Whether some host may match both sets of conditions.
pub fn share_hosts(left: &[RuleCondition], right: &[RuleCondition]) -> bool {
    match (hosts(left), hosts(right)) {
        (Some(left), Some(right)) => left.iter().any(|it| right.iter().any(|other| meet(it, other))),
        _ => true,
    }
}

/// The patterns of the host. `None`: any host may match.
fn hosts(conditions: &[RuleCondition]) -> Option<&[String]> {
    conditions.iter().find_map(|condition| match condition {
        RuleCondition::HostHeader(text) => values(text),
        _ => None,
    })
}

/// The patterns of the path. `None`: any path may match.
fn paths(conditions: &[RuleCondition]) -> Option<&[String]> {
    conditions.iter().find_map(|condition| match condition {
        RuleCondition::PathPattern(text) => values(text),
        _ => None,
    })
}

fn values(text: &TextMatch) -> Option<&[String]> {
    text.regular_expressions.is_empty().then_some(text.values.as_slice())
}

/// Whether some text matches both patterns, in which `*` stands for any characters and `?` for exactly one. Upper and lower
/// case count as equal, as they are in hosts.
fn meet(left: &str, right: &str) -> bool {
    if !left.contains(['*', '?']) && !right.contains(['*', '?']) {
        return left.eq_ignore_ascii_case(right);
    }
    let right: Vec<char> = right.chars().collect();
    // For each length of the right pattern, whether its beginning meets the left pattern so far.
    let mut row: Vec<bool> = vec![true];
    row.extend(right.iter().scan(true, |all_are_stars, it| {
        *all_are_stars &= *it == '*';
        Some(*all_are_stars)
    }));
    for it in left.chars() {
        let mut next = vec![it == '*' && row.first() == Some(&true)];
        for (place, other) in right.iter().enumerate() {
            next.push(match (it, *other) {
                ('*', _) | (_, '*') => row[place + 1] || next[place],
                _ => row[place] && (it == '?' || *other == '?' || it.eq_ignore_ascii_case(other)),
            });
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use albatross_contract::{RuleCondition, TextMatch};

    use super::{meet, overlap};

    fn text(values: &[&str]) -> TextMatch {
        TextMatch {
            values: values.iter().map(|value| (*value).to_owned()).collect(),
            regular_expressions: Vec::new(),
        }
    }

    #[test]
    fn patterns_meet_where_one_text_matches_both() {
        for (left, right, expected) in [
            ("/cart", "/cart", true),
            ("/cart", "/carts", false),
            ("/cart*", "/cart", true),
            ("/cart/*", "/cart", false),
            ("/cart/*", "*/items", true),
            ("/c?rt", "/c*", true),
            ("/a?", "/a", false),
            ("/a*b", "/a*c", false),
            ("/a*b", "/*b*", true),
            ("*", "", true),
            ("*.example.org", "shop.example.org", true),
            ("*.example.org", "*.example.com", false),
            ("**", "a", true),
            ("?*", "", false),
        ] {
            assert_eq!(meet(left, right), expected, "{left} {right}");
            assert_eq!(meet(right, left), expected, "{right} {left}");
        }
    }

    #[test]
    fn rules_overlap_unless_their_hosts_or_their_paths_are_apart() {
        let rule = |host: &str, paths: &[&str]| {
            vec![RuleCondition::HostHeader(text(&[host])), RuleCondition::PathPattern(text(paths))]
        };
        let cart = rule("shop.example.org", &["/cart", "/cart/*"]);
        assert!(overlap(&cart, &rule("SHOP.example.org", &["/cart/items"])));
        assert!(overlap(&cart, &rule("*.example.org", &["/*"])));
        assert!(!overlap(&cart, &rule("wiki.example.org", &["/cart"])));
        assert!(!overlap(&cart, &rule("shop.example.org", &["/pay"])));
        assert!(overlap(&cart, &[RuleCondition::HttpRequestMethod(vec!["GET".to_owned()])]));
        let expression = TextMatch { values: Vec::new(), regular_expressions: vec!["^/p".to_owned()] };
        assert!(overlap(&cart, &[RuleCondition::PathPattern(expression)]));
    }
}
