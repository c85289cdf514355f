//! What answers all requests that some conditions match, as far as hosts and paths tell.

use albatross_contract::{DesiredListener, Listener, ListenerAction, RuleCondition, TextMatch};

/// The rules of a listener in the order of their priorities, and its default actions.
pub struct Table<'a> {
    rules: Vec<(&'a [RuleCondition], &'a [ListenerAction])>,
    default: &'a [ListenerAction],
}

impl<'a> Table<'a> {
    /// The rules of a listener in AWS.
    pub fn of(listener: &'a Listener) -> Table<'a> {
        let mut rules: Vec<_> = listener.rules.iter().collect();
        rules.sort_by_key(|rule| rule.priority);
        Table {
            rules: rules
                .into_iter()
                .map(|rule| (rule.conditions.as_slice(), rule.actions.as_slice()))
                .collect(),
            default: &listener.default_actions,
        }
    }

    /// The rules of a listener as it will be.
    pub fn of_desired(listener: &'a DesiredListener) -> Table<'a> {
        let rules = listener.rules.iter();
        Table {
            rules: rules.map(|rule| (rule.conditions.as_slice(), rule.actions.as_slice())).collect(),
            default: &listener.default_actions,
        }
    }
}

/// The actions that answer every request that matches the conditions. `None`: several rules answer some of them, or it is not
/// certain.
pub fn answer<'a>(conditions: &[RuleCondition], table: Table<'a>) -> Option<&'a [ListenerAction]> {
    for (others, actions) in table.rules {
        if covers(others, conditions) {
            return Some(actions);
        }
        if !is_apart(others, conditions) {
            return None;
        }
    }
    Some(table.default)
}

/// Whether every request that matches the narrow conditions matches the wide ones.
fn covers(wide: &[RuleCondition], narrow: &[RuleCondition]) -> bool {
    wide.iter().all(|wide| match wide {
        RuleCondition::HostHeader(wide) => {
            hosts(narrow).is_some_and(|narrow| covers_text(wide, narrow, true))
        }
        RuleCondition::PathPattern(wide) => match paths(narrow) {
            Some(narrow) => covers_text(wide, narrow, false),
            None => wide.values.iter().any(|pattern| pattern == "*" || pattern == "/*"),
        },
        other => narrow.contains(other),
    })
}

/// Whether no request matches both, because no host or no path does.
fn is_apart(one: &[RuleCondition], other: &[RuleCondition]) -> bool {
    let apart = |one: Option<&TextMatch>, other: Option<&TextMatch>, ignores_case: bool| match (one, other) {
        (Some(one), Some(other)) => {
            let pairs = one.values.iter().flat_map(|one| other.values.iter().map(move |other| (one, other)));
            one.regular_expressions.is_empty()
                && other.regular_expressions.is_empty()
                && pairs.into_iter().all(|(one, other)| !overlap(one, other, ignores_case))
        }
        _ => false,
    };
    apart(hosts(one), hosts(other), true) || apart(paths(one), paths(other), false)
}

fn hosts(conditions: &[RuleCondition]) -> Option<&TextMatch> {
    conditions.iter().find_map(|it| if let RuleCondition::HostHeader(text) = it { Some(text) } else { None })
}

fn paths(conditions: &[RuleCondition]) -> Option<&TextMatch> {
    conditions.iter().find_map(|it| if let RuleCondition::PathPattern(text) = it { Some(text) } else { None })
}

fn covers_text(wide: &TextMatch, narrow: &TextMatch, ignores_case: bool) -> bool {
    let covered = |text: &String| wide.values.iter().any(|pattern| matches(pattern, text, ignores_case));
    narrow.values.iter().all(covered)
        && narrow.regular_expressions.iter().all(|it| wide.regular_expressions.contains(it))
}

/// Whether a pattern matches a text, or everything that the text matches if it is a pattern too.
fn matches(pattern: &str, text: &str, ignores_case: bool) -> bool {
    glob(&folded(pattern, ignores_case), &folded(text, ignores_case))
}

fn folded(text: &str, ignores_case: bool) -> Vec<u8> {
    if ignores_case { text.to_ascii_lowercase().into_bytes() } else { text.as_bytes().to_vec() }
}

fn glob(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), None) => glob(rest, text),
        (Some((b'*', rest)), Some((_, after))) => glob(rest, text) || glob(pattern, after),
        (Some((b'?', rest)), Some((letter, after))) => *letter != b'*' && glob(rest, after),
        (Some((wanted, rest)), Some((letter, after))) => wanted == letter && glob(rest, after),
        _ => false,
    }
}

