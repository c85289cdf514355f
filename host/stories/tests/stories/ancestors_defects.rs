//! The defects of kube-ingress-aws-controller, as read from its sources and its issues, and the stories that show that this
//! controller is free of them. The numbers are those of `kube-ingress-aws-controller.md`, section 2.10.
//!
//! | defect | story |
//! |---|---|
//! | 1 the TLS policy of a shared load balancer flaps | `defect_1_…` |
//! | 2 an Ingress with too many certificates gets a new load balancer in every cycle | `limits::an_ingress_that_needs_more_certificates_than_a_load_balancer_may_have_is_rejected`, `certificate_settings::with_one_certificate_an_ingress_that_needs_two_is_told_and_no_load_balancer_is_created_for_it` |
//! | 3 a value that AWS rejects makes load balancers without end | `defect_3_…` |
//! | 4 a new dedicated load balancer takes in another Ingress | `defect_4_…`, `sharing` |
//! | 5 a dedicated load balancer ignores another security group or web ACL | `defect_5_…` |
//! | 6 a status names a load balancer before it has the certificate | `statuses::a_newcomer_on_a_load_balancer_that_serves_gets_its_name_once_its_certificate_is_there` |
//! | 7 a load balancer is deleted although an Ingress has just come to it | `ancestors_stacks::an_ingress_that_comes_when_the_grace_is_over_keeps_the_load_balancer_from_being_deleted` |
//! | 8 Ingresses match stacks that are being deleted or have failed | `ancestors_stacks::an_ingress_never_goes_to_a_load_balancer_that_aws_could_not_provision` |
//! | 9 target groups of a stack in rollback leave the Auto Scaling Groups | `ancestors_stacks::target_groups_of_a_load_balancer_that_is_not_seen_stay_attached` |
//! | 10 an Ingress and a RouteGroup of the same name count as one | `route_groups::an_ingress_and_a_route_group_of_one_name_each_have_their_own_load_balancer_and_status`, `route_groups::a_dedicated_load_balancer_is_adopted_for_the_object_whose_status_names_it` |
//! | 11 the domain of cluster-local hosts does not begin at a dot | `certificate_settings` (`shop.my-cluster.local`) |
//! | 12 the chosen certificate depends on the order of the list | `certificates::of_two_equal_ones_the_answer_does_not_depend_on_their_order` |
//! | 13 certificates with EC keys and long RSA keys are not found | `defect_13_…` |
//! | 14 a certificate with a tag that is listed twice counts twice | `defect_14_…` |
//! | 15 only a part of the target groups of an Auto Scaling Group is seen | `defect_15_…` |
//! | 16 web ACLs of GovCloud and China count as WAF Classic | `defect_16_…` |
//! | 17 nodes outside Auto Scaling Groups are forgotten | `nodes::single_instances_come_and_go`, `nodes::a_single_instance_that_is_terminated_needs_no_action` |
//! | 18 one load balancer that is missing stops everything | `ancestors_stacks::a_load_balancer_that_somebody_deleted_stops_nothing` |
//! | 19 a blank node filter selects all instances of the account | `defect_19_…`, `nodes::a_filter_that_cannot_be_understood_changes_no_target` |
//! | 21 a timeout out of range becomes 0 | `defect_21_…` |

use albatross_contract::{AutoScalingGroup, Certificate, DiagnosticCode, OutcomeState, Tag};
use albatross_stories::{
    Certificates, Controller, actions, annotated, certificate, certificates_on, ingress, instance,
    make_a_load_balancer, take_something_away, warns, world,
};

use crate::one_shop::one_shop;

const SHOP: &str = "shop.example.org";
const SHARED: &str = "zalando.org/aws-load-balancer-shared";
const SSL_POLICY: &str = "zalando.org/aws-load-balancer-ssl-policy";
const SECURITY_GROUP: &str = "zalando.org/aws-load-balancer-security-group";
const WEB_ACL: &str = "zalando.org/aws-waf-web-acl-id";
const ADDRESS_TYPE: &str = "alb.ingress.kubernetes.io/ip-address-type";

/// `shop/checkout` and `shop/blog` on one load balancer.
fn checkout_and_blog() -> Controller {
    let ingresses = vec![ingress("checkout", &[SHOP]), ingress("blog", &["blog.example.org"])];
    let mut story = Controller::new(world(), vec![certificate(1, &["*.example.org"])], ingresses);
    story.converge();
    assert_eq!(story.hostname("checkout"), story.hostname("blog"));
    story
}

