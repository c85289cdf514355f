//! What rules do besides forwarding, and what they match besides host and path: changed, corrected and removed.

use albatross_contract::{
    DiagnosticCode, Ingress, IngressBackend, ListenerAction, Operation, OutcomeState, RuleCondition,
    ServicePortReference,
};
use albatross_stories::{
    Controller, actions, annotated, certificate, ingress, outcome, service, take_something_away,
};

use super::routes::{story, with_paths};

const PREFIX: &str = "alb.ingress.kubernetes.io/";
const GROUP: &str = "alb.ingress.kubernetes.io/group.name";
const PORTS: &str = "alb.ingress.kubernetes.io/listen-ports";
const SSL_REDIRECT: &str = "alb.ingress.kubernetes.io/ssl-redirect";
const BOTH: &str = r#"[{"HTTP": 80}, {"HTTPS": 443}]"#;

/// An Ingress whose only path has an action with the name `act`.
fn acting(name: &str, host: &str, action: &str) -> Ingress {
    let mut ingress = with_paths(ingress(name, &[host]), &[("/", "act")]);
    if let IngressBackend::Service(service) = &mut ingress.rules[0].paths[0].backend {
        service.port = ServicePortReference::Name("use-annotation".into());
    }
    annotated(ingress, &format!("{PREFIX}actions.act"), action)
}

