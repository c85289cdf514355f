//! Proxy mode: with the setting `proxy.deny`, load balancers answer requests for internal domains themselves.

use albatross_contract::{
    DenySettings, FixedResponseAction, Listener, ListenerAction, Rule, RuleCondition, Tag, TextMatch,
    ViewPart,
};
use albatross_stories::{
    Controller, actions, alone, certificate, ingress, internal, take_something_away, warns, world,
};

use crate::gaps::plan_without;

fn deny(domains: &[&str]) -> DenySettings {
    DenySettings {
        domains: domains.iter().map(|domain| (*domain).to_owned()).collect(),
        response: None,
        content_type: None,
        status_code: None,
    }
}

/// Three load balancers: a public one, an internal one, and one that serves a single Ingress.
fn shops(setting: Option<DenySettings>) -> Controller {
    let mut story = Controller::new(
        world(),
        vec![certificate(1, &["*.example.org"])],
        vec![
            ingress("checkout", &["shop.example.org"]),
            internal(ingress("backoffice", &["backoffice.example.org"])),
            alone(ingress("till", &["till.example.org"])),
        ],
    );
    story.settings.proxy.deny = setting;
    story.converge();
    story
}

fn listeners(story: &mut Controller) -> Vec<Listener> {
    ["checkout", "backoffice", "till"].iter().flat_map(|name| story.serving(name).listeners).collect()
}

fn hosts(rule: &Rule) -> Vec<String> {
    match rule.conditions.as_slice() {
        [RuleCondition::HostHeader(text)] => text.values.clone(),
        _ => Vec::new(),
    }
}

fn response(status_code: u16, content_type: &str, body: &str) -> ListenerAction {
    ListenerAction::FixedResponse(FixedResponseAction {
        status_code,
        content_type: Some(content_type.to_owned()),
        message_body: Some(body.to_owned()),
    })
}

/// A rule that somebody else created.
fn foreign(priority: u32) -> Rule {
    let hosts = TextMatch { values: vec!["*.cluster.local".to_owned()], regular_expressions: Vec::new() };
    Rule {
        arn: format!(
            "arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener-rule/app/x/1/2/{priority}"
        ),
        priority,
        conditions: vec![RuleCondition::HostHeader(hosts)],
        actions: vec![response(403, "text/plain", "no")],
        transforms: Vec::new(),
        tags: vec![Tag { key: "team".into(), value: "security".into() }],
    }
}

#[test]
fn both_listeners_of_every_load_balancer_refuse_internal_domains_until_the_setting_goes() {
    let mut story = shops(None);
    assert!(listeners(&mut story).iter().all(|listener| listener.rules.is_empty()));
    let names = [story.hostname("checkout"), story.hostname("backoffice")];

    story.settings.proxy.deny = Some(deny(&[]));
    story.converge();

    let all = listeners(&mut story);
    assert_eq!(all.len(), 6);
    for listener in &all {
        let [rule] = listener.rules.as_slice() else { panic!("{listener:#?}") };
        assert_eq!(hosts(rule), ["*.cluster.local"]);
        assert_eq!(rule.priority, 1);
        assert_eq!(rule.actions, [response(401, "text/plain", "Unauthorized")]);
    }
    story.wait_for_the_grace();
    assert!(!take_something_away(&story.converge()), "the rules stay");

    story.settings.proxy.deny = None;
    story.converge();
    let has_none = |listener: &Listener| listener.rules.is_empty();
    assert!(
        listeners(&mut story).iter().all(has_none),
        "the budget for rules of Ingresses does not count them"
    );
    assert_eq!(names, [story.hostname("checkout"), story.hostname("backoffice")]);
}

#[test]
fn the_response_changes_in_place_and_domains_are_spread_over_rules() {
    let mut story = shops(Some(deny(&[])));
    let before = listeners(&mut story)[0].rules[0].arn.clone();
    story.settings.proxy.deny = Some(DenySettings {
        response: Some("{}".into()),
        content_type: Some("application/json".into()),
        status_code: Some(403),
        ..deny(&["*.cluster.local"])
    });
    story.converge();
    let rule = listeners(&mut story)[0].rules[0].clone();
    assert_eq!((rule.arn, rule.actions), (before, vec![response(403, "application/json", "{}")]));

    let many: Vec<String> = (0..6).map(|number| format!("*.zone-{number}.local")).collect();
    story.settings.proxy.deny = Some(deny(&many.iter().map(String::as_str).collect::<Vec<_>>()));
    story.converge();
    for listener in listeners(&mut story) {
        let mut all: Vec<Vec<String>> = listener.rules.iter().map(hosts).collect();
        all.sort();
        assert_eq!(all, [many[..5].to_vec(), many[5..].to_vec()]);
    }
}

#[test]
fn rules_of_other_people_stay_with_their_priorities() {
    let mut story = shops(None);
    let name = story.hostname("checkout").unwrap();
    story.in_the_console(&name, |found| found.listeners[0].rules.push(foreign(1)));

    story.settings.proxy.deny = Some(deny(&[]));
    story.converge();
    let rules = story.serving("checkout").listeners[0].rules.clone();
    assert_eq!(rules.len(), 2);
    assert!(rules.contains(&foreign(1)));
    assert!(rules.iter().any(|rule| rule.priority == 2));

    story.settings.proxy.deny = None;
    story.converge();
    assert_eq!(story.serving("checkout").listeners[0].rules, [foreign(1)]);
}

#[test]
fn a_new_load_balancer_refuses_internal_domains_from_the_start_also_with_a_redirect() {
    let mut story = shops(Some(deny(&[])));
    story.settings.proxy.redirect_http = true;
    story.converge();
    assert!(listeners(&mut story).iter().all(|listener| listener.rules.len() == 1));
    story.settings.proxy.redirect_http = false;
    story.converge();
    assert!(listeners(&mut story).iter().all(|listener| listener.rules.len() == 1));
}

#[test]
fn without_a_view_of_the_rules_none_changes() {
    let mut story = shops(Some(deny(&[])));
    story.settings.proxy.deny = Some(deny(&["*.internal.local"]));
    let snapshot = story.snapshot().unwrap();
    for lost in [false, true] {
        let plan = plan_without(&snapshot, ViewPart::Rules, lost);
        assert!(plan.actions.is_empty(), "{:#?}", plan.actions);
    }
}

#[test]
fn a_load_balancer_without_room_for_the_rule_is_reported() {
    let mut story = shops(None);
    story.cloud.inventory_mut().quotas.rules_per_load_balancer = 1;
    story.settings.proxy.deny = Some(deny(&[]));
    let passes = story.converge();
    assert_eq!(actions(&passes).count(), 3, "one rule for each load balancer: {passes:#?}");
    assert!(warns(&story.plan(), albatross_contract::DiagnosticCode::QuotaExhausted));
}

#[test]
fn settings_that_a_rule_cannot_hold_are_refused_by_name() {
    let mut story = shops(None);
    story.settings.proxy.deny = Some(deny(&["localhost"]));
    let message = story.try_plan().unwrap_err().message;
    assert!(message.contains("proxy.deny.domains has \"localhost\""), "{message}");
}