fn ssl_policy(story: &mut Controller, name: &str) -> Option<String> {
    let listeners = story.serving(name).listeners;
    listeners.into_iter().find(|listener| listener.port == 443).and_then(|listener| listener.ssl_policy)
}

#[test]
fn defect_1_an_ingress_that_asks_for_a_tls_policy_changes_no_other_and_nothing_flaps() {
    let mut story = checkout_and_blog();
    let (name, policy) = (story.hostname("checkout"), ssl_policy(&mut story, "checkout"));

    story.annotate("blog", SSL_POLICY, "ELBSecurityPolicy-TLS13-1-3-2021-06");
    assert!(make_a_load_balancer(&story.converge()));

    assert_eq!(ssl_policy(&mut story, "blog").as_deref(), Some("ELBSecurityPolicy-TLS13-1-3-2021-06"));
    assert_eq!((story.hostname("checkout"), ssl_policy(&mut story, "checkout")), (name, policy));
    for _ in 0..10 {
        story.wait(30);
        assert!(story.plan().actions.is_empty(), "the policy would flap");
    }
}

#[test]
fn defect_3_a_value_that_aws_rejects_makes_no_load_balancer_however_often_it_is_planned() {
    for (annotation, value) in
        [(ADDRESS_TYPE, "dual-stack"), (SECURITY_GROUP, "sg-unknown"), (SSL_POLICY, "ELBSecurityPolicy-2016")]
    {
        let mut story = one_shop(SHOP);
        story.apply(annotated(ingress("blog", &[SHOP]), annotation, value));
        for _ in 0..10 {
            let pass = story.pass();
            assert!(pass.plan.actions.is_empty(), "{annotation}");
            assert_eq!(pass.outcome("blog").unwrap().state, OutcomeState::Rejected);
            assert!(pass.outcome("blog").unwrap().diagnostics.iter().any(|it| it.message.contains(value)));
            story.cloud.advance(30);
        }
        assert_eq!(story.load_balancers().len(), 1);
    }
}

#[test]
fn defect_4_a_new_dedicated_load_balancer_takes_in_no_ingress_of_the_same_pass() {
    let ingresses = vec![
        annotated(ingress("alone", &[SHOP]), SHARED, "false"),
        ingress("first", &[SHOP]),
        ingress("second", &[SHOP]),
    ];
    let mut story = Controller::new(world(), vec![certificate(1, &[SHOP])], ingresses);

    let plan = story.plan();
    assert_eq!(plan.load_balancers.len(), 2, "one for `alone`, and one for both others");
    story.converge();

    assert_ne!(story.hostname("alone"), story.hostname("first"));
    assert_eq!(story.hostname("first"), story.hostname("second"));
    story.wait_for_the_grace();
    assert!(!make_a_load_balancer(&story.converge()), "`alone` opens no second one");
}

#[test]
fn defect_5_a_dedicated_load_balancer_changes_its_security_group_and_web_acl_in_place() {
    let mut story = Controller::new(
        world(),
        vec![certificate(1, &[SHOP])],
        vec![annotated(ingress("checkout", &[SHOP]), SHARED, "false")],
    );
    story.converge();
    let name = story.hostname("checkout");
    let inventory = story.cloud.inventory_mut();
    let named = albatross_contract::SecurityGroup {
        id: "sg-of-the-shop".to_owned(),
        name: "shop".to_owned(),
        tags: Vec::new(),
        ..inventory.security_groups[0].clone()
    };
    inventory.security_groups.push(named);
    let web_acl = "arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/shop/1a2b";

    story.annotate("checkout", SECURITY_GROUP, "sg-of-the-shop");
    story.annotate("checkout", WEB_ACL, web_acl);
    story.converge();

    let found = story.serving("checkout");
    assert_eq!(found.security_groups, ["sg-of-the-shop"]);
    assert_eq!(found.web_acl.as_deref(), Some(web_acl));
    assert_eq!(story.hostname("checkout"), name);
}

#[test]
fn defect_13_certificates_with_ec_keys_and_long_rsa_keys_are_found() {
    for key in ["EC_prime256v1", "EC_secp384r1", "RSA_3072", "RSA_4096"] {
        let certificate = Certificate { key_algorithm: key.to_owned(), ..certificate(1, &[SHOP]) };
        let mut story = Controller::new(world(), vec![certificate], vec![ingress("checkout", &[SHOP])]);
        story.converge();
        assert_eq!(certificates_on(&story.serving("checkout")), [Certificates::arn(1)].into(), "{key}");
    }
}

