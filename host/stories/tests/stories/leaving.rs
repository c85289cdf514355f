//! Route mode: what must not change for requests while an Ingress leaves a load balancer, and what a person is told when
//! requests lose their backend.

use albatross_contract::{
    DiagnosticCode, Disruption, ListenerAction, LoadBalancer, Operation, SecurityGroupPeer,
};
use albatross_stories::{Controller, annotated, attribute};

use crate::route_settings::{key, ports, routed, service, story, told};

/// The clients that the security groups of a load balancer admit to a port.
fn clients(story: &mut Controller, load_balancer: &LoadBalancer, port: u16) -> Vec<String> {
    let inventory = story.snapshot().unwrap().inventory;
    let groups = inventory.security_groups.iter().filter(|it| load_balancer.security_groups.contains(&it.id));
    let rules = groups.flat_map(|group| &group.rules).filter(|rule| rule.from_port == Some(port));
    let blocks = rules.filter_map(|rule| match &rule.peer {
        SecurityGroupPeer::Ipv4(block) => Some(block.clone()),
        _ => None,
    });
    blocks.collect()
}

fn redirects(load_balancer: &LoadBalancer) -> bool {
    let http = load_balancer.listeners.iter().find(|listener| listener.port == 80).unwrap();
    matches!(http.default_actions.as_slice(), [ListenerAction::Redirect(_)])
}

#[test]
fn what_only_a_leaving_ingress_asked_for_stays_as_long_as_its_rules_are_there() {
    let both = ("listen-ports", r#"[{"HTTP": 80}, {"HTTPS": 443}]"#);
    let asked = [
        both,
        ("group.name", "tools"),
        ("ssl-redirect", "443"),
        ("inbound-cidrs", "10.0.0.0/8"),
        ("ssl-policy", "ELBSecurityPolicy-TLS13-1-2-2021-06"),
        ("load-balancer-attributes", "idle_timeout.timeout_seconds=120"),
    ];
    let plain = [both, ("group.name", "tools")];
    let mut story = story(vec![routed("wiki", &asked), routed("blog", &plain)], service("web", &[]));
    story.converge();
    let before = story.serving("blog");
    assert!(redirects(&before));

    story.edit("wiki", |wiki| annotated(wiki, &key("group.name"), "wiki"));
    let as_before = |story: &mut Controller| {
        let now = story.serving("blog");
        assert!(redirects(&now), "requests for the Ingress that leaves still come here");
        assert_eq!(clients(story, &now, 443), ["10.0.0.0/8"]);
        let https = now.listeners.iter().find(|it| it.port == 443).unwrap();
        assert_eq!(https.ssl_policy.as_deref(), Some("ELBSecurityPolicy-TLS13-1-2-2021-06"));
        assert_eq!(attribute(&now.attributes, "idle_timeout.timeout_seconds"), Some("120"));
    };
    story.pass();
    as_before(&mut story);
    story.converge();
    assert_ne!(story.serving("wiki").arn, before.arn);
    as_before(&mut story);

    story.wait_for_the_grace();
    story.converge();
    let after = story.serving("blog");
    assert!(!redirects(&after), "nobody asks for it any more");
    assert_eq!(clients(&mut story, &after, 443), ["0.0.0.0/0"]);
}

#[test]
fn an_ingress_whose_requests_are_still_redirected_is_told_why_and_how_long() {
    let both = ("listen-ports", r#"[{"HTTP": 80}, {"HTTPS": 443}]"#);
    let group = ("group.name", "tools");
    let wiki = routed("wiki", &[both, group, ("ssl-redirect", "443")]);
    let mut story = story(vec![wiki, routed("blog", &[both, group])], service("web", &[]));
    story.converge();
    story.edit("wiki", |wiki| annotated(wiki, &key("group.name"), "wiki"));
    story.converge();
    story.apply(routed("docs", &[("listen-ports", r#"[{"HTTP": 80}]"#), group]));
    story.converge();
    assert_eq!(story.hostname("docs"), None);
    let said = told(&mut story, "docs", DiagnosticCode::GroupConflict);
    let [only] = said.as_slice() else { panic!("{said:?}") };
    assert!(only.contains("no Ingress of the group asks for it: it has rules of shop/wiki"), "{only}");
    assert!(only.contains("they are deleted in "), "{only}");

    story.wait_for_the_grace();
    story.converge();
    assert!(story.hostname("docs").is_some());
    assert!(told(&mut story, "docs", DiagnosticCode::GroupConflict).is_empty());
}

#[test]
fn http_does_not_redirect_to_an_https_port_that_has_no_listener() {
    let asked = [("listen-ports", r#"[{"HTTP": 80}, {"HTTPS": 443}]"#), ("ssl-redirect", "443")];
    let mut shop = routed("shop", &asked);
    shop.rules[0].host = Some("shop.example.net".to_owned()); // no certificate covers it
    let mut story = story(vec![shop], service("web", &[]));
    story.converge();
    let load_balancer = story.serving("shop");
    assert_eq!(ports(&load_balancer), [80]);
    assert!(!redirects(&load_balancer), "nothing listens on port 443");
    assert_eq!(load_balancer.listeners[0].rules.len(), 1, "requests over HTTP are served");
}

#[test]
fn a_rule_whose_service_is_deleted_says_that_its_requests_are_no_longer_answered() {
    let mut story = story(vec![routed("shop", &[])], service("web", &[]));
    story.converge();
    let cluster = albatross_contract::Cluster { services: Vec::new(), ..story.cluster.cluster().clone() };
    let now = story.cloud.now();
    story.cluster.apply(cluster, now);
    let plan = story.plan();
    let modify = plan.actions.iter().find(|it| matches!(it.operation, Operation::ModifyRule(_))).unwrap();
    assert_eq!(modify.disruption, Disruption::Removal);
    assert_eq!(modify.reason, "no backend of shop/shop can receive these requests");
}
