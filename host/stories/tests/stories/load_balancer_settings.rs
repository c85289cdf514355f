//! Settings for all load balancers: access logs, deletion protection, tags, the web ACL of proxy mode, and how old a load
//! balancer must be.

use albatross_contract::{
    AccessLogSettings, DiagnosticCode, IpAddressType, LoadBalancer, Operation, Protocol,
    TAG_DELETION_PROTECTION, Tag, TargetProtocol, ViewPart,
};
use albatross_embedded_cloud::execution;
use albatross_stories::{Controller, actions, attribute, ingress, is_unneeded, tag};

use crate::{gaps::plan_without, one_shop::one_shop};

const SHOP: &str = "shop.example.org";
const PROTECTION: &str = "deletion_protection.enabled";
const WEB_ACL: &str = "zalando.org/aws-waf-web-acl-id";

fn serving(story: &mut Controller) -> LoadBalancer {
    story.serving("checkout")
}

/// What a person does in the console.
fn in_the_console(story: &mut Controller, change: impl FnOnce(&mut LoadBalancer)) {
    let dns_name = serving(story).dns_name;
    story.in_the_console(&dns_name, change);
}

fn set(tags: &mut Vec<Tag>, key: &str, value: &str) {
    tags.retain(|tag| tag.key != key);
    tags.push(Tag { key: key.to_owned(), value: value.to_owned() });
}

fn web_acl(name: &str) -> String {
    format!("arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/{name}/1a2b")
}

#[test]
fn access_logs_go_to_the_bucket_of_the_settings_and_without_the_setting_stay_as_a_person_chose() {
    let bucket = "access_logs.s3.bucket";
    let mut story = one_shop(SHOP);
    in_the_console(&mut story, |found| set(&mut found.attributes, bucket, "of-a-person"));
    assert!(actions(&story.converge()).next().is_none(), "nobody asked for anything");

    let prefix = Some("ingress".to_owned());
    story.settings.access_logs = Some(AccessLogSettings { bucket: "shop-logs".to_owned(), prefix });
    let plan = story.plan();
    assert_eq!(plan.actions.len(), 1, "one call, separate from other attributes: the bucket may refuse it");
    story.converge();
    let found = serving(&mut story);
    let logs = ["enabled", "bucket", "prefix"].map(|key| format!("access_logs.s3.{key}"));
    let logs = logs.each_ref().map(|key| attribute(&found.attributes, key).unwrap_or_default());
    assert_eq!(logs, ["true", "shop-logs", "ingress"]);

    story.settings.access_logs = Some(AccessLogSettings { bucket: "shop-logs".to_owned(), prefix: None });
    story.converge();
    assert_eq!(attribute(&serving(&mut story).attributes, "access_logs.s3.prefix"), Some(""));
    story.settings.access_logs = None;
    assert!(actions(&story.converge()).next().is_none(), "the logs go on");
}

#[test]
fn deletion_protection_is_turned_on_and_off_by_the_setting_and_before_a_deletion() {
    let mut story = one_shop(SHOP);
    story.settings.deletion_protection = Some(true);
    story.converge();
    assert_eq!(attribute(&serving(&mut story).attributes, PROTECTION), Some("true"));
    story.settings.deletion_protection = None;
    story.converge();
    assert_eq!(attribute(&serving(&mut story).attributes, PROTECTION), Some("false"));
    assert_eq!(tag(&serving(&mut story).tags, TAG_DELETION_PROTECTION), None);

    story.settings.deletion_protection = Some(true);
    story.converge();
    story.delete("checkout");
    story.converge();
    assert!(is_unneeded(&story.load_balancers()[0]));
    story.wait_for_the_grace();
    story.converge();
    assert!(story.load_balancers().is_empty(), "our own protection keeps nothing for ever");
}

#[test]
fn a_new_load_balancer_is_protected_and_one_that_a_person_protects_stays_that_persons() {
    let mut story = one_shop(SHOP);
    in_the_console(&mut story, |found| set(&mut found.attributes, PROTECTION, "true"));
    story.settings.deletion_protection = Some(true);
    assert!(actions(&story.converge()).next().is_none(), "it is protected already");
    story.settings.deletion_protection = None;
    story.converge();
    assert_eq!(attribute(&serving(&mut story).attributes, PROTECTION), Some("true"), "a person turned it on");

    let mut story = Controller::new(
        albatross_stories::world(),
        vec![albatross_stories::certificate(1, &[SHOP])],
        vec![ingress("checkout", &[SHOP])],
    );
    story.settings.deletion_protection = Some(true);
    story.converge();
    let found = serving(&mut story);
    let protected = (attribute(&found.attributes, PROTECTION), tag(&found.tags, TAG_DELETION_PROTECTION));
    assert_eq!(protected, (Some("true"), Some("true")));
}