#[test]
fn defect_14_a_certificate_with_a_tag_that_is_listed_twice_counts_once() {
    let tag = Tag { key: "ingress".to_owned(), value: "blue".to_owned() };
    let certificate = Certificate { tags: vec![tag.clone(), tag.clone()], ..certificate(1, &[SHOP]) };
    let mut story = Controller::new(world(), vec![certificate], vec![ingress("checkout", &[SHOP])]);
    story.settings.certificate_tag = Some(tag);
    story.settings.certificates_per_load_balancer = Some(1);
    story.converge();
    assert_eq!(certificates_on(&story.serving("checkout")), [Certificates::arn(1)].into());
}

#[test]
fn defect_15_on_an_auto_scaling_group_with_many_target_groups_ours_are_all_seen() {
    let mut story = one_shop(SHOP);
    let foreign =
        (0..40).map(|number| format!("arn:aws:elasticloadbalancing:::targetgroup/foreign-{number:02}/0a"));
    let group = |story: &mut Controller| -> AutoScalingGroup { story.auto_scaling_group("nodes-1") };
    let found = story.cloud.inventory_mut().auto_scaling_groups.iter_mut().find(|it| it.name == "nodes-1");
    found.unwrap().target_groups.splice(0..0, foreign);
    let before = group(&mut story).target_groups;
    assert!(actions(&story.converge()).next().is_none(), "ours is attached, behind forty others");

    story.delete("checkout");
    story.converge();
    story.wait_for_the_grace();
    story.converge();
    let after = group(&mut story).target_groups;
    assert_eq!(after.len(), before.len() - 1, "ours is detached, and no other");
}

#[test]
fn defect_16_a_web_acl_of_govcloud_or_china_is_one_of_aws_waf() {
    for (partition, region) in [("aws-us-gov", "us-gov-west-1"), ("aws-cn", "cn-north-1")] {
        let mut story = one_shop(SHOP);
        story.cloud.inventory_mut().region = region.to_owned();
        let arn =
            |name: &str| format!("arn:{partition}:wafv2:{region}:123456789012:regional/webacl/{name}/1a2b");
        story.settings.web_acl = Some(arn("default"));
        story.converge();
        assert_eq!(story.serving("checkout").web_acl, Some(arn("default")));
        story.annotate("checkout", WEB_ACL, &arn("own"));
        story.converge();
        assert_eq!(story.serving("checkout").web_acl, Some(arn("own")));
    }
}

#[test]
fn defect_19_a_blank_node_filter_is_an_error_and_never_the_whole_account() {
    let mut story = one_shop(SHOP);
    let attached = |story: &mut Controller| story.auto_scaling_group("nodes-1").target_groups;
    let before = attached(&mut story);
    // The instances of somebody else, which a blank filter would select.
    story.start_node_group("database", &["a", "b"]);
    story.cloud.inventory_mut().instances.push(instance("i-database", "a", None));

    for filters in ["", "   ", "tag-key", "=owned"] {
        story.settings.proxy.node_filters = Some(filters.to_owned());
        let passes = story.converge();
        assert!(actions(&passes).next().is_none() && !take_something_away(&passes), "{filters:?}");
        let plan = story.plan();
        assert!(warns(&plan, DiagnosticCode::NodeFiltersInvalid), "{filters:?}");
        let told = plan.diagnostics.iter().find(|it| it.code == DiagnosticCode::NodeFiltersInvalid).unwrap();
        assert_eq!(told.field.as_deref(), Some("proxy.node-filters"));
    }
    assert_eq!(attached(&mut story), before, "the nodes stay as they are");
    assert!(story.auto_scaling_group("database").target_groups.is_empty());
}

#[test]
fn defect_21_a_timeout_out_of_range_is_an_error_that_names_the_setting_and_nothing_changes() {
    type Spoil = fn(&mut albatross_contract::Settings);
    let cases: [(Spoil, &str); 4] = [
        (|settings| settings.idle_timeout = 0, "settings: idle-timeout is 0; it must be 1 to 4000"),
        (|settings| settings.idle_timeout = 4_001, "settings: idle-timeout is 4001; it must be 1 to 4000"),
        (
            |settings| settings.proxy.deregistration_delay = 3_601,
            "settings: proxy.deregistration-delay is 3601; it must be 0 to 3600",
        ),
        (
            |settings| settings.minimum_age = Some(100_000),
            "settings: minimum-age is 100000; it must be 0 to 86400",
        ),
    ];
    for (spoil, expected) in cases {
        let mut story = one_shop(SHOP);
        let before = story.serving("checkout");
        spoil(&mut story.settings);
        assert_eq!(story.try_plan().unwrap_err().message, expected);
        assert_eq!(story.serving("checkout"), before);
    }
}
