//! Explanations of load balancers and certificates are true.

use albatross_contract::{
    FixedResponseAction, HttpRequest, IncompletePart, ListenerAction, ObjectName, Question, Rule,
    RuleCondition, Snapshot, TextMatch, ViewPart,
};
use albatross_planner::NoPolicies;
use albatross_stories::ingress;

use crate::one_shop::one_shop;

#[test]
fn a_load_balancer_is_not_praised_for_certificates_that_nobody_has_or_needs() {
    let mut story = one_shop("shop.example.org");
    story.apply(ingress("uncovered", &["shop.example.net"]));
    story.apply(ingress("without-a-host", &[]));
    let snapshot = story.snapshot().unwrap();
    for (name, expected) in [
        ("uncovered", "would fit: no host of the Ingress has a certificate"),
        ("without-a-host", "would fit: the Ingress has no host, so it needs no certificate"),
    ] {
        assert_eq!(reasons(&snapshot, name, "Load balancer"), [expected]);
    }

    story.apply(ingress("returns", &["shop.example.org"]));
    let snapshot = story.snapshot().unwrap();
    assert_eq!(
        reasons(&snapshot, "returns", "Load balancer"),
        ["fits best: it already has all certificates"]
    );
}

#[test]
fn a_host_is_not_called_uncovered_while_certificates_cannot_be_read() {
    let mut story = one_shop("shop.example.org");
    story.apply(ingress("returns", &["returns.example.net"]));
    let mut snapshot = story.snapshot().unwrap();
    let title = "Certificate for returns.example.net";
    assert_eq!(reasons(&snapshot, "returns", title), ["no certificate covers it: the host is left out"]);

    let missing = IncompletePart {
        part: ViewPart::CertificatesAcm,
        resource: None,
        reason: "throttled".into(),
        expected: None,
    };
    snapshot.inventory.incomplete.push(missing);

    let unknown =
        "it is not known whether a certificate covers it: not all certificates of ACM are known (throttled)";
    assert_eq!(reasons(&snapshot, "returns", title), [unknown]);
    let load_balancer = "would fit: no certificate is known for the Ingress yet";
    assert_eq!(reasons(&snapshot, "returns", "Load balancer"), [load_balancer]);
}

#[test]
fn a_request_is_answered_by_the_default_action_or_by_a_rule_that_somebody_made() {
    let mut story = one_shop("shop.example.org");
    let name = story.cloud.inventory().load_balancers[0].name.clone();
    let group = story.cloud.inventory().target_groups[0].name.clone();
    let asked = |snapshot: &Snapshot, path: &str| {
        let question = Question::Request(request("shop.example.org", path));
        albatross_planner::explain(snapshot, &question, &NoPolicies).unwrap().headline
    };
    let snapshot = story.snapshot().unwrap();
    assert_eq!(asked(&snapshot, "/cart"), format!("{name}, listener 443: default action → {group}"));

    let listener = &mut story.cloud.inventory_mut().load_balancers[0].listeners[1];
    let values = vec!["/cart*".to_owned()];
    listener.rules.push(Rule {
        arn: "arn:rule".to_owned(),
        priority: 10,
        conditions: vec![RuleCondition::PathPattern(TextMatch { values, regular_expressions: Vec::new() })],
        actions: vec![ListenerAction::FixedResponse(FixedResponseAction {
            status_code: 503,
            content_type: None,
            message_body: None,
        })],
        ..Rule::default()
    });
    let snapshot = story.snapshot().unwrap();
    assert_eq!(asked(&snapshot, "/cart"), format!("{name}, listener 443: rule 10 → fixed response 503"));
    assert_eq!(asked(&snapshot, "/"), format!("{name}, listener 443: default action → {group}"));

    let unknown = Question::Request(request("wiki.example.org", "/"));
    let error = albatross_planner::explain(&snapshot, &unknown, &NoPolicies).unwrap_err();
    assert_eq!(
        error.message,
        "the snapshot contains no Ingress with host wiki.example.org that Albatross serves"
    );
}

#[test]
fn a_request_for_an_ingress_that_gets_no_load_balancer_is_explained_by_the_problem_of_the_ingress() {
    let mut story = one_shop("shop.example.org");
    story.apply(ingress("uncovered", &["shop.example.net"]));
    let snapshot = story.snapshot().unwrap();

    let question = Question::Request(request("shop.example.net", "/"));
    let answer = albatross_planner::explain(&snapshot, &question, &NoPolicies).unwrap();

    assert_eq!(answer.headline, "no load balancer serves host shop.example.net");
    let [decision] = answer.decisions.as_slice() else { panic!("{:?}", answer.decisions) };
    assert_eq!(decision.title, "shop/uncovered is rejected");
    assert!(decision.candidates[0].reason.contains("no certificate covers shop.example.net"), "{decision:?}");
}

fn request(host: &str, path: &str) -> HttpRequest {
    HttpRequest {
        method: "GET".to_owned(),
        scheme: "https".to_owned(),
        host: host.to_owned(),
        port: 443,
        path: path.to_owned(),
        query: None,
        headers: Vec::new(),
        source_address: None,
    }
}

/// The reasons of one decision about an Ingress of the namespace `shop`.
fn reasons(snapshot: &Snapshot, name: &str, title: &str) -> Vec<String> {
    let question = Question::Object(ObjectName::ingress("shop", name));
    let explanation = albatross_planner::explain(snapshot, &question, &NoPolicies).unwrap();
    let decision = explanation.decisions.into_iter().find(|decision| decision.title == title).unwrap();
    decision.candidates.into_iter().map(|candidate| candidate.reason).collect()
}
