#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;

use albatross_contract::{ListenerAction, TargetHealth::*};

use super::*;
use crate::testing::{front, group, rule};

fn get(path: &str) -> HttpRequest {
    HttpRequest {
        method: "GET".into(),
        scheme: "http".into(),
        host: "shop.example.org".into(),
        port: 80,
        path: path.into(),
        query: None,
        headers: Vec::new(),
        source_address: None,
    }
}

fn shop() -> Front {
    let mut front = front();
    front.listener.rules = vec![
        rule(20, "/*", &[("web", 3), ("canary", 1)]),
        rule(10, "/cart", &[("cart", 1)]),
        rule(5, "/off", &[("web", 0), ("cart", 0)]),
    ];
    front.target_groups = BTreeMap::from([
        (
            "web".to_owned(),
            group("shop/web", &[("10.0.0.1", Healthy), ("10.0.0.2", Unhealthy), ("10.0.0.3", Healthy)]),
        ),
        (
            "canary".to_owned(),
            group("shop/canary", &[("10.0.1.1", Initial), ("10.0.1.2", Unhealthy), ("10.0.1.3", Draining)]),
        ),
        ("cart".to_owned(), group("shop/cart", &[])),
    ]);
    front
}

/// The Service and the target of the request with a number.
fn went(front: &Front, path: &str, number: u32) -> (String, Option<String>) {
    match decide(front, &get(path), number).outcome {
        Outcome::Forward { group, target } => {
            (group.service.clone().unwrap(), target.map(|it| it.id.clone()))
        }
        other => panic!("{path}: {other:?}"),
    }
}

#[test]
fn target_groups_get_requests_in_proportion_to_their_weights_and_healthy_targets_take_turns() {
    let shop = shop();
    let mut counts: BTreeMap<(String, Option<String>), u32> = BTreeMap::new();
    for number in 0..400 {
        *counts.entry(went(&shop, "/", number)).or_default() += 1;
    }
    let expected = [
        ("shop/canary", "10.0.1.1", 50),
        ("shop/canary", "10.0.1.2", 50),
        ("shop/web", "10.0.0.1", 150),
        ("shop/web", "10.0.0.3", 150),
    ];
    let counts: Vec<(&str, &str, u32)> = counts
        .iter()
        .map(|((service, target), count)| (service.as_str(), target.as_deref().unwrap(), *count))
        .collect();
    assert_eq!(counts, expected, "without a healthy target all get requests, except those that drain");
}

#[test]
fn the_rule_with_the_smallest_priority_that_matches_answers() {
    let shop = shop();
    assert_eq!(decide(&shop, &get("/cart"), 0).rule.unwrap().priority, 10);
    assert_eq!(went(&shop, "/cart", 7), ("shop/cart".to_owned(), None), "the target group has no targets");
    assert_eq!(decide(&shop, &get("/off"), 0).outcome, Outcome::Nothing, "no weight is above 0");
}

#[test]
fn without_a_rule_that_matches_the_default_actions_answer() {
    let front = front();
    let decision = decide(&front, &get("/"), 0);
    assert_eq!(decision.rule, None);
    let [ListenerAction::FixedResponse(expected)] = front.listener.default_actions.as_slice() else {
        panic!()
    };
    assert_eq!(decision.outcome, Outcome::FixedResponse(expected.clone()));
}
