//! Route mode: the web ACL of a load balancer, and attributes of its listeners. Both change only where an Ingress asks.

use albatross_contract::{DiagnosticCode, Ingress, Operation, ViewPart};
use albatross_stories::{Controller, annotated, attribute};

use crate::{
    gaps::plan_without,
    route_settings::{key, routed, service, story, told},
};

const WEB_ACL: &str = "wafv2-acl-arn";
const FRAMES: &str = "routing.http.response.x_frame_options.header_value";
const SERVER: &str = "routing.http.response.server.enabled";

fn arn(name: &str) -> String {
    format!("arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/{name}/1a2b")
}

fn shop(annotations: &[(&str, &str)]) -> Controller {
    let mut story = story(vec![routed("shop", annotations)], service("web", &[]));
    story.converge();
    story
}

fn in_group(ingress: Ingress) -> Ingress {
    annotated(ingress, &key("group.name"), "all")
}

/// What a person does in AWS.
fn choose(story: &mut Controller, web_acl: &str) {
    let id = story.serving("shop").arn;
    let mut balancers = story.cloud.inventory_mut().load_balancers.iter_mut();
    balancers.find(|found| found.arn == id).unwrap().web_acl = Some(web_acl.to_owned());
}

#[test]
fn a_load_balancer_gets_the_web_acl_that_an_ingress_names_and_another_one_takes_its_place() {
    let mut story = shop(&[(WEB_ACL, &arn("first"))]);
    assert_eq!(story.serving("shop").web_acl, Some(arn("first")));
    assert!(story.plan().actions.is_empty(), "no action in a converged world");

    story.annotate("shop", &key(WEB_ACL), &arn("second"));
    let plan = story.plan();
    assert!(
        matches!(plan.actions.as_slice(), [only] if matches!(only.operation, Operation::AssociateWebAcl(_)))
    );
    story.converge();
    assert_eq!(story.serving("shop").web_acl, Some(arn("second")), "there is no moment without one");

    choose(&mut story, &arn("of-a-person"));
    story.converge();
    assert_eq!(story.serving("shop").web_acl, Some(arn("second")), "the annotation says which one");
}

#[test]
fn only_an_explicit_none_takes_a_web_acl_away() {
    let mut story = shop(&[]);
    choose(&mut story, &arn("of-a-person"));
    story.converge();
    assert_eq!(story.serving("shop").web_acl, Some(arn("of-a-person")), "nobody asked for anything");

    for none in ["none", ""] {
        choose(&mut story, &arn("of-a-person"));
        story.annotate("shop", &key(WEB_ACL), none);
        story.converge();
        assert_eq!(story.serving("shop").web_acl, Some(String::new()), "{none:?}");
    }

    story.annotate("shop", &key(WEB_ACL), &arn("first"));
    story.converge();
    story.remove_annotation("shop", &key(WEB_ACL));
    story.converge();
    assert_eq!(story.serving("shop").web_acl, Some(arn("first")), "to remove the annotation changes nothing");
}

#[test]
fn an_invalid_web_acl_holds_its_ingress_and_the_present_one_stays() {
    let mut story = shop(&[(WEB_ACL, &arn("first"))]);
    for bad in ["first", "None", "arn:aws:wafv2:us-east-1:123456789012:global/webacl/first/1a2b"] {
        story.annotate("shop", &key(WEB_ACL), bad);
        let said = told(&mut story, "shop", DiagnosticCode::AnnotationInvalid);
        assert!(
            said[0].contains(bad) && said[0].contains("expected none, or the ARN of a web ACL"),
            "{said:?}"
        );
        assert!(story.plan().actions.is_empty(), "{bad}");
    }
    assert_eq!(story.serving("shop").web_acl, Some(arn("first")));
}

#[test]
fn the_first_member_of_a_group_names_the_web_acl_and_the_others_are_told() {
    let members = ["first", "second", "third"].map(|name| in_group(routed(name, &[])));
    let [first, second, third] = members;
    let first = annotated(first, &key(WEB_ACL), &arn("first"));
    let second = annotated(second, &key(WEB_ACL), "none");
    let first = annotated(first, &key("group.order"), "-1");
    let mut story = story(vec![first, second, third], service("web", &[]));
    story.converge();
    assert_eq!(story.serving("third").web_acl, Some(arn("first")));
    let about = |said: Vec<String>| said.iter().filter(|it| it.contains(WEB_ACL)).count();
    assert_eq!(about(told(&mut story, "second", DiagnosticCode::GroupConflict)), 1);
    assert_eq!(about(told(&mut story, "first", DiagnosticCode::GroupConflict)), 0);
}

