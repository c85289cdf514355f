//! Whether one listener rule matches all requests that another one matches, by what their patterns match.

use albatross_contract::{RuleCondition, TextMatch};

use super::requests::{allows_all, wildcard_host};

/// Whether every request that meets the narrow conditions also meets the wide ones. Conditions besides hosts and paths must
/// be the same.
pub(crate) fn covers(wide: &[RuleCondition], narrow: &[RuleCondition]) -> bool {
    wide.iter().all(|wide| matches_every_path(wide) || narrow.iter().any(|narrow| holds(wide, narrow)))
}

/// A rule as rules for one host and one path each. Together they match the same requests.
pub(crate) fn single_rules(conditions: &[RuleCondition]) -> Vec<Vec<RuleCondition>> {
    let mut rules: Vec<Vec<RuleCondition>> = vec![Vec::new()];
    for condition in conditions {
        let choices: Vec<RuleCondition> = match condition {
            RuleCondition::HostHeader(text) => singles(text, RuleCondition::HostHeader),
            RuleCondition::PathPattern(text) => singles(text, RuleCondition::PathPattern),
            other => vec![other.clone()],
        };
        let mut longer = Vec::with_capacity(rules.len() * choices.len());
        for rule in &rules {
            for choice in &choices {
                let mut rule = rule.clone();
                rule.push(choice.clone());
                longer.push(rule);
            }
        }
        rules = longer;
    }
    rules
}

fn singles(text: &TextMatch, condition: fn(TextMatch) -> RuleCondition) -> Vec<RuleCondition> {
    let value = |it: &String| TextMatch { values: vec![it.clone()], regular_expressions: Vec::new() };
    let expression = |it: &String| TextMatch { values: Vec::new(), regular_expressions: vec![it.clone()] };
    let values = text.values.iter().map(value);
    values.chain(text.regular_expressions.iter().map(expression)).map(condition).collect()
}

fn matches_every_path(condition: &RuleCondition) -> bool {
    let RuleCondition::PathPattern(text) = condition else { return false };
    text.values.iter().any(|value| value == "/*" || value == "*")
}

fn holds(wide: &RuleCondition, narrow: &RuleCondition) -> bool {
    match (wide, narrow) {
        (RuleCondition::HostHeader(wide), RuleCondition::HostHeader(narrow)) => holds_hosts(wide, narrow),
        (RuleCondition::PathPattern(wide), RuleCondition::PathPattern(narrow)) => {
            let has = |path: &String| wide.values.iter().any(|it| pattern_holds(it, path));
            narrow.values.iter().all(has)
                && narrow.regular_expressions.iter().all(|it| wide.regular_expressions.contains(it))
        }
        _ => allows_all(wide, narrow),
    }
}

/// Hosts are compared without regard to case. A regular expression for one label stands for a wildcard of Kubernetes.
fn holds_hosts(wide: &TextMatch, narrow: &TextMatch) -> bool {
    let in_values = |host: &str| {
        let host = host.to_ascii_lowercase();
        wide.values.iter().any(|it| pattern_holds(&it.to_ascii_lowercase(), &host))
    };
    let has_host =
        |host: &String| in_values(host) || wide.regular_expressions.iter().any(|it| is_label(it, host));
    let has_expression = |expression: &String| {
        wide.regular_expressions.contains(expression)
            || wildcard_host(expression).is_some_and(|host| in_values(&host))
    };
    narrow.values.iter().all(has_host) && narrow.regular_expressions.iter().all(has_expression)
}

/// Whether a host is the parent of a wildcard with one more label.
fn is_label(expression: &str, host: &str) -> bool {
    let Some(wildcard) = wildcard_host(expression) else { return false };
    let Some((label, parent)) = host.split_once('.') else { return false };
    let is_plain = !label.is_empty() && !label.contains(['*', '?']);
    is_plain && wildcard.strip_prefix("*.").is_some_and(|of| of.eq_ignore_ascii_case(parent))
}

