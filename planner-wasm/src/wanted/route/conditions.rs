//! The conditions of the listener rule of a route.

use albatross_contract::{RuleCondition, TextMatch};

use crate::source::{PathMatch, Route, lower_case};

/// The conditions of a route: its host, and its path as patterns of AWS. A rule needs at least one condition.
pub fn of(route: &Route<'_>) -> Vec<RuleCondition> {
    let host = route.host.map(|host| RuleCondition::HostHeader(text(vec![lower_case(host).into_owned()])));
    let paths = paths(route.path);
    let path = (!paths.is_empty() || host.is_none()).then(|| {
        let paths = if paths.is_empty() { vec!["/*".to_owned()] } else { paths };
        RuleCondition::PathPattern(text(paths))
    });
    host.into_iter().chain(path).collect()
}

/// The patterns of a path. Empty: every path.
fn paths(path: PathMatch<'_>) -> Vec<String> {
    match path {
        PathMatch::Exact(text) | PathMatch::Pattern(text) => vec![text.to_owned()],
        // "/foo" matches "/foo", "/foo/" and all paths below (Kubernetes, "Ingress: path types").
        PathMatch::Prefix(text) => match text.trim_end_matches('/') {
            "" => Vec::new(),
            text => vec![text.to_owned(), format!("{text}/*")],
        },
    }
}

fn text(values: Vec<String>) -> TextMatch {
    TextMatch { values, regular_expressions: Vec::new() }
}

/// Conditions in a canonical order: AWS may return conditions and their values in another order.
pub fn in_order(conditions: &[RuleCondition]) -> Vec<RuleCondition> {
    let mut conditions = conditions.to_vec();
    for condition in &mut conditions {
        match condition {
            RuleCondition::HostHeader(text) | RuleCondition::PathPattern(text) => {
                text.values.sort();
                text.regular_expressions.sort();
            }
            RuleCondition::HttpHeader(header) => {
                header.value.values.sort();
                header.value.regular_expressions.sort();
            }
            RuleCondition::QueryString(pairs) => pairs.sort(),
            RuleCondition::SourceIp(list) | RuleCondition::HttpRequestMethod(list) => list.sort(),
            RuleCondition::SourceIpAddressType(_) | RuleCondition::Other(_) => {}
        }
    }
    conditions.sort();
    conditions
}

#[cfg(test)]
mod tests {
    use albatross_contract::{RuleCondition, TextMatch};

    use super::{in_order, of};
    use crate::source::{PathMatch, Route};

    fn values(host: Option<&str>, path: PathMatch<'_>) -> Vec<Vec<String>> {
        let route = Route { host, path, backends: Vec::new(), field: String::new() };
        let all = of(&route).into_iter().map(|condition| match condition {
            RuleCondition::HostHeader(text) | RuleCondition::PathPattern(text) => text.values,
            _ => Vec::new(),
        });
        all.collect()
    }

    #[test]
    fn a_route_has_conditions_for_host_and_path() {
        let host = Some("Shop.example.org");
        assert_eq!(values(host, PathMatch::Prefix("/")), [["shop.example.org"]]);
        assert_eq!(
            values(host, PathMatch::Prefix("/cart/")),
            [vec!["shop.example.org"], vec!["/cart", "/cart/*"]]
        );
        assert_eq!(values(host, PathMatch::Exact("/")), [["shop.example.org"], ["/"]]);
        assert_eq!(values(None, PathMatch::Prefix("/")), [["/*"]]);
        assert_eq!(values(None, PathMatch::Pattern("/a*")), [["/a*"]]);
    }

    #[test]
    fn the_order_of_values_does_not_matter() {
        let text = |values: [&str; 2]| {
            let values = values.map(str::to_owned).to_vec();
            RuleCondition::PathPattern(TextMatch { values, regular_expressions: Vec::new() })
        };
        assert_eq!(in_order(&[text(["/a", "/b"])]), in_order(&[text(["/b", "/a"])]));
    }
}
