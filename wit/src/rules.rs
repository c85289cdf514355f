//! Conditions of listener rules in words.

use crate::{IpAddressType, RuleCondition, TextMatch};

/// The requests that meet all conditions: `shop.example.org /cart or /cart/*, method GET`. Lists are in alphabetical order,
/// since AWS may return them in any order.
pub fn requests(conditions: &[RuleCondition]) -> String {
    let all_of = |pick: fn(&RuleCondition) -> Option<&TextMatch>| -> Vec<String> {
        conditions.iter().filter_map(pick).map(any_of).collect()
    };
    let hosts = all_of(|it| if let RuleCondition::HostHeader(text) = it { Some(text) } else { None });
    let paths = all_of(|it| if let RuleCondition::PathPattern(text) = it { Some(text) } else { None });
    let host = if hosts.is_empty() { "any host".to_owned() } else { hosts.join(" and ") };
    let mut said = vec![match paths.as_slice() {
        [] => host,
        paths => format!("{host} {}", paths.join(" and ")),
    }];
    let mut others: Vec<String> = conditions.iter().filter_map(other).collect();
    others.sort();
    said.extend(others);
    said.join(", ")
}

/// A condition on anything but host and path.
fn other(condition: &RuleCondition) -> Option<String> {
    Some(match condition {
        RuleCondition::HostHeader(_) | RuleCondition::PathPattern(_) => return None,
        RuleCondition::HttpHeader(header) => format!("header {} {}", header.name, any_of(&header.value)),
        RuleCondition::QueryString(queries) => {
            let queries = queries.iter().map(|query| match &query.key {
                Some(key) => format!("{key}={}", query.value),
                None => query.value.clone(),
            });
            format!("query {}", joined(queries))
        }
        RuleCondition::SourceIp(blocks) => format!("source {}", joined(blocks.iter().cloned())),
        RuleCondition::SourceIpAddressType(kind) => {
            format!("source {}", if *kind == IpAddressType::Ipv6 { "ipv6" } else { "ipv4" })
        }
        RuleCondition::HttpRequestMethod(methods) => format!("method {}", joined(methods.iter().cloned())),
        RuleCondition::Other(field) => field.clone(),
    })
}

fn any_of(text: &TextMatch) -> String {
    let expressions = text.regular_expressions.iter().map(|it| format!("regular expression {it}"));
    joined(text.values.iter().cloned().chain(expressions))
}

fn joined(values: impl Iterator<Item = String>) -> String {
    let mut values: Vec<String> = values.collect();
    values.sort();
    values.join(" or ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::HeaderMatch;

    fn text(values: &[&str]) -> TextMatch {
        TextMatch {
            values: values.iter().map(|it| (*it).to_owned()).collect(),
            regular_expressions: Vec::new(),
        }
    }

    #[test]
    fn requests_are_named_by_host_and_path_and_then_by_the_rest() {
        let host = || RuleCondition::HostHeader(text(&["shop.example.org"]));
        let path = || RuleCondition::PathPattern(text(&["/cart/*", "/cart"]));
        let header =
            RuleCondition::HttpHeader(HeaderMatch { name: "X-Canary".into(), value: text(&["yes"]) });
        let method = RuleCondition::HttpRequestMethod(vec!["POST".into(), "GET".into()]);
        let expression = TextMatch { regular_expressions: vec!["^/v[0-9]".into()], ..text(&[]) };
        for (conditions, expected) in [
            (vec![host(), path()], "shop.example.org /cart or /cart/*"),
            (vec![host()], "shop.example.org"),
            (vec![path()], "any host /cart or /cart/*"),
            (vec![method, header, host()], "shop.example.org, header X-Canary yes, method GET or POST"),
            (vec![RuleCondition::PathPattern(expression)], "any host regular expression ^/v[0-9]"),
        ] {
            assert_eq!(requests(&conditions), expected);
        }
    }
}