#[test]
fn what_was_not_read_is_not_changed() {
    let mut story = shop(&[]);
    story.annotate("shop", &key(WEB_ACL), &arn("first"));
    story.annotate("shop", &key("listener-attributes.HTTP-80"), &format!("{SERVER}=false"));
    let snapshot = story.snapshot().unwrap();
    assert_eq!(story.plan().actions.len(), 2);
    for (part, annotation) in
        [(ViewPart::WebAcls, WEB_ACL), (ViewPart::ListenerAttributes, "listener-attributes.HTTP-80")]
    {
        for lost in [false, true] {
            let plan = plan_without(&snapshot, part, lost);
            assert_eq!(plan.actions.len(), 1, "{part:?}");
            let diagnostics = &plan.outcomes[0].diagnostics;
            let told = diagnostics.iter().filter(|it| it.code == DiagnosticCode::ViewIncomplete);
            assert!(told.filter(|it| it.message.contains(annotation)).count() == 1, "{diagnostics:?}");
        }
    }
}

#[test]
fn listeners_get_the_attributes_that_annotations_ask_for_and_keep_all_others() {
    let asked = [
        ("listen-ports", r#"[{"HTTP": 80}, {"HTTPS": 443}]"#),
        ("listener-attributes.HTTPS-443", &format!("{SERVER}=false")),
    ];
    let mut story = shop(&asked);
    let of = |story: &mut Controller, port: u16, name: &str| {
        let found = story.serving("shop");
        let listener = found.listeners.iter().find(|it| it.port == port).unwrap();
        attribute(&listener.attributes, name).unwrap().to_owned()
    };
    assert_eq!((of(&mut story, 443, SERVER), of(&mut story, 80, SERVER)), ("false".into(), "true".into()));

    story.annotate("shop", &key("listener-attributes.HTTPS-443"), &format!("{FRAMES}=DENY"));
    let plan = story.plan();
    assert_eq!(plan.actions.len(), 1, "{:#?}", plan.actions);
    story.converge();
    assert_eq!(of(&mut story, 443, FRAMES), "DENY");
    assert_eq!(of(&mut story, 443, SERVER), "false", "an attribute that nobody asks for stays");

    story.annotate("shop", &key("listener-attributes.HTTPS-443"), &format!("{FRAMES}="));
    story.converge();
    assert_eq!(of(&mut story, 443, FRAMES), "", "an empty value removes the header");
}

#[test]
fn the_first_member_of_a_group_that_listens_on_the_port_decides_each_attribute() {
    let attributes = |ingress, value: &str| annotated(ingress, &key("listener-attributes.HTTP-80"), value);
    let first = attributes(in_group(routed("first", &[("group.order", "-1")])), &format!("{SERVER}=false"));
    let second = attributes(in_group(routed("second", &[])), &format!("{SERVER}=true,{FRAMES}=DENY"));
    let elsewhere = [("listen-ports", r#"[{"HTTP": 8080}]"#), ("group.order", "-2")];
    let third = attributes(in_group(routed("third", &elsewhere)), &format!("{FRAMES}=SAMEORIGIN"));
    let mut story = story(vec![first, second, third], service("web", &[]));
    story.converge();
    let found = story.serving("first");
    let listener = found.listeners.iter().find(|it| it.port == 80).unwrap();
    assert_eq!(attribute(&listener.attributes, SERVER), Some("false"));
    assert_eq!(attribute(&listener.attributes, FRAMES), Some("DENY"));
    let said = told(&mut story, "second", DiagnosticCode::GroupConflict);
    assert!(said.len() == 1 && said[0].contains(SERVER), "{said:?}");
    let said = told(&mut story, "third", DiagnosticCode::AnnotationInvalid);
    assert!(said.len() == 1 && said[0].contains("does not listen on port 80"), "{said:?}");
}

#[test]
fn a_new_load_balancer_is_published_only_with_the_web_acl_of_its_ingress() {
    let named = arn("first");
    let mut story =
        story(vec![routed("shop", &[(WEB_ACL, &named)]), routed("wiki", &[])], service("web", &[]));
    story.pass();
    // AWS has lost the association, or refused it.
    let arns: Vec<String> = story.load_balancers().into_iter().map(|found| found.arn).collect();
    let spoil = |story: &mut Controller| {
        for found in &mut story.cloud.inventory_mut().load_balancers {
            found.web_acl = Some(String::new());
        }
    };
    for _ in 0..3 {
        spoil(&mut story);
        story.cloud.advance(180);
        let pass = story.pass();
        let told = &pass.outcome("shop").unwrap().diagnostics;
        assert!(
            told.iter().any(|it| it.message.ends_with("when this load balancer has its web ACL")),
            "{told:?}"
        );
        assert_eq!(story.hostname("shop"), None);
    }
    assert_eq!(arns.len(), 2);
    assert!(story.hostname("wiki").is_some(), "it names no web ACL");
    story.converge();
    assert_eq!(story.serving("shop").web_acl, Some(named));
}
