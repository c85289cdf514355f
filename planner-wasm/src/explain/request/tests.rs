use albatross_contract::{
    DesiredListener, DesiredRule, FixedResponseAction, HttpRequest, ListenerAction, Protocol, RedirectAction,
    RuleCondition, TextMatch,
};

use super::{
    Answer, covers,
    matching::tests::{get, text},
};
use crate::explain::answers::Answers;

fn answer(status_code: u16) -> Vec<ListenerAction> {
    vec![ListenerAction::FixedResponse(FixedResponseAction {
        status_code,
        content_type: None,
        message_body: None,
    })]
}

fn rule(priority: u32, host: &str, path: &str) -> DesiredRule {
    let conditions =
        vec![RuleCondition::HostHeader(text(&[host])), RuleCondition::PathPattern(text(&[path]))];
    DesiredRule { priority, conditions, actions: answer(200), transforms: Vec::new() }
}

fn listener(rules: Vec<DesiredRule>) -> DesiredListener {
    DesiredListener { port: 443, protocol: Protocol::Https, default_actions: answer(404), rules }
}

fn told(request: &HttpRequest, rules: Vec<DesiredRule>) -> Vec<(bool, String, String)> {
    let listener = listener(rules);
    let candidates = Answer::of(request, &listener).candidates("id", &Answers::default());
    candidates.into_iter().map(|it| (it.chosen, it.name, it.reason)).collect()
}

#[test]
fn the_first_rule_that_matches_answers_and_the_others_say_why_they_do_not() {
    let rules = vec![
        rule(5, "api.example.org", "/v1/*"),
        rule(20, "shop.example.org", "/cart"),
        rule(30, "SHOP.example.org", "/cart/*"),
        rule(35, "api.example.org", "/*"),
        rule(40, "shop.example.org", "/*"),
    ];
    let told = told(&get("https://shop.example.org/cart/items?page=2"), rules);
    let told: Vec<(bool, &str, &str)> =
        told.iter().map(|(chosen, name, why)| (*chosen, name.as_str(), why.as_str())).collect();
    assert_eq!(
        told,
        [
            (false, "5   api.example.org /v1/*", "the host differs"),
            (false, "20  shop.example.org /cart", "the path differs"),
            (true, "30  SHOP.example.org /cart/*", "→ fixed response 200; no Ingress asks for this rule"),
            (false, "40  shop.example.org /*", "would match, but comes later"),
            (false, "default action", "only if no rule matches"),
        ]
    );
}

#[test]
fn without_a_rule_that_matches_the_default_action_answers() {
    let told = told(&get("https://other.example.org/"), vec![rule(10, "shop.example.org", "/*")]);
    assert_eq!(told[1], (true, "default action".into(), "no rule matches → fixed response 404".into()));
}

#[test]
fn many_rules_for_other_hosts_are_one_line() {
    let rules = (1..=9).map(|number| rule(number, &format!("h{number}.example.org"), "/*")).collect();
    let told = told(&get("https://h9.example.org/"), rules);
    assert_eq!(told[0], (false, "8 rules".into(), "the host differs".into()));
    assert!(told[1].0 && told.len() == 3, "{told:?}");
}

#[test]
fn a_regular_expression_is_not_guessed() {
    let mut guess = rule(10, "shop.example.org", "/none");
    guess.conditions[1] = RuleCondition::PathPattern(TextMatch {
        values: Vec::new(),
        regular_expressions: vec!["^/cart".into()],
    });
    let request = get("https://shop.example.org/cart");
    let listener = listener(vec![guess.clone(), rule(20, "shop.example.org", "/*")]);
    let headline = Answer::of(&request, &listener).headline(&Answers::default());
    assert_eq!(headline, "rule 20 → fixed response 200, unless rule 10 matches");
    let told = told(&request, vec![guess]);
    assert_eq!(told[0].2, "it is not known whether the path matches");
    assert!(told[1].0, "as far as known, the default action answers");
}

#[test]
fn a_wildcard_host_of_an_ingress_covers_one_label() {
    assert!(covers("*.example.org", "Shop.example.org"));
    assert!(!covers("*.example.org", "a.shop.example.org") && !covers("*.example.org", "example.org"));
    assert!(covers("shop.example.org", "SHOP.example.org"));
}

#[test]
fn a_redirect_says_what_it_does_with_the_query() {
    let reason = |query: &str| {
        let redirect = RedirectAction {
            protocol: "HTTPS".into(),
            host: "#{host}".into(),
            port: "443".into(),
            path: "/new".into(),
            query: query.into(),
            status_code: 301,
        };
        let actions = vec![ListenerAction::Redirect(redirect)];
        let rule = DesiredRule { actions, ..rule(1, "shop.example.org", "/old") };
        let told = told(&get("https://shop.example.org/old?page=2"), vec![rule]);
        told.into_iter().find(|(chosen, ..)| *chosen).unwrap().2
    };
    let to = "→ redirect to HTTPS://#{host}:443/new";
    let end = "; no Ingress asks for this rule";
    assert_eq!(reason("#{query}"), format!("{to}{end}"));
    assert_eq!(reason(""), format!("{to}, without the query{end}"));
    assert_eq!(reason("from=#{path}"), format!("{to}?from=#{{path}}{end}"));
}
