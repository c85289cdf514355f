//! Route mode: listeners that no member of a load balancer asks for any more.

use albatross_contract::{Ingress, Operation, Rule, TAG_UNNEEDED, TAG_UNNEEDED_CERTIFICATE};
use albatross_stories::{Certificates, Controller, annotated};

use crate::route_settings::{key, ports, routed, service, story};

const BOTH: &str = r#"[{"HTTP": 80}, {"HTTPS": 443}]"#;
const HTTP: &str = r#"[{"HTTP": 80}]"#;

fn shop(listen: &str) -> Controller {
    let mut story = story(vec![routed("shop", &[("listen-ports", listen)])], service("web", &[]));
    story.converge();
    story
}

/// ARNs of all certificates on the load balancer of the shop.
fn certificates(story: &mut Controller) -> Vec<String> {
    let found = story.serving("shop");
    let mut arns: Vec<String> = found
        .listeners
        .iter()
        .flat_map(|it| it.certificates.iter().chain(&it.default_certificate))
        .cloned()
        .collect();
    arns.sort();
    arns.dedup();
    arns
}

fn marks(story: &mut Controller) -> usize {
    let found = story.serving("shop");
    let of_rules = found.listeners.iter().flat_map(|it| &it.rules).flat_map(|rule: &Rule| &rule.tags);
    let all = found.tags.iter().chain(of_rules);
    all.filter(|tag| tag.key == TAG_UNNEEDED || tag.key.starts_with(TAG_UNNEEDED_CERTIFICATE)).count()
}

/// Lets grace periods end one after the other, as long as anything changes.
fn settle(story: &mut Controller) {
    for _ in 0..4 {
        story.wait_for_the_grace();
        story.converge();
    }
}

#[test]
fn an_https_listener_that_no_member_asks_for_goes_after_its_rules_and_certificates() {
    let mut story = shop(BOTH);
    assert_eq!(ports(&story.serving("shop")), [80, 443]);
    assert_eq!(certificates(&mut story).len(), 1);

    story.annotate("shop", &key("listen-ports"), HTTP);
    story.converge();
    assert_eq!(ports(&story.serving("shop")), [80, 443], "its grace period has just begun");
    assert!(marks(&mut story) > 0);

    story.annotate("shop", &key("listen-ports"), BOTH);
    story.converge();
    assert_eq!(marks(&mut story), 0, "it is asked for again");

    story.annotate("shop", &key("listen-ports"), HTTP);
    story.converge();
    settle(&mut story);
    assert_eq!(ports(&story.serving("shop")), [80]);
    assert_eq!((certificates(&mut story).len(), marks(&mut story)), (0, 0), "nothing is left of it");
    assert!(story.plan().actions.is_empty());
}

#[test]
fn several_certificates_leave_the_listener_before_it_goes() {
    let group = |ingress: Ingress| annotated(ingress, &key("group.name"), "all");
    let both = [("listen-ports", BOTH)];
    let members = ["shop", "wiki"].map(|name| group(routed(name, &both)));
    let mut story = story(members.to_vec(), service("web", &[]));
    story.converge();
    assert_eq!(certificates(&mut story), [Certificates::arn(1), Certificates::arn(2)]);
    for name in ["shop", "wiki"] {
        story.annotate(name, &key("listen-ports"), HTTP);
    }
    story.converge();
    settle(&mut story);
    assert_eq!((ports(&story.serving("shop")), marks(&mut story)), (vec![80], 0));
}

#[test]
fn an_https_listener_stays_as_long_as_one_member_asks_for_it() {
    let group = |ingress: Ingress| annotated(ingress, &key("group.name"), "all");
    let members = [("shop", HTTP), ("wiki", BOTH)]
        .map(|(name, listen)| group(routed(name, &[("listen-ports", listen)])));
    let mut story = story(members.to_vec(), service("web", &[]));
    story.converge();
    settle(&mut story);
    assert_eq!(ports(&story.serving("shop")), [80, 443]);
}

#[test]
fn https_moves_to_another_port_and_the_certificates_are_there_at_every_moment() {
    let mut story = shop(BOTH);
    let before = certificates(&mut story);
    story.annotate("shop", &key("listen-ports"), r#"[{"HTTP": 80}, {"HTTPS": 8443}]"#);
    story.converge();
    assert_eq!(ports(&story.serving("shop")), [80, 443, 8443]);
    for _ in 0..4 {
        story.wait_for_the_grace();
        for pass in story.converge() {
            let removes = |operation: &Operation| {
                matches!(operation, Operation::RemoveListenerCertificate(_) | Operation::ModifyListener(_))
            };
            assert!(!pass.plan.actions.iter().any(|action| removes(&action.operation)));
        }
        assert_eq!(certificates(&mut story), before);
    }
    assert_eq!((ports(&story.serving("shop")), marks(&mut story)), (vec![80, 8443], 0));
    assert!(story.plan().actions.is_empty());
}

#[test]
fn a_listener_with_a_rule_of_a_person_stays() {
    let mut story = shop(BOTH);
    let arn = story.serving("shop").arn;
    let balancer = story.cloud.inventory_mut().load_balancers.iter_mut().find(|it| it.arn == arn).unwrap();
    let listener = balancer.listeners.iter_mut().find(|it| it.port == 443).unwrap();
    let theirs =
        Rule { arn: "theirs".to_owned(), priority: 40_000, tags: Vec::new(), ..listener.rules[0].clone() };
    listener.rules.push(theirs);
    story.annotate("shop", &key("listen-ports"), HTTP);
    story.converge();
    settle(&mut story);
    assert_eq!(ports(&story.serving("shop")), [80, 443]);
}