#[test]
fn a_crash_while_protection_changes_leaves_nothing_behind() {
    for asked in [Some(true), None] {
        let mut story = one_shop(SHOP);
        story.settings.deletion_protection = if asked.is_some() { None } else { Some(true) };
        story.converge();
        story.settings.deletion_protection = asked;
        let plan = story.plan();
        assert_eq!(plan.actions.len(), 2);
        let mut crashed = story.fork();
        let mut part = plan.clone();
        part.actions.truncate(1);
        execution::execute(&mut crashed.cloud, &part, &mut |_, _| {});
        crashed.converge();
        let found = crashed.serving("checkout");
        let is_on = attribute(&found.attributes, PROTECTION) == Some("true");
        assert_eq!(
            (is_on, tag(&found.tags, TAG_DELETION_PROTECTION).is_some()),
            (asked.is_some(), asked.is_some())
        );
    }
}

#[test]
fn tags_of_the_settings_are_on_all_resources_and_stay_when_the_setting_goes() {
    let mut story = one_shop(SHOP);
    story.settings.tags = vec![Tag { key: "team".to_owned(), value: "shop".to_owned() }];
    story.converge();
    let found = serving(&mut story);
    assert_eq!(tag(&found.tags, "team"), Some("shop"));
    assert!(story.target_groups_of(&found).iter().all(|group| tag(&group.tags, "team") == Some("shop")));

    in_the_console(&mut story, |found| set(&mut found.tags, "team", "other"));
    story.converge();
    assert_eq!(tag(&serving(&mut story).tags, "team"), Some("shop"), "the settings say which value");
    story.settings.tags.clear();
    assert!(actions(&story.converge()).next().is_none(), "a person may have set the tag as well");
}

#[test]
fn a_tag_that_marks_an_owner_is_refused_before_anything_changes() {
    let mut story = one_shop(SHOP);
    for key in ["aws:team", "albatross/id", "kubernetes.io/cluster/blue", "kubernetes:application"] {
        story.settings.tags = vec![Tag { key: key.to_owned(), value: "x".to_owned() }];
        let error = story.try_plan().unwrap_err();
        assert_eq!(error.code, DiagnosticCode::SettingInvalid);
        assert!(
            error.message.contains(&format!("settings: tags has {key}=\"x\"; expected another key")),
            "{}",
            error.message
        );
    }
}

#[test]
fn load_balancers_have_the_web_acl_of_the_settings_unless_their_ingresses_name_another_one() {
    let mut story = one_shop(SHOP);
    story.settings.web_acl = Some(web_acl("default"));
    let plan = story.plan();
    let [only] = plan.actions.as_slice() else { panic!("{:#?}", plan.actions) };
    assert!(matches!(only.operation, Operation::AssociateWebAcl(_)));
    assert_eq!(only.reason, "the settings ask for it");
    story.converge();
    assert_eq!(serving(&mut story).web_acl, Some(web_acl("default")));

    story.annotate("checkout", WEB_ACL, &web_acl("own"));
    story.converge();
    assert_eq!(serving(&mut story).web_acl, Some(web_acl("own")));
    story.remove_annotation("checkout", WEB_ACL);
    story.converge();
    assert_eq!(serving(&mut story).web_acl, Some(web_acl("default")));
    story.settings.web_acl = None;
    assert!(actions(&story.converge()).next().is_none(), "it keeps the web ACL that it has");
}

#[test]
fn an_ingress_gets_no_name_before_its_load_balancer_has_the_web_acl_of_the_settings() {
    let mut story = one_shop(SHOP);
    story.settings.web_acl = Some(web_acl("default"));
    story.apply(ingress("cart", &[SHOP]));
    let plan = plan_without(&story.snapshot().unwrap(), ViewPart::WebAcls, true);
    assert!(plan.actions.iter().all(|action| !matches!(action.operation, Operation::AssociateWebAcl(_))));
    let told: Vec<&str> = plan.diagnostics.iter().filter_map(|it| it.field.as_deref()).collect();
    assert!(told.contains(&"web-acl"), "{:#?}", plan.diagnostics);
    assert_eq!(story.hostname("cart"), None);
    story.converge();
    assert!(story.hostname("cart").is_some());
}

#[test]
fn a_web_acl_of_waf_classic_is_refused_with_the_reason() {
    let mut story = one_shop(SHOP);
    story.settings.web_acl = Some("1a2b3c4d-0000-4000-8000-000000000000".to_owned());
    let message = story.try_plan().unwrap_err().message;
    assert!(message.contains("since AWS has shut down AWS WAF Classic"), "{message}");
}

#[test]
fn a_name_is_published_when_the_load_balancer_is_old_enough() {
    let mut story = Controller::new(
        albatross_stories::world(),
        vec![albatross_stories::certificate(1, &[SHOP])],
        vec![ingress("checkout", &[SHOP])],
    );
    story.settings.minimum_age = Some(6 * 60);
    for _ in 0..4 {
        story.pass();
        story.cloud.advance(60);
    }
    assert_eq!(story.hostname("checkout"), None, "healthy, but four minutes old");
    let pass = story.pass();
    assert!(pass.tells("checkout", DiagnosticCode::LoadBalancerProvisioning));
    story.converge();
    assert!(story.hostname("checkout").is_some());
}

