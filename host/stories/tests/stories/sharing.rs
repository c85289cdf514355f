//! Ingresses that ask for a load balancer of their own, and share again.

use albatross_contract::{ANNOTATION_SHARED, Action, Operation, TAG_INGRESS};
use albatross_stories::{
    Certificates, Controller, alone, certificate, certificates_on, ingress, is_unneeded,
    make_a_load_balancer, tag, world,
};

#[test]
fn an_ingress_that_asks_for_its_own_load_balancer_gets_one_and_no_other_joins() {
    let mut story = Controller::new(
        world(),
        vec![certificate(1, &["*.example.org"])],
        vec![
            alone(ingress("payments", &["payments.example.org"])),
            ingress("checkout", &["shop.example.org"]),
        ],
    );

    story.converge();

    let own = story.serving("payments");
    assert_eq!(tag(&own.tags, TAG_INGRESS), Some("shop/payments"), "a tag remembers whose it is");
    assert_ne!(story.serving("checkout").arn, own.arn);
    story.apply(ingress("returns", &["returns.example.org"]));
    story.converge();
    assert_eq!(story.hostname("returns"), story.hostname("checkout"));
}

#[test]
fn the_first_ingress_that_shares_is_told_that_all_load_balancers_serve_others_exclusively() {
    let mut story = Controller::new(
        world(),
        vec![certificate(1, &["*.example.org"])],
        vec![alone(ingress("payments", &["payments.example.org"]))],
    );
    story.converge();
    story.apply(ingress("checkout", &["shop.example.org"]));

    let pass = story.pass();

    let is_made = |action: &&Action| matches!(action.operation, Operation::CreateLoadBalancer(_));
    let reason = &pass.plan.actions.iter().find(is_made).unwrap().reason;
    assert!(reason.ends_with("serves another Ingress exclusively"), "{reason}");
}

#[test]
fn a_member_that_no_longer_shares_leaves_alone() {
    let mut story = shop_and_wiki();
    let shared = story.serving("wiki");

    story.edit("checkout", alone);
    let made = story.pass();
    assert_eq!(
        story.hostname("checkout").as_deref(),
        Some(shared.dns_name.as_str()),
        "not before the new one serves"
    );
    assert!(made.statuses.is_empty());
    story.converge();

    let own = story.serving("checkout");
    assert_ne!(own.arn, shared.arn);
    assert_eq!(tag(&own.tags, TAG_INGRESS), Some("shop/checkout"));
    assert_eq!(certificates_on(&own), [Certificates::arn(1)].into());
    assert_eq!(story.serving("wiki").arn, shared.arn, "the other one stays");
}

#[test]
fn back_to_shared_it_stays_where_it_is_and_others_can_join() {
    let mut story = shop_and_wiki();
    story.edit("checkout", alone);
    story.converge();
    let own = story.hostname("checkout");

    story.remove_annotation("checkout", ANNOTATION_SHARED);

    let passes = story.converge();
    assert!(!make_a_load_balancer(&passes));
    assert_eq!(story.hostname("checkout"), own, "its name need not change");
    assert_eq!(
        tag(&story.serving("checkout").tags, TAG_INGRESS),
        None,
        "the load balancer is open to others"
    );
    story.add_certificate(certificate(3, &["shop.example.org", "returns.example.org"]));
    story.apply(ingress("returns", &["returns.example.org"]));
    story.converge();
    assert!(story.load_balancers().len() == 2);
}

#[test]
fn an_ingress_that_is_the_only_member_needs_no_other_load_balancer() {
    let mut story = Controller::new(
        world(),
        vec![certificate(1, &["*.example.org"])],
        vec![ingress("checkout", &["shop.example.org"])],
    );
    story.converge();
    let name = story.hostname("checkout");

    story.edit("checkout", alone);

    let passes = story.converge();
    assert!(!make_a_load_balancer(&passes));
    assert_eq!(story.hostname("checkout"), name);
    assert_eq!(tag(&story.serving("checkout").tags, TAG_INGRESS), Some("shop/checkout"));
}

#[test]
fn deleted_and_created_again_it_gets_its_own_load_balancer_back() {
    let mut story = shop_and_wiki();
    story.edit("checkout", alone);
    story.converge();
    let own = story.hostname("checkout");

    story.delete("checkout");
    story.converge();
    story.apply(alone(ingress("checkout", &["shop.example.org"])));

    story.converge();
    assert_eq!(story.hostname("checkout"), own);
    assert!(!is_unneeded(&story.serving("checkout")));
}

#[test]
fn an_older_new_ingress_does_not_take_the_load_balancer_that_is_created_for_another_ingress_alone() {
    let mut story = Controller::new(
        world(),
        vec![certificate(1, &["shop.example.org"])],
        vec![ingress("checkout", &["shop.example.org"]), ingress("a-late-one", &["late.example.org"])],
    );
    story.converge();
    story.wait(60);
    story.apply(ingress("wiki", &["shop.example.org"]));
    story.converge();

    story.edit("wiki", alone);
    story.pass();
    let made = story
        .load_balancers()
        .iter()
        .find_map(|found| tag(&found.tags, TAG_INGRESS).map(|_| found.arn.clone()));
    assert!(made.is_some(), "the load balancer for wiki is being made");
    story.add_certificate(certificate(2, &["late.example.org"]));
    story.converge();

    assert_eq!(Some(story.serving("wiki").arn), made);
    assert_eq!(story.load_balancers().len(), 2);
    assert_eq!(story.hostname("a-late-one"), story.hostname("checkout"));
}

fn shop_and_wiki() -> Controller {
    let mut story = Controller::new(
        world(),
        vec![certificate(1, &["shop.example.org"]), certificate(2, &["wiki.example.org"])],
        vec![ingress("checkout", &["shop.example.org"]), ingress("wiki", &["wiki.example.org"])],
    );
    story.converge();
    story
}
