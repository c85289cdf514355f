//! A scheme is changed, and changed back.

use albatross_contract::{ANNOTATION_SCHEME, Disruption, Operation, Scheme, StatusChange, TAG_REPLACES};
use albatross_stories::{
    Certificates, Controller, actions, certificate, certificates_on, ingress, internal, is_unneeded,
    make_a_load_balancer, tag, world,
};

#[test]
fn the_name_changes_only_when_the_new_load_balancer_serves_and_the_old_one_stays_for_the_grace() {
    let mut story = one_public_shop();
    let public = story.serving("checkout");

    story.annotate("checkout", ANNOTATION_SCHEME, "internal");
    let made = story.pass();

    let create =
        made.plan.actions.iter().find(|action| matches!(action.operation, Operation::CreateLoadBalancer(_)));
    let create = create.unwrap();
    assert_eq!(create.disruption, Disruption::Name, "a published name is going to change");
    let Operation::CreateLoadBalancer(input) = &create.operation else { unreachable!() };
    assert_eq!(tag(&input.tags, TAG_REPLACES), None, "the public one is fine, so it replaces none");
    assert_eq!(made.outcome("checkout").unwrap().status, StatusChange::Keep);
    assert_eq!(
        story.hostname("checkout").as_deref(),
        Some(public.dns_name.as_str()),
        "still served by the old one"
    );

    story.converge();
    assert_eq!(story.serving("checkout").scheme, Scheme::Internal);
    let left = story.load_balancers().into_iter().find(|found| found.arn == public.arn).unwrap();
    assert!(is_unneeded(&left), "the old one is marked");
    assert_eq!(
        certificates_on(&left),
        [Certificates::arn(1)].into(),
        "and still serves whoever has its address"
    );

    story.wait_for_the_grace();
    story.converge();
    assert_eq!(story.load_balancers().len(), 1, "one grace later it is gone");
    assert_eq!(story.cloud.inventory().target_groups.len(), 1);
}

#[test]
fn changed_back_before_the_switch_the_name_never_changes() {
    let mut story = one_public_shop();
    let public = story.hostname("checkout");

    story.annotate("checkout", ANNOTATION_SCHEME, "internal");
    story.pass();
    assert_eq!(story.load_balancers().len(), 2, "the internal one is being made");
    story.remove_annotation("checkout", ANNOTATION_SCHEME);

    let passes = story.converge();
    assert!(passes.iter().all(|pass| pass.statuses.is_empty()), "no status was ever written");
    assert_eq!(story.hostname("checkout"), public);
    story.wait_for_the_grace();
    story.converge();
    assert_eq!(story.load_balancers().len(), 1);
    assert_eq!(story.hostname("checkout"), public);
}

#[test]
fn changed_back_after_the_switch_it_gets_its_first_name_again() {
    let mut story = one_public_shop();
    let public = story.hostname("checkout");
    story.annotate("checkout", ANNOTATION_SCHEME, "internal");
    story.converge();
    assert_ne!(story.hostname("checkout"), public);

    story.remove_annotation("checkout", ANNOTATION_SCHEME);

    let passes = story.converge();
    assert!(!make_a_load_balancer(&passes), "the public one is unneeded but not yet gone");
    assert_eq!(story.hostname("checkout"), public);
    assert!(!is_unneeded(&story.serving("checkout")), "and now needed again");
    story.wait_for_the_grace();
    story.converge();
    assert_eq!(story.load_balancers().len(), 1, "the internal one goes a grace later");
    assert_eq!(story.hostname("checkout"), public);
}

#[test]
fn changed_back_after_the_grace_period_it_gets_a_new_load_balancer() {
    let mut story = one_public_shop();
    story.annotate("checkout", ANNOTATION_SCHEME, "internal");
    story.converge();
    story.wait_for_the_grace();
    story.converge();

    story.remove_annotation("checkout", ANNOTATION_SCHEME);

    let passes = story.converge();
    assert!(make_a_load_balancer(&passes));
    assert_eq!(story.serving("checkout").scheme, Scheme::InternetFacing);
}

#[test]
fn other_members_of_the_load_balancer_stay_on_it() {
    let mut story = Controller::new(
        world(),
        vec![certificate(1, &["*.example.org"])],
        vec![ingress("checkout", &["shop.example.org"]), ingress("wiki", &["wiki.example.org"])],
    );
    story.converge();
    let public = story.hostname("wiki");

    story.annotate("checkout", ANNOTATION_SCHEME, "internal");

    let passes = story.converge();
    assert_eq!(story.hostname("wiki"), public);
    assert_eq!(story.serving("checkout").scheme, Scheme::Internal);
    let touched = actions(&passes).filter(|action| {
        matches!(action.operation, Operation::RemoveListenerCertificate(_) | Operation::DeleteLoadBalancer(_))
    });
    assert_eq!(touched.count(), 0);
}

#[test]
fn a_changed_default_scheme_moves_ingresses_that_follow_it_within_the_budget() {
    let mut story = one_public_shop();

    story.settings.default_scheme = Scheme::Internal;

    story.converge();
    assert_eq!(
        story.serving("checkout").scheme,
        Scheme::Internal,
        "one name changes: that is within the budget"
    );
}

#[test]
fn an_ingress_that_joins_a_marked_load_balancer_stays_however_long_its_targets_are_unhealthy() {
    let names: Vec<String> = (0..6).map(|number| format!("shop-{number}")).collect();
    let hosts: Vec<String> = names.iter().map(|name| format!("{name}.example.org")).collect();
    let certificates = (0u32..).zip(&hosts).map(|(number, host)| certificate(number, &[host])).collect();
    let ingresses = names.iter().zip(&hosts).map(|(name, host)| ingress(name, &[host])).collect();
    let mut story = Controller::new(world(), certificates, ingresses);
    story.cloud.inventory_mut().quotas.certificates_per_load_balancer = 5;
    story.add_certificate(certificate(9, &["wiki.example.org"]));
    story.apply(internal(ingress("wiki", &["wiki.example.org"])));
    story.converge();
    let marked = story.hostname("shop-0");
    assert_ne!(story.hostname("shop-5"), marked, "four are on the one, two on the other");
    story.wait_for_the_grace();
    (0..4).for_each(|number| story.delete(&format!("shop-{number}")));
    story.converge();
    story.cloud.inventory_mut().quotas.certificates_per_load_balancer = 25;

    story.cloud.faults_mut().all_targets_unhealthy(true);
    story.remove_annotation("wiki", ANNOTATION_SCHEME);

    story.converge();
    assert_eq!(story.serving("wiki").scheme, Scheme::Internal, "its status waits for healthy targets");
    story.cloud.faults_mut().all_targets_unhealthy(false);
    story.wait(600);
    story.converge();
    assert_eq!(story.hostname("wiki"), marked, "the one with the most certificates");
}

fn one_public_shop() -> Controller {
    let mut story = Controller::new(
        world(),
        vec![certificate(1, &["*.example.org"])],
        vec![ingress("checkout", &["shop.example.org"])],
    );
    story.converge();
    story
}
