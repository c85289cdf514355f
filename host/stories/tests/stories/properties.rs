//! Proxy mode: properties of the load balancer that annotations of kube-ingress-aws-controller name.

use albatross_contract::{
    Action, DiagnosticCode, Disruption, IpAddressType, LoadBalancer, Operation, OutcomeState, ViewPart,
};
use albatross_stories::{
    Controller, actions, alone, annotated, attribute, certificate, ingress, make_a_load_balancer, world,
};

use crate::gaps::plan_without;

const SECURITY_GROUP: &str = "zalando.org/aws-load-balancer-security-group";
const SSL_POLICY: &str = "zalando.org/aws-load-balancer-ssl-policy";
const TYPE: &str = "zalando.org/aws-load-balancer-type";
const HTTP2: &str = "zalando.org/aws-load-balancer-http2";
const WEB_ACL: &str = "zalando.org/aws-waf-web-acl-id";
const ADDRESS_TYPE: &str = "alb.ingress.kubernetes.io/ip-address-type";

const CURRENT: &str = "ELBSecurityPolicy-TLS13-1-2-2021-06";
const OWN_GROUP: &str = "sg-partners";

fn arn(name: &str) -> String {
    format!("arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/{name}/1a2b")
}

/// An annotation, its value, and whether a load balancer has the property for which it asks.
type Property = (&'static str, String, fn(&LoadBalancer) -> bool);

fn properties() -> [Property; 5] {
    [
        (SECURITY_GROUP, OWN_GROUP.to_owned(), |found| found.security_groups == [OWN_GROUP]),
        (SSL_POLICY, CURRENT.to_owned(), |found| {
            let https = found.listeners.iter().find(|listener| listener.port == 443);
            https.is_some_and(|listener| listener.ssl_policy.as_deref() == Some(CURRENT))
        }),
        (HTTP2, "false".to_owned(), |found| {
            attribute(&found.attributes, "routing.http2.enabled") == Some("false")
        }),
        (WEB_ACL, arn("shop"), |found| found.web_acl == Some(arn("shop"))),
        (ADDRESS_TYPE, "dualstack".to_owned(), |found| found.ip_address_type == IpAddressType::Dualstack),
    ]
}

/// Checkout and wiki on one load balancer, in an account with a further security group and IPv6.
fn shop_and_wiki() -> Controller {
    let (settings, mut inventory) = world();
    let mut group = inventory.security_groups[0].clone();
    (group.id, group.name) = (OWN_GROUP.to_owned(), "partners".to_owned());
    group.tags.clear();
    inventory.security_groups.push(group);
    for (number, subnet) in inventory.subnets.iter_mut().enumerate() {
        subnet.ipv6_cidr_blocks = vec![format!("2001:db8:0:{number}::/64")];
    }
    let ingresses = ["checkout", "wiki"].map(|name| ingress(name, &[&format!("{name}.example.org")]));
    let mut story =
        Controller::new((settings, inventory), vec![certificate(1, &["*.example.org"])], ingresses.to_vec());
    story.converge();
    story
}

fn creates(plan_actions: &[Action]) -> bool {
    plan_actions.iter().any(|action| matches!(action.operation, Operation::CreateLoadBalancer(_)))
}

#[test]
fn a_newcomer_gets_the_properties_that_it_names_and_shares_with_those_that_name_the_same() {
    for (annotation, value, has) in properties() {
        let mut story = shop_and_wiki();
        let shared = story.hostname("wiki");
        story.apply(annotated(ingress("returns", &["returns.example.org"]), annotation, &value));
        let passes = story.converge();
        assert!(has(&story.serving("returns")), "{annotation}");
        assert_eq!(story.hostname("wiki"), shared, "{annotation}: the others stay");
        assert!(!has(&story.serving("wiki")), "{annotation}");
        let made = actions(&passes).find(|it| matches!(it.operation, Operation::CreateLoadBalancer(_)));
        let reason = &made.unwrap().reason;
        assert!(reason.contains("than the other internet-facing load balancers"), "{reason}");

        story.apply(annotated(ingress("orders", &["orders.example.org"]), annotation, &value));
        let passes = story.converge();
        assert!(!make_a_load_balancer(&passes), "{annotation}");
        assert_eq!(story.hostname("orders"), story.hostname("returns"), "{annotation}");
        assert!(story.plan().actions.is_empty(), "{annotation}: the world is converged");
    }
}

#[test]
fn where_all_members_ask_for_a_property_it_changes_in_place() {
    for (annotation, value, has) in properties() {
        let mut story = shop_and_wiki();
        let name = story.hostname("wiki");
        story.edit("checkout", alone);
        story.converge();
        let own = story.hostname("checkout");
        story.annotate("checkout", annotation, &value);
        let changes = story.plan().actions;
        assert!(changes.len() == 1 && changes[0].disruption == Disruption::None, "{annotation}: {changes:?}");
        story.converge();
        assert!(has(&story.serving("checkout")), "{annotation}");
        assert_eq!((story.hostname("checkout"), story.hostname("wiki")), (own.clone(), name));

        story.remove_annotation("checkout", annotation);
        story.converge();
        assert_eq!(story.hostname("checkout"), own, "{annotation}");
        let stays = [WEB_ACL, SSL_POLICY].contains(&annotation);
        assert_eq!(has(&story.serving("checkout")), stays, "{annotation}: of these nobody names a default");
    }
}

#[test]
fn a_member_that_begins_to_ask_for_a_property_leaves_alone() {
    for (annotation, value, has) in properties() {
        let mut story = shop_and_wiki();
        let shared = story.hostname("wiki");
        story.annotate("checkout", annotation, &value);
        let first = story.pass();
        assert!(creates(&first.plan.actions), "{annotation}");
        assert!(first.plan.withheld.is_empty(), "{annotation}: the Ingress asks for it");
        assert_eq!(story.hostname("checkout"), shared, "{annotation}: not before the new one serves");
        story.converge();
        assert_ne!(story.hostname("checkout"), shared, "{annotation}");
        assert!(has(&story.serving("checkout")), "{annotation}");
        assert_eq!(story.hostname("wiki"), shared, "{annotation}");
    }
}

#[test]
fn a_load_balancer_with_a_property_is_found_again_after_a_crash_at_any_action() {
    for (annotation, value, has) in properties() {
        let mut story = shop_and_wiki();
        story.apply(annotated(ingress("returns", &["returns.example.org"]), annotation, &value));
        let steps = u64::try_from(story.plan().actions.len()).unwrap();
        for call in 1..=steps {
            let mut crashed = story.fork();
            let executed = crashed.cloud.calls().writes + call;
            crashed.cloud.faults_mut().crash_before(executed);
            crashed.pass();
            crashed.cloud.faults_mut().clear();
            crashed.converge();
            assert!(has(&crashed.serving("returns")), "{annotation}, call {call}");
            assert_eq!(crashed.load_balancers().len(), 2, "{annotation}, call {call}");
        }
    }
}

#[test]
fn an_invalid_value_holds_a_member_and_rejects_a_newcomer() {
    for (annotation, bad) in [
        (SECURITY_GROUP, "sg-none"),
        (SSL_POLICY, "ELBSecurityPolicy-2016-80"),
        (HTTP2, "off"),
        (WEB_ACL, "1a2b3c4d-0000-4000-8000-000000000000"),
        (ADDRESS_TYPE, "ipv6"),
        (TYPE, "elb"),
    ] {
        let mut story = shop_and_wiki();
        story.annotate("checkout", annotation, bad);
        story.apply(annotated(ingress("returns", &["returns.example.org"]), annotation, bad));
        let pass = story.pass();
        assert!(pass.plan.actions.is_empty() && pass.statuses.is_empty(), "{annotation}");
        for (name, state) in [("checkout", OutcomeState::Held), ("returns", OutcomeState::Rejected)] {
            let outcome = pass.outcome(name).unwrap();
            assert_eq!(outcome.state, state, "{annotation}");
            let told = outcome.diagnostics.iter().find(|it| it.code == DiagnosticCode::AnnotationInvalid);
            let message = &told.unwrap().message;
            assert!(message.contains(annotation) && message.contains(bad), "{message}");
        }
    }
}

#[test]
fn a_held_member_moves_nobody_and_its_load_balancer_keeps_its_properties() {
    for (annotation, value, has) in properties() {
        let mut story = shop_and_wiki();
        for name in ["checkout", "wiki"] {
            story.annotate(name, annotation, &value);
        }
        story.converge();
        story.annotate("wiki", annotation, "nonsense");
        assert!(story.plan().actions.is_empty(), "{annotation}");
        story.delete("checkout");
        story.converge();
        assert!(has(&story.serving("wiki")), "{annotation}");
    }
}

#[test]
fn a_web_acl_that_was_not_read_is_not_changed() {
    let mut story = shop_and_wiki();
    story.edit("checkout", alone);
    story.converge();
    story.annotate("checkout", WEB_ACL, &arn("shop"));
    let snapshot = story.snapshot().unwrap();
    assert_eq!(story.plan().actions.len(), 1);
    for lost in [false, true] {
        let plan = plan_without(&snapshot, ViewPart::WebAcls, lost);
        assert!(plan.actions.is_empty(), "{:?}", plan.actions);
    }
}

#[test]
fn a_new_listener_gets_a_current_tls_policy_and_an_existing_one_keeps_its_policy() {
    const OLD: &str = "ELBSecurityPolicy-2016-08";
    let mut story = shop_and_wiki();
    let policy = |story: &mut Controller, name: &str| {
        let found = story.serving(name);
        found.listeners.iter().find(|listener| listener.port == 443).unwrap().ssl_policy.clone()
    };
    assert_eq!(policy(&mut story, "wiki").as_deref(), Some("ELBSecurityPolicy-TLS13-1-2-Res-2021-06"));

    story.settings.ssl_policy = Some(OLD.into());
    story.converge();
    assert_eq!(policy(&mut story, "wiki").as_deref(), Some(OLD), "a person names it");

    story.settings.ssl_policy = None;
    assert!(story.plan().actions.is_empty(), "an upgrade asks for nothing");
    story.edit("checkout", alone);
    story.converge();
    assert_eq!(policy(&mut story, "wiki").as_deref(), Some(OLD));
    assert_eq!(policy(&mut story, "checkout").as_deref(), Some("ELBSecurityPolicy-TLS13-1-2-Res-2021-06"));
}

/// What a person changes in the console so that a load balancer has a property.
fn give(story: &mut Controller, name: &str, property: &str) {
    let dns_name = story.serving(name).dns_name;
    story.in_the_console(&dns_name, |found| match property {
        SSL_POLICY => {
            let https = found.listeners.iter_mut().find(|listener| listener.port == 443);
            https.unwrap().ssl_policy = Some(CURRENT.to_owned());
        }
        _ => found.web_acl = Some(arn("shop")),
    });
}

#[test]
fn one_member_that_names_what_the_load_balancer_has_anyway_moves_nobody_else() {
    for (annotation, value, has) in properties() {
        if ![SSL_POLICY, WEB_ACL].contains(&annotation) {
            continue; // the others have defaults that Albatross sets
        }
        let mut story = shop_and_wiki();
        story.apply(ingress("returns", &["returns.example.org"]));
        story.converge();
        give(&mut story, "wiki", annotation);
        let shared = story.hostname("wiki");
        assert!(has(&story.serving("wiki")), "{annotation}");

        story.annotate("checkout", annotation, &value);
        let pass = story.pass();
        assert!(pass.plan.withheld.is_empty(), "{annotation}");
        story.converge();
        assert_eq!(
            (story.hostname("wiki"), story.hostname("returns")),
            (shared.clone(), shared),
            "{annotation}"
        );
        assert!(has(&story.serving("checkout")), "{annotation}");
    }
}

#[test]
fn no_name_is_published_before_the_web_acl_is_there() {
    let mut story = shop_and_wiki();
    story.apply(annotated(ingress("returns", &["returns.example.org"]), WEB_ACL, &arn("shop")));
    let writes = story.cloud.calls().writes;
    let plan = story.plan();
    let is_association = |action: &Action| matches!(action.operation, Operation::AssociateWebAcl(_));
    let place = plan.actions.iter().position(is_association).unwrap() as u64;
    let refusal = albatross_embedded_cloud::AwsError::new("WAFUnavailableEntityException", "not yet");
    for pass in 0..3 {
        story.cloud.faults_mut().fail_write(writes + place + 1 + pass, refusal.clone());
    }
    story.pass();
    story.wait(600);
    story.cloud.faults_mut().clear();
    let pass = story.pass();
    assert!(pass.statuses.is_empty(), "the load balancer has no web ACL yet");
    assert!(pass.plan.actions.iter().any(is_association), "{:?}", pass.plan.actions);
    story.converge();
    assert_eq!(story.serving("returns").web_acl, Some(arn("shop")));
}

#[test]
fn seven_of_twenty_ingresses_that_ask_for_another_tls_policy_move_at_once() {
    let names: Vec<String> = (0..20).map(|number| format!("s{number:02}")).collect();
    let ingresses = names.iter().map(|name| ingress(name, &[&format!("{name}.example.org")])).collect();
    let mut story = Controller::new(world(), vec![certificate(1, &["*.example.org"])], ingresses);
    story.converge();
    let name = story.hostname("s00");

    for name in &names[..7] {
        story.annotate(
            name,
            "zalando.org/aws-load-balancer-ssl-policy",
            "ELBSecurityPolicy-TLS13-1-3-2021-06",
        );
    }
    story.converge();

    assert_eq!(story.hostname("s19"), name, "the others stay");
    assert!(names[..7].iter().all(|moved| story.hostname(moved) == story.hostname("s00")));
    assert_ne!(story.hostname("s00"), name, "they asked for it, so no budget counts them");
}