/// The target group that gets the requests of both listeners.
fn target_group(story: &mut Controller) -> albatross_contract::TargetGroup {
    let found = serving(story);
    let serving: Vec<String> = found.listeners.iter().flat_map(targets_of).collect();
    let groups = story.target_groups_of(&found);
    groups.into_iter().find(|group| serving.contains(&group.arn)).unwrap()
}

/// ARNs of the target groups that get requests of a listener.
fn targets_of(listener: &albatross_contract::Listener) -> Vec<String> {
    let forwards = listener.default_actions.iter().filter_map(|action| match action {
        albatross_contract::ListenerAction::Forward(forward) => Some(&forward.target_groups),
        _ => None,
    });
    let weighted = forwards.flatten().filter(|group| group.weight > 0);
    let existing = weighted.filter_map(|group| match &group.target_group {
        albatross_contract::ResourceReference::Existing(arn) => Some(arn.clone()),
        albatross_contract::ResourceReference::CreatedBy(_) => None,
    });
    existing.collect()
}

#[test]
fn https_to_the_proxy_takes_over_when_the_proxy_answers_it() {
    let mut story = one_shop(SHOP);
    let before = target_group(&mut story);
    assert_eq!((before.protocol, before.health_check.protocol), (Protocol::Http, Protocol::Http));

    story.settings.proxy.target_protocol = Some(TargetProtocol::Https);
    story.pass();
    assert_eq!(target_group(&mut story).arn, before.arn, "the new target group is not healthy yet");
    story.converge();
    story.wait(120);
    story.converge();

    let after = target_group(&mut story);
    assert_eq!((after.protocol, after.health_check.protocol), (Protocol::Https, Protocol::Https));
    story.settings.proxy.target_protocol = None;
    story.converge();
    story.wait(120);
    story.converge();
    assert_eq!(target_group(&mut story).arn, before.arn, "the old target group takes over again");
}

#[test]
fn ipv6_targets_need_a_dual_stack_load_balancer() {
    let mut story = one_shop(SHOP);
    story.settings.proxy.target_ip_address_type = Some(IpAddressType::Ipv6);
    let message = story.try_plan().unwrap_err().message;
    assert!(
        message.contains("proxy.target-ip-address-type is ipv6, which needs ip-address-type dualstack"),
        "{message}"
    );

    for subnet in &mut story.cloud.inventory_mut().subnets {
        subnet.ipv6_cidr_blocks = vec!["2001:db8::/64".to_owned()];
    }
    story.settings.ip_address_type = IpAddressType::Dualstack;
    story.converge();
    assert_eq!(serving(&mut story).ip_address_type, IpAddressType::Dualstack);
    assert_eq!(target_group(&mut story).ip_address_type, IpAddressType::Ipv6);

    story.annotate("checkout", "alb.ingress.kubernetes.io/ip-address-type", "ipv4");
    assert!(actions(&story.converge()).next().is_none());
    assert!(story.pass().tells("checkout", DiagnosticCode::AnnotationInvalid));
}

#[test]
fn http_gets_a_target_port_of_its_own_when_the_proxy_answers_there_and_gives_it_up_again() {
    let mut story = one_shop(SHOP);
    let ports = |story: &mut Controller| -> Vec<(u16, Option<u16>)> {
        let found = serving(story);
        let groups = story.target_groups_of(&found);
        let port = |arn: &String| groups.iter().find(|group| group.arn == *arn).and_then(|group| group.port);
        let answers = |listener| targets_of(listener).first().and_then(port);
        found.listeners.iter().map(|listener| (listener.port, answers(listener))).collect()
    };
    let settle = |story: &mut Controller| {
        story.converge();
        story.wait(120);
        story.converge();
    };
    let [before, after] = [[(80, Some(9999)), (443, Some(9999))], [(80, Some(9998)), (443, Some(9999))]];
    assert_eq!(ports(&mut story), before);

    story.settings.proxy.http_target_port = Some(9998);
    story.pass();
    assert_eq!(ports(&mut story), before, "the new target group is not healthy yet");
    settle(&mut story);
    assert_eq!(ports(&mut story), after);
    story.wait_for_the_grace();
    assert!(actions(&story.converge()).next().is_none(), "both target groups stay");

    story.settings.proxy.redirect_http = true;
    settle(&mut story);
    assert_eq!(ports(&mut story), [(80, None), (443, Some(9999))]);
    story.settings.proxy.redirect_http = false;
    settle(&mut story);
    assert_eq!(ports(&mut story), after);

    story.settings.proxy.http_target_port = None;
    settle(&mut story);
    assert_eq!(ports(&mut story), before);
    story.wait_for_the_grace();
    story.converge();
    let found = serving(&mut story);
    assert_eq!(story.target_groups_of(&found).len(), 1);
}
