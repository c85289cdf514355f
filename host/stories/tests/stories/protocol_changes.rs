//! Route mode: the protocol of a port changes in place, so that no rule is ever missing.

use albatross_contract::{DiagnosticCode, Listener, ListenerAction, Operation, Protocol};
use albatross_stories::{Certificates, Controller, annotated};

use crate::route_settings::{key, routed, service, story, told};

const HTTP: &str = r#"[{"HTTP": 8080}]"#;
const HTTPS: &str = r#"[{"HTTPS": 8080}]"#;

fn shop(listen: &str) -> Controller {
    let mut story = story(vec![routed("shop", &[("listen-ports", listen)])], service("web", &[]));
    story.converge();
    story
}

/// The listener on port 8080.
fn listener(story: &mut Controller) -> Listener {
    story.serving("shop").listeners.into_iter().find(|it| it.port == 8080).unwrap()
}

fn deletes(operation: &Operation) -> bool {
    matches!(operation, Operation::DeleteListener(_) | Operation::DeleteRule(_))
}

#[test]
fn a_port_changes_from_http_to_https_in_place() {
    let mut story = shop(HTTP);
    let before = listener(&mut story);
    story.annotate("shop", &key("listen-ports"), HTTPS);
    let passes = story.converge();
    assert!(!passes.iter().flat_map(|pass| &pass.plan.actions).any(|it| deletes(&it.operation)));
    let after = listener(&mut story);
    assert_eq!((after.protocol, &after.arn, &after.rules), (Protocol::Https, &before.arn, &before.rules));
    assert_eq!(after.default_certificate, Some(Certificates::arn(2)));
    assert!(after.ssl_policy.is_some());
    assert!(story.plan().actions.is_empty());
}

#[test]
fn a_port_that_changes_to_https_gets_the_certificates_of_all_members() {
    let group = |name| annotated(routed(name, &[("listen-ports", HTTP)]), &key("group.name"), "all");
    let mut story = story(vec![group("shop"), group("wiki")], service("web", &[]));
    story.converge();
    for name in ["shop", "wiki"] {
        story.annotate(name, &key("listen-ports"), HTTPS);
    }
    story.converge();
    let after = listener(&mut story);
    assert_eq!((after.protocol, after.rules.len()), (Protocol::Https, 2));
    let mut certificates: Vec<String> =
        after.certificates.into_iter().chain(after.default_certificate).collect();
    certificates.sort();
    assert_eq!(certificates, [Certificates::arn(1), Certificates::arn(2)]);
}

#[test]
fn a_port_changes_from_https_to_http_when_the_grace_period_of_its_certificates_is_over() {
    let mut story = shop(HTTPS);
    let before = listener(&mut story);
    story.annotate("shop", &key("listen-ports"), HTTP);
    story.converge();
    let meanwhile = listener(&mut story);
    assert_eq!((meanwhile.protocol, &meanwhile.rules), (Protocol::Https, &before.rules));
    let said = told(&mut story, "shop", DiagnosticCode::LoadBalancerProvisioning);
    assert!(said.len() == 1 && said[0].contains("port 8080 serves HTTPS until its certificates"), "{said:?}");

    story.wait_for_the_grace();
    for pass in story.converge() {
        assert!(!pass.plan.actions.iter().any(|it| deletes(&it.operation)));
    }
    let after = listener(&mut story);
    assert_eq!((after.protocol, &after.arn, &after.rules), (Protocol::Http, &before.arn, &before.rules));
    assert_eq!((after.default_certificate, after.ssl_policy), (None, None));
    assert!(story.plan().actions.is_empty());
}

#[test]
fn several_certificates_leave_a_listener_before_it_changes_to_http() {
    let group = |name| annotated(routed(name, &[("listen-ports", HTTPS)]), &key("group.name"), "all");
    let mut story = story(vec![group("shop"), group("wiki")], service("web", &[]));
    story.converge();
    for name in ["shop", "wiki"] {
        story.annotate(name, &key("listen-ports"), HTTP);
    }
    story.converge();
    for _ in 0..3 {
        story.wait_for_the_grace();
        story.converge();
    }
    let after = listener(&mut story);
    assert_eq!((after.protocol, after.certificates.len(), after.rules.len()), (Protocol::Http, 0, 2));
}

#[test]
fn a_redirecting_http_listener_becomes_an_https_listener_with_rules() {
    let both = [("listen-ports", r#"[{"HTTP": 8080}, {"HTTPS": 443}]"#), ("ssl-redirect", "443")];
    let mut story = story(vec![routed("shop", &both)], service("web", &[]));
    story.converge();
    assert!(matches!(listener(&mut story).default_actions[..], [ListenerAction::Redirect(_)]));
    story.annotate("shop", &key("listen-ports"), r#"[{"HTTPS": 8080}, {"HTTPS": 443}]"#);
    let passes = story.converge();
    let first = &passes[0].plan.actions;
    let place = |of: fn(&Operation) -> bool| first.iter().position(|it| of(&it.operation)).unwrap();
    let modify = place(|it| matches!(it, Operation::ModifyListener(_)));
    let create = place(|it| matches!(it, Operation::CreateRule(_)));
    assert!(modify < create, "HTTP does not serve what HTTPS should: {first:#?}");
    let after = listener(&mut story);
    assert_eq!((after.protocol, after.rules.len()), (Protocol::Https, 1));
    assert!(matches!(after.default_actions[..], [ListenerAction::FixedResponse(_)]));
}

#[test]
fn a_port_becomes_a_redirect_after_it_has_changed_to_http() {
    let mut story = shop(r#"[{"HTTPS": 8080}, {"HTTPS": 443}]"#);
    story.annotate("shop", &key("listen-ports"), r#"[{"HTTP": 8080}, {"HTTPS": 443}]"#);
    story.annotate("shop", &key("ssl-redirect"), "443");
    story.converge();
    let after = listener(&mut story);
    assert_eq!((after.protocol, after.rules.len()), (Protocol::Http, 0), "port 443 has its certificates");
    assert!(matches!(after.default_actions[..], [ListenerAction::Redirect(_)]));
    assert!(story.plan().actions.is_empty());
}

#[test]
fn without_a_certificate_a_port_keeps_http() {
    let mut shop = routed("shop", &[("listen-ports", HTTP)]);
    shop.rules[0].host = Some("shop.example.net".to_owned());
    let mut story = story(vec![shop], service("web", &[]));
    story.converge();
    let before = listener(&mut story);
    story.annotate("shop", &key("listen-ports"), HTTPS);
    story.converge();
    assert_eq!(listener(&mut story), before);
}