fn weighted(web: u16, other: u16) -> String {
    let group =
        |name: &str, weight: u16| format!(r#"{{"serviceName":"{name}","servicePort":80,"weight":{weight}}}"#);
    let groups = format!("{},{}", group("web", web), group("other", other));
    format!(r#"{{"type":"forward","forwardConfig":{{"targetGroups":[{groups}]}}}}"#)
}

fn actions_of_rules(story: &mut Controller, name: &str, port: u16) -> Vec<ListenerAction> {
    let load_balancer = story.serving(name);
    let listener = load_balancer.listeners.iter().find(|it| it.port == port).unwrap();
    let mut rules = listener.rules.clone();
    rules.sort_by_key(|rule| rule.priority);
    rules.into_iter().flat_map(|rule| rule.actions).collect()
}

fn weights(story: &mut Controller, name: &str) -> Vec<u16> {
    let found = actions_of_rules(story, name, 80);
    let forwards = found.iter().filter_map(|action| match action {
        ListenerAction::Forward(forward) => Some(forward),
        _ => None,
    });
    forwards.flat_map(|it| &it.target_groups).map(|group| group.weight).collect()
}

/// The redirects of HTTP to HTTPS: by the default actions, and the number of rules of each listener.
fn redirects(story: &mut Controller, name: &str) -> Vec<(u16, bool, usize)> {
    let load_balancer = story.serving(name);
    let mut told: Vec<(u16, bool, usize)> = load_balancer
        .listeners
        .iter()
        .map(|it| (it.port, matches!(it.default_actions[..], [ListenerAction::Redirect(_)]), it.rules.len()))
        .collect();
    told.sort_unstable();
    told
}

fn services() -> Vec<albatross_contract::Service> {
    vec![service("web", 30_080), service("other", 30_081)]
}

#[test]
fn weights_shift_with_one_change_of_one_rule() {
    let mut story = story(vec![acting("shop", "shop.example.org", &weighted(90, 10))], services());
    story.converge();
    assert_eq!(weights(&mut story, "shop"), [90, 10]);

    story.annotate("shop", &format!("{PREFIX}actions.act"), &weighted(50, 50));
    let passes = story.converge();

    assert_eq!(weights(&mut story, "shop"), [50, 50]);
    let changes: Vec<&Operation> = actions(&passes).map(|action| &action.operation).collect();
    assert!(matches!(changes[..], [Operation::ModifyRule(_)]), "{changes:?}");
}

#[test]
fn a_redirect_becomes_a_forward_and_a_fixed_response_in_place() {
    let redirect =
        r#"{"type":"redirect","redirectConfig":{"host":"new.example.org","statusCode":"HTTP_302"}}"#;
    let mut story = story(vec![acting("shop", "shop.example.org", redirect)], services());
    story.converge();
    let before = story.serving("shop").listeners[0].rules[0].arn.clone();

    for (action, is_it) in [
        (weighted(1, 1), (|it| matches!(it, ListenerAction::Forward(_))) as fn(&ListenerAction) -> bool),
        (r#"{"type":"fixed-response","fixedResponseConfig":{"statusCode":"404"}}"#.to_owned(), |it| {
            matches!(it, ListenerAction::FixedResponse(_))
        }),
        (redirect.to_owned(), |it| matches!(it, ListenerAction::Redirect(_))),
    ] {
        story.annotate("shop", &format!("{PREFIX}actions.act"), &action);
        story.converge();
        assert!(is_it(&actions_of_rules(&mut story, "shop", 80)[0]), "{action}");
        assert_eq!(story.serving("shop").listeners[0].rules[0].arn, before, "it is the same rule");
    }
}

#[test]
fn an_invalid_action_holds_its_ingress_and_nothing_else_moves() {
    let member = |name: &str, host: &str| annotated(acting(name, host, &weighted(1, 1)), GROUP, "shop");
    let mut story =
        story(vec![member("cart", "cart.example.org"), member("pay", "pay.example.org")], services());
    story.converge();
    let before = story.serving("cart");

    story.annotate("cart", &format!("{PREFIX}actions.act"), r#"{"type":"forward","weight":1}"#);

    let plan = story.plan();
    assert_eq!(plan.actions, []);
    let held = outcome(&plan, "cart").unwrap();
    assert_eq!(held.state, OutcomeState::Held);
    assert_eq!(held.diagnostics[0].code, DiagnosticCode::AnnotationInvalid);
    assert_eq!(outcome(&plan, "pay").unwrap().state, OutcomeState::Placed);
    assert_eq!(outcome(&plan, "pay").unwrap().diagnostics, []);

    story.annotate("cart", &format!("{PREFIX}actions.act"), &weighted(1, 1));
    story.converge();
    assert_eq!(story.serving("cart"), before);
}

#[test]
fn a_condition_that_is_added_makes_another_rule_before_the_old_one_goes() {
    let shop = with_paths(ingress("shop", &["shop.example.org"]), &[("/", "web")]);
    let mut story = story(vec![shop], services());
    story.converge();

    let condition = r#"[{"field":"http-request-method","httpRequestMethodConfig":{"values":["GET"]}}]"#;
    story.annotate("shop", &format!("{PREFIX}conditions.web"), condition);
    story.converge();

    let load_balancer = story.serving("shop");
    let mut rules = load_balancer.listeners[0].rules.clone();
    rules.sort_by_key(|rule| rule.priority);
    let has_method = |it: &albatross_contract::Rule| {
        it.conditions.contains(&RuleCondition::HttpRequestMethod(vec!["GET".into()]))
    };
    assert_eq!(rules.iter().map(has_method).collect::<Vec<_>>(), [true, false], "the old rule is behind");

    story.wait_for_the_grace();
    story.converge();
    assert_eq!(story.serving("shop").listeners[0].rules.len(), 1);
}

#[test]
fn a_transform_is_added_changed_and_removed_in_place() {
    let shop = with_paths(ingress("shop", &["shop.example.org"]), &[("/", "web")]);
    let key = format!("{PREFIX}transforms.web");
    let transform = |to: &str| {
        format!(
            r#"[{{"type":"url-rewrite","urlRewriteConfig":{{"rewrites":[{{"regex":"^/a","replace":"{to}"}}]}}}}]"#
        )
    };
    let mut story = story(vec![shop], services());
    story.converge();
    for (value, expected) in [(Some("/b"), 1), (Some("/c"), 1), (None, 0)] {
        match value {
            Some(to) => story.annotate("shop", &key, &transform(to)),
            None => story.edit("shop", |mut it| {
                it.metadata.annotations.retain(|tag| tag.key != key);
                it
            }),
        }
        let passes = story.converge();
        assert_eq!(actions(&passes).count(), 1);
        assert_eq!(story.serving("shop").listeners[0].rules[0].transforms.len(), expected, "{value:?}");
    }
}

#[test]
fn requests_are_rewritten_for_a_new_service_only_when_it_gets_them() {
    let shop = |service: &str| with_paths(ingress("shop", &["shop.example.org"]), &[("/", service)]);
    let mut story = story(vec![shop("web")], services());
    story.converge();

    let transform =
        r#"[{"type":"url-rewrite","urlRewriteConfig":{"rewrites":[{"regex":"^/a","replace":"/b"}]}}]"#;
    story.annotate("shop", &format!("{PREFIX}transforms.other"), transform);
    story.edit("shop", |before| Ingress { rules: shop("other").rules, ..before });
    story.pass();
    assert_eq!(
        (weights(&mut story, "shop"), story.serving("shop").listeners[0].rules[0].transforms.len()),
        (vec![1, 0], 0)
    );

    story.cloud.advance(albatross_stories::WAITING);
    story.converge();
    assert_eq!(
        (weights(&mut story, "shop"), story.serving("shop").listeners[0].rules[0].transforms.len()),
        (vec![1], 1)
    );
}

/// A shop with both listeners.
fn secure(name: &str, host: &str) -> Ingress {
    let shop = with_paths(ingress(name, &[host]), &[("/", "web"), ("/cart", "other")]);
    annotated(annotated(shop, PORTS, BOTH), GROUP, "shop")
}

#[test]
fn http_redirects_to_https_when_asked_and_serves_again_when_not() {
    let mut story = story(vec![secure("shop", "shop.example.org")], services());
    story.add_certificate(certificate(1, &["*.example.org"]));
    story.converge_within(6);
    assert_eq!(redirects(&mut story, "shop"), [(80, false, 2), (443, false, 2)]);

    story.annotate("shop", SSL_REDIRECT, "443");
    let passes = story.converge();
    assert_eq!(redirects(&mut story, "shop"), [(80, true, 0), (443, false, 2)]);
    let ids: Vec<&str> = actions(&passes).map(|it| it.id.rsplit('/').next().unwrap()).collect();
    assert_eq!(ids, ["modify", "delete", "delete"], "no request is answered with 404 meanwhile");
    assert!(!take_something_away(&passes));

    story.edit("shop", |mut it| {
        it.metadata.annotations.retain(|tag| tag.key != SSL_REDIRECT);
        it
    });
    let passes = story.converge();
    assert_eq!(redirects(&mut story, "shop"), [(80, false, 2), (443, false, 2)]);
    let ids: Vec<&str> = actions(&passes).map(|it| it.id.rsplit('/').next().unwrap()).collect();
    assert_eq!(ids, ["create", "create", "modify"]);
}

#[test]
fn of_two_members_with_different_redirect_ports_the_first_by_order_counts() {
    let first = annotated(secure("first", "first.example.org"), SSL_REDIRECT, "443");
    let second = annotated(secure("second", "second.example.org"), SSL_REDIRECT, "8443");
    let second = annotated(second, PORTS, r#"[{"HTTP": 80}, {"HTTPS": 443}, {"HTTPS": 8443}]"#);
    let second = annotated(second, "alb.ingress.kubernetes.io/group.order", "5");
    let mut story = story(vec![second, first], services());
    story.add_certificate(certificate(1, &["*.example.org"]));
    story.converge_within(6);

    let plan = story.plan();
    assert_eq!(redirects(&mut story, "first"), [(80, true, 0), (443, false, 4), (8443, false, 2)]);
    assert_eq!(outcome(&plan, "first").unwrap().diagnostics, []);
    assert_eq!(
        outcome(&plan, "second").unwrap().diagnostics[0].message,
        "annotation alb.ingress.kubernetes.io/ssl-redirect is 8443, but shop/first of the same group comes first and redirects \
         to port 443"
    );
}

#[test]
fn a_member_with_an_invalid_redirect_does_not_switch_the_redirect_off() {
    let asking = annotated(secure("asking", "a.example.org"), SSL_REDIRECT, "443");
    let mut story = story(vec![asking, secure("other", "b.example.org")], services());
    story.add_certificate(certificate(1, &["*.example.org"]));
    story.converge_within(6);
    assert_eq!(redirects(&mut story, "asking")[0], (80, true, 0));

    story.annotate("asking", SSL_REDIRECT, "yes");
    story.converge();
    assert_eq!(redirects(&mut story, "asking")[0], (80, true, 0));
}

#[test]
fn a_member_without_https_in_a_group_that_redirects_is_told() {
    let asking = annotated(secure("asking", "a.example.org"), SSL_REDIRECT, "443");
    let plain = with_paths(ingress("plain", &["b.example.org"]), &[("/", "web")]);
    let mut story = story(vec![asking, annotated(plain, GROUP, "shop")], services());
    story.add_certificate(certificate(1, &["*.example.org"]));
    story.converge_within(6);
    let plan = story.plan();
    let told = &outcome(&plan, "plain").unwrap().diagnostics[0];
    assert!(
        told.message.starts_with("shop/asking of the same group redirects all HTTP requests to port 443")
    );
}

#[test]
fn a_wildcard_host_is_answered_for_one_label_only_and_an_explanation_says_so() {
    let wildcard = with_paths(ingress("shop", &["*.example.org"]), &[("/", "web")]);
    let mut story = story(vec![wildcard], services());
    story.converge();
    let rule = story.serving("shop").listeners[0].rules[0].clone();
    let RuleCondition::HostHeader(host) = &rule.conditions[0] else { panic!("{rule:?}") };
    assert_eq!(
        (host.values.len(), host.regular_expressions.as_slice()),
        (0, &[r"^[^.]+\.example\.org$".to_owned()][..])
    );
}