/// Whether a pattern matches every text that a narrow pattern matches, in which `*` stands for any characters and `?` for
/// one. A `*` of the narrow pattern needs a `*` of the wide one.
fn pattern_holds(wide: &str, narrow: &str) -> bool {
    let narrow: Vec<char> = narrow.chars().collect();
    // For each end of the narrow pattern, whether the rest of the wide pattern holds it; from the last rest to the first.
    let mut holds: Vec<bool> = (0..=narrow.len()).map(|begin| begin == narrow.len()).collect();
    for letter in wide.chars().rev() {
        let mut next = vec![letter == '*' && holds.last() == Some(&true)];
        for (begin, given) in narrow.iter().enumerate().rev() {
            let is_rest_held = holds.get(begin + 1) == Some(&true);
            let is_longer_held = next.last() == Some(&true);
            next.push(match letter {
                '*' => holds.get(begin) == Some(&true) || is_longer_held,
                '?' => *given != '*' && is_rest_held,
                letter => letter == *given && is_rest_held,
            });
        }
        next.reverse();
        holds = next;
    }
    holds.first() == Some(&true)
}

#[cfg(test)]
mod tests {
    use albatross_contract::{RuleCondition, TextMatch};

    use super::{covers, pattern_holds, single_rules};

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
    fn a_pattern_holds_what_only_a_part_of_its_texts_matches() {
        for (wide, narrow, expected) in [
            ("/a", "/a", true),
            ("/a*", "/a", true),
            ("/a*", "/a?c*", true),
            ("/a*b", "/a*", false),
            ("/a?", "/a*", false),
            ("/a?", "/ab", true),
            ("/ab", "/a?", false),
            ("/a?", "/a??", false),
            ("/*a*b", "/xa*b", true),
            ("/a/*", "/a", false),
            ("*", "", true),
            ("", "/", false),
        ] {
            assert_eq!(pattern_holds(wide, narrow), expected, "{wide} {narrow}");
        }
    }

    #[test]
    fn a_rule_covers_another_one_only_if_its_hosts_and_its_paths_do() {
        let one_label = vec![RuleCondition::HostHeader(TextMatch {
            values: Vec::new(),
            regular_expressions: vec!["^[^.]+\\.a\\.org$".to_owned()],
        })];
        let method = || RuleCondition::HttpRequestMethod(vec!["GET".to_owned()]);
        for (wide, narrow, expected) in [
            (rule(&["a.org"], &["/c*"]), rule(&["A.org"], &["/cart", "/cart/*"]), true),
            (rule(&["a.org"], &["/c*"]), rule(&["b.org"], &["/cart"]), false),
            (rule(&["a.org"], &["/c*"]), rule(&["a.org"], &["/cart", "/pay"]), false),
            (rule(&[], &["/*"]), rule(&["a.org"], &[]), true),
            (rule(&["a.org"], &["/cart"]), rule(&["a.org"], &[]), false),
            (rule(&["*.a.org"], &[]), one_label.clone(), true),
            (one_label.clone(), rule(&["x.a.org"], &[]), true),
            (one_label, rule(&["x.y.a.org"], &[]), false),
            ([rule(&["a.org"], &[]), vec![method()]].concat(), rule(&["a.org"], &[]), false),
            (rule(&["a.org"], &[]), [rule(&["a.org"], &[]), vec![method()]].concat(), true),
        ] {
            assert_eq!(covers(&wide, &narrow), expected, "{wide:?} {narrow:?}");
        }
    }

    #[test]
    fn a_rule_is_each_of_its_hosts_with_each_of_its_paths() {
        let all = single_rules(&rule(&["a.org", "b.org"], &["/x", "/y"]));
        let expected = [("a.org", "/x"), ("a.org", "/y"), ("b.org", "/x"), ("b.org", "/y")];
        assert_eq!(all, expected.map(|(host, path)| rule(&[host], &[path])));
    }
}
