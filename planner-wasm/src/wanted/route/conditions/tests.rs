use albatross_contract::{Quotas, RuleCondition, TextMatch};

use super::{divide, in_order, of, values, wildcards};
use crate::source::{HostMatch, PathMatch, Route};

fn route<'a>(hosts: Vec<HostMatch<'a>>, paths: Vec<PathMatch<'a>>) -> Route<'a> {
    Route {
        hosts,
        paths,
        conditions: Vec::new(),
        filters: Vec::new(),
        backends: Vec::new(),
        stickiness: None,
        field: String::new(),
    }
}

/// For each rule its conditions, each with its values and regular expressions.
fn told(route: &Route<'_>) -> Vec<Vec<Vec<String>>> {
    let texts = |condition: &RuleCondition| match condition {
        RuleCondition::HostHeader(text) | RuleCondition::PathPattern(text) => {
            text.values.iter().chain(&text.regular_expressions).cloned().collect()
        }
        RuleCondition::SourceIp(list) => list.clone(),
        _ => Vec::new(),
    };
    let rules = of(route, &Quotas::default()).into_iter();
    rules.map(|rule| rule.conditions.iter().map(texts).collect()).collect()
}

fn only(host: Option<&'static str>, path: PathMatch<'static>) -> Vec<Vec<String>> {
    let hosts = host.map(|host| HostMatch::Name(host.into())).into_iter().collect();
    told(&route(hosts, vec![path])).remove(0)
}

#[test]
fn a_route_has_conditions_for_host_and_path() {
    let host = Some("Shop.example.org");
    assert_eq!(only(host, PathMatch::Prefix("/".into())), [["shop.example.org"]]);
    assert_eq!(
        only(host, PathMatch::Prefix("/cart/".into())),
        [vec!["shop.example.org"], vec!["/cart", "/cart/*"]]
    );
    assert_eq!(only(host, PathMatch::Exact("/".into())), [["shop.example.org"], ["/"]]);
    assert_eq!(only(None, PathMatch::Prefix("/".into())), [["/*"]]);
    assert_eq!(only(None, PathMatch::Pattern("/a*".into())), [["/a*"]]);
}

#[test]
fn hosts_and_paths_with_the_same_place_in_the_order_of_rules_share_a_rule() {
    let hosts = vec![
        HostMatch::Name("b.org".into()),
        HostMatch::Name("a.org".into()),
        HostMatch::Wildcard("*.a.org".into()),
    ];
    let paths =
        vec![PathMatch::Exact("/x".into()), PathMatch::Prefix("/y".into()), PathMatch::Exact("/z".into())];
    assert_eq!(
        told(&route(hosts, paths)),
        [
            vec![vec!["a.org", "b.org"], vec!["/x", "/z"]],
            vec![vec!["a.org", "b.org"], vec!["/y", "/y/*"]],
            vec![vec![r"^[^.]+\.a\.org$"], vec!["/x", "/z"]],
            vec![vec![r"^[^.]+\.a\.org$"], vec!["/y", "/y/*"]],
        ]
    );
}

#[test]
fn more_values_than_a_rule_may_have_are_divided_among_as_few_rules_as_possible() {
    let mut route = route(vec![HostMatch::Name("a.org".into())], vec![PathMatch::Prefix("/a".into())]);
    let blocks: Vec<String> = (1..=6).map(|number| format!("10.{number}.0.0/16")).collect();
    route.conditions = vec![RuleCondition::SourceIp(blocks.clone())];
    let told = told(&route);
    assert_eq!(told.len(), 3);
    let divided: Vec<String> = told.iter().flat_map(|rule| rule[2].clone()).collect();
    assert_eq!(divided, blocks);
    assert!(told.iter().all(|rule| rule.iter().map(Vec::len).sum::<usize>() <= 5));
}

#[test]
fn every_division_is_within_the_quotas_and_holds_every_combination_once() {
    let text = |values: Vec<String>| TextMatch { values, regular_expressions: Vec::new() };
    let quotas = Quotas::default();
    for hosts in 1..=9 {
        for paths in 1..=9 {
            let host = |number: usize| format!("{number}.org");
            let path = |number: usize| format!("/{number}*");
            let whole = vec![
                RuleCondition::HostHeader(text((0..hosts).map(host).collect())),
                RuleCondition::PathPattern(text((0..paths).map(path).collect())),
            ];
            let divided = divide(whole, &quotas);
            let of_rule = |rule: &[RuleCondition], count: fn(&RuleCondition) -> usize| {
                rule.iter().map(count).sum::<usize>()
            };
            assert!(divided.iter().all(|rule| of_rule(rule, values) <= 5 && of_rule(rule, wildcards) <= 5));
            let combinations: usize =
                divided.iter().map(|rule| rule.iter().map(values).product::<usize>()).sum();
            assert_eq!(combinations, hosts * paths);
        }
    }
}

#[test]
fn the_order_of_values_does_not_matter() {
    let text = |values: [&str; 2]| {
        let values = values.map(str::to_owned).to_vec();
        RuleCondition::PathPattern(TextMatch { values, regular_expressions: Vec::new() })
    };
    assert_eq!(in_order(&[text(["/a", "/b"])]), in_order(&[text(["/b", "/a"])]));
}