/// Whether some text matches both patterns.
fn overlap(one: &str, other: &str, ignores_case: bool) -> bool {
    let (one, other) = (folded(one, ignores_case), folded(other, ignores_case));
    // For each end of `other`, whether it overlaps with the end of `one` of the last round, the shortest end first.
    let mut ends: Vec<bool> = Vec::new();
    for at in (0..=one.len()).rev() {
        let mut next = vec![false; other.len() + 1];
        for with in (0..=other.len()).rev() {
            let (left, right) = (one.get(at), other.get(with));
            let shorter_one = || ends.get(with).copied().unwrap_or_default();
            let shorter_other = |next: &[bool]| next.get(with + 1).copied().unwrap_or_default();
            let both_shorter = || ends.get(with + 1).copied().unwrap_or_default();
            let meets = match (left, right) {
                (None, None) => true,
                (Some(b'*'), _) | (_, Some(b'*')) => {
                    (left.is_some() && (left == Some(&b'*') || right == Some(&b'*')) && shorter_one())
                        || (right.is_some() && shorter_other(&next))
                }
                (Some(left), Some(right)) => {
                    (left == right || *left == b'?' || *right == b'?') && both_shorter()
                }
                _ => false,
            };
            if let Some(place) = next.get_mut(with) {
                *place = meets;
            }
        }
        ends = next;
    }
    ends.first().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use albatross_contract::FixedResponseAction;

    use super::*;

    fn conditions(host: &str, paths: &[&str]) -> Vec<RuleCondition> {
        let text = |values: &[&str]| TextMatch {
            values: values.iter().map(|it| (*it).to_owned()).collect(),
            regular_expressions: Vec::new(),
        };
        let mut all = vec![RuleCondition::HostHeader(text(&[host]))];
        if !paths.is_empty() {
            all.push(RuleCondition::PathPattern(text(paths)));
        }
        all
    }

    fn respond(status_code: u16) -> Vec<ListenerAction> {
        let response = FixedResponseAction { status_code, content_type: None, message_body: None };
        vec![ListenerAction::FixedResponse(response)]
    }

    #[test]
    fn the_first_rule_that_covers_all_requests_answers_unless_another_answers_some_of_them() {
        let shop = conditions("shop.example.org", &[]);
        let wiki = conditions("wiki.example.org", &[]);
        let items = conditions("shop.example.org", &["/cart/items"]);
        let all = conditions("*.example.org", &["/*"]);
        let (one, two, default) = (respond(201), respond(202), respond(404));
        let answered = |asked: &[RuleCondition], rules: &[(&[RuleCondition], &[ListenerAction])]| {
            let table = Table { rules: rules.to_vec(), default: &default };
            answer(asked, table).map(<[ListenerAction]>::to_vec)
        };
        let cart = conditions("shop.example.org", &["/cart", "/cart/*"]);
        assert_eq!(answered(&cart, &[(&wiki, &one), (&shop, &two)]), Some(two.clone()));
        assert_eq!(answered(&cart, &[(&wiki, &one), (&all, &two)]), Some(two.clone()));
        assert_eq!(answered(&cart, &[(&wiki, &one)]), Some(default.clone()));
        let help = conditions("shop.example.org", &["/help", "/help/*"]);
        assert_eq!(answered(&cart, &[(&help, &one), (&shop, &two)]), Some(two.clone()));
        assert_eq!(
            answered(&cart, &[(&items, &one), (&shop, &two)]),
            None,
            "another rule answers some of them"
        );
        assert_eq!(answered(&items, &[(&cart, &one), (&shop, &two)]), Some(one));
    }

    #[test]
    fn patterns_overlap_if_some_text_matches_both() {
        for (one, other, expected) in [
            ("/cart", "/cart", true),
            ("/cart", "/help", false),
            ("/cart/*", "/help/*", false),
            ("/cart/*", "/cart/items/*", true),
            ("/*/items", "/cart/*", true),
            ("*", "", true),
            ("/c?rt", "/cart", true),
            ("/c?rt", "/crt", false),
            ("*.example.org", "shop.*", true),
            ("*.example.org", "shop.example.net", false),
        ] {
            assert_eq!(overlap(one, other, false), expected, "{one} {other}");
            assert_eq!(overlap(other, one, false), expected, "{other} {one}");
        }
    }
}
