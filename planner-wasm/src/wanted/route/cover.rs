//! Whether one rule matches all requests that another rule matches, as far as values show it.

use albatross_contract::{QueryMatch, RuleCondition, TextMatch};

use crate::{cidr::Block, source::wildcard_host, wildcards::matches};

/// Whether every request that meets the narrow conditions also meets the wide conditions. `false` if it is not known.
pub fn covers(wide: &[RuleCondition], narrow: &[RuleCondition]) -> bool {
    wide.iter().all(|wide| is_always_met(wide) || narrow.iter().any(|narrow| implies(narrow, wide)))
}

fn is_always_met(condition: &RuleCondition) -> bool {
    match condition {
        RuleCondition::PathPattern(text) => text.values.iter().any(|it| matches!(it.as_str(), "/*" | "*")),
        RuleCondition::HostHeader(text) => text.values.iter().any(|it| it == "*"),
        _ => false,
    }
}

fn implies(narrow: &RuleCondition, wide: &RuleCondition) -> bool {
    match (narrow, wide) {
        (RuleCondition::HostHeader(narrow), RuleCondition::HostHeader(wide)) => hosts(narrow, wide),
        (RuleCondition::PathPattern(narrow), RuleCondition::PathPattern(wide)) => {
            texts(narrow, wide, |it| it)
        }
        (RuleCondition::HttpHeader(narrow), RuleCondition::HttpHeader(wide)) => {
            narrow.name.eq_ignore_ascii_case(&wide.name) && folded(&narrow.value, &wide.value)
        }
        (RuleCondition::QueryString(narrow), RuleCondition::QueryString(wide)) => {
            narrow.iter().all(|narrow| wide.iter().any(|wide| pair(narrow, wide)))
        }
        (RuleCondition::SourceIp(narrow), RuleCondition::SourceIp(wide)) => {
            narrow.iter().all(|narrow| wide.iter().any(|wide| block(narrow, wide)))
        }
        (RuleCondition::HttpRequestMethod(narrow), RuleCondition::HttpRequestMethod(wide)) => {
            narrow.iter().all(|method| wide.contains(method))
        }
        _ => false,
    }
}

/// Hosts: a wildcard of Kubernetes is a regular expression for one label.
fn hosts(narrow: &TextMatch, wide: &TextMatch) -> bool {
    let is_covered = |expression: &String| {
        wide.regular_expressions.contains(expression)
            || wildcard_host(expression).is_some_and(|host| wide.values.iter().any(|it| pattern(it, &host)))
    };
    let has_one_label_more = |host: &str, expression: &String| {
        wildcard_host(expression).is_some_and(|wildcard| {
            host.split_once('.').is_some_and(|(label, parent)| {
                !label.is_empty()
                    && !label.contains(['*', '?'])
                    && wildcard.strip_prefix("*.") == Some(parent)
            })
        })
    };
    narrow.values.iter().map(|host| host.to_ascii_lowercase()).all(|host| {
        wide.values.iter().any(|it| pattern(&it.to_ascii_lowercase(), &host))
            || wide.regular_expressions.iter().any(|it| has_one_label_more(&host, it))
    }) && narrow.regular_expressions.iter().all(is_covered)
}

fn folded(narrow: &TextMatch, wide: &TextMatch) -> bool {
    texts(narrow, wide, |text| text.to_ascii_lowercase())
}

fn texts<'a, T: AsRef<str>>(narrow: &'a TextMatch, wide: &'a TextMatch, fold: impl Fn(&'a str) -> T) -> bool {
    let has = |text: &'a String| wide.values.iter().any(|it| pattern(fold(it).as_ref(), fold(text).as_ref()));
    narrow.values.iter().all(has)
        && narrow.regular_expressions.iter().all(|it| wide.regular_expressions.contains(it))
}

fn pair(narrow: &QueryMatch, wide: &QueryMatch) -> bool {
    let key = match (&narrow.key, &wide.key) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(narrow), Some(wide)) => pattern(&wide.to_ascii_lowercase(), &narrow.to_ascii_lowercase()),
    };
    key && pattern(&wide.value.to_ascii_lowercase(), &narrow.value.to_ascii_lowercase())
}

fn block(narrow: &str, wide: &str) -> bool {
    match (Block::read(narrow), Block::read(wide)) {
        (Some(narrow), Some(wide)) => wide.contains(&narrow),
        _ => narrow == wide,
    }
}

/// Whether a pattern matches everything that a narrow pattern matches: `*` of the narrow pattern is matched only by `*`.
fn pattern(wide: &str, narrow: &str) -> bool {
    matches(wide, narrow, |wanted, letter| letter != '*' && (wanted == '?' || wanted == letter))
}

#[cfg(test)]
mod tests {
    use albatross_contract::{HeaderMatch, RuleCondition, TextMatch};

    use super::{covers, pattern};

    fn text(values: &[&str]) -> TextMatch {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        TextMatch { values, regular_expressions: Vec::new() }
    }

    fn host(values: &[&str]) -> RuleCondition {
        RuleCondition::HostHeader(text(values))
    }

    fn path(values: &[&str]) -> RuleCondition {
        RuleCondition::PathPattern(text(values))
    }

    #[test]
    fn a_wide_pattern_matches_everything_that_a_narrow_one_matches() {
        for (wide, narrow, expected) in [
            ("/a*", "/a", true),
            ("/a*", "/a*b", true),
            ("/a*b", "/a*", false),
            ("/a?", "/a*", false),
            ("/a?", "/ab", true),
            ("/a??", "/a?c", true),
            ("*", "*", true),
            ("/a/*", "/a", false),
            ("/*a*b", "/xa*b", true),
        ] {
            assert_eq!(pattern(wide, narrow), expected, "{wide} {narrow}");
        }
    }

    #[test]
    fn fewer_and_wider_conditions_cover_more() {
        let one_label = RuleCondition::HostHeader(TextMatch {
            values: Vec::new(),
            regular_expressions: vec![r"^[^.]+\.a\.org$".into()],
        });
        let header = |value: &str| {
            RuleCondition::HttpHeader(HeaderMatch { name: "Beta".into(), value: text(&[value]) })
        };
        let source = |block: &str| RuleCondition::SourceIp(vec![block.to_owned()]);
        let a = || host(&["a.org"]);
        for (wide, narrow, expected) in [
            (vec![a()], vec![a(), path(&["/x"])], true),
            (vec![path(&["/*"])], vec![a()], true),
            (vec![a(), path(&["/*"])], vec![a()], true),
            (vec![a(), path(&["/x"])], vec![a()], false),
            (vec![host(&["A.org", "b.org"])], vec![a()], true),
            (vec![a()], vec![host(&["a.org", "b.org"])], false),
            (vec![one_label.clone()], vec![host(&["x.a.org"])], true),
            (vec![one_label.clone()], vec![host(&["x.y.a.org"])], false),
            (vec![one_label.clone()], vec![host(&["*.a.org"])], false),
            (vec![host(&["*.a.org"])], vec![one_label], true),
            (vec![header("Y*")], vec![a(), header("yes")], true),
            (vec![source("10.0.0.0/8")], vec![source("10.1.0.0/16")], true),
            (vec![source("10.1.0.0/16")], vec![source("10.0.0.0/8")], false),
        ] {
            assert_eq!(covers(&wide, &narrow), expected, "{wide:?} {narrow:?}");
        }
    }
}
