//! One, two and three load balancers, and that no single change moves another Ingress.

use albatross_contract::{ANNOTATION_SCHEME, LoadBalancerState, Scheme};
use albatross_stories::{
    Certificates, Controller, Whereabouts, annotated, certificate, certificates_on, fates, ingress, internal,
    make_a_load_balancer, renewal, world,
};

use std::collections::BTreeMap;

#[test]
fn two_ingresses_share_one_load_balancer() {
    let mut story = Controller::new(
        world(),
        vec![certificate(1, &["*.example.org"]), certificate(2, &["shop.example.org"])],
        vec![ingress("checkout", &["shop.example.org"]), ingress("tools/wiki", &["wiki.example.org"])],
    );

    let passes = story.converge();

    assert!(passes.len() <= 3, "made, published, done: {} passes", passes.len());
    let load_balancers = story.load_balancers();
    let [load_balancer] = load_balancers.as_slice() else { panic!("one load balancer: {load_balancers:#?}") };
    assert_eq!(load_balancer.scheme, Scheme::InternetFacing);
    assert_eq!(load_balancer.state, LoadBalancerState::Active);
    assert_eq!(load_balancer.listeners.iter().map(|listener| listener.port).collect::<Vec<_>>(), [80, 443]);
    assert_eq!(certificates_on(load_balancer), [Certificates::arn(1), Certificates::arn(2)].into());
    assert_eq!(story.hostname("checkout").as_deref(), Some(load_balancer.dns_name.as_str()));
    assert_eq!(story.hostname("tools/wiki").as_deref(), Some(load_balancer.dns_name.as_str()));
}

#[test]
fn a_public_and_an_internal_ingress_need_two() {
    let mut story = Controller::new(
        world(),
        vec![certificate(1, &["*.example.org"])],
        vec![ingress("checkout", &["shop.example.org"]), internal(ingress("wiki", &["wiki.example.org"]))],
    );

    story.converge();

    assert_eq!(story.load_balancers().len(), 2);
    assert_eq!(story.serving("checkout").scheme, Scheme::InternetFacing);
    assert_eq!(story.serving("wiki").scheme, Scheme::Internal);
    let subnets = |name: &str, story: &mut Controller| story.serving(name).subnets.join(" ");
    assert_eq!(subnets("checkout", &mut story), "subnet-public-a subnet-public-b subnet-public-c");
    assert_eq!(subnets("wiki", &mut story), "subnet-private-a subnet-private-b subnet-private-c");
}

#[test]
fn sixty_certificates_need_three_and_each_keeps_a_place_free() {
    let mut story = sixty_shops();

    story.converge();

    let mut counts: Vec<usize> =
        story.load_balancers().iter().map(|found| certificates_on(found).len()).collect();
    counts.sort_unstable();
    assert_eq!(counts, [12, 24, 24]);
    assert_eq!(story.cloud.inventory().target_groups.len(), 3, "a target group serves one load balancer");
}

#[test]
fn without_any_of_the_sixty_the_others_stay_where_they_are() {
    let mut story = sixty_shops();
    story.converge();
    let before = story.whereabouts();
    for number in 0..60 {
        let mut after = story.fork();

        after.delete(&shop(number));

        after.converge();
        assert_nobody_moved(&before, &after.whereabouts(), &[&shop(number)]);
    }
}

#[test]
fn one_more_ingress_than_the_sixty_moves_no_other() {
    let mut story = sixty_shops();
    story.converge();
    let before = story.whereabouts();

    story.add_certificate(certificate(99, &["new.example.org"]));
    story.apply(ingress("a-new-one", &["new.example.org"]));

    let passes = story.converge();
    assert!(!make_a_load_balancer(&passes), "the third has room");
    assert_nobody_moved(&before, &story.whereabouts(), &[]);
}

#[test]
fn breaking_any_of_the_sixty_ingresses_moves_no_other() {
    let mut story = sixty_shops();
    story.converge();
    let before = story.whereabouts();
    for number in 0..60 {
        let mut after = story.fork();

        after.annotate(&shop(number), ANNOTATION_SCHEME, "intern");

        let pass = after.pass();
        assert!(pass.plan.actions.is_empty(), "{:#?}", pass.plan.actions);
        assert_nobody_moved(&before, &after.whereabouts(), &[]);
    }
}

#[test]
fn another_scheme_for_any_of_the_sixty_moves_it_alone() {
    let mut story = sixty_shops();
    story.converge();
    let before = story.whereabouts();
    for number in [0, 17, 30, 59] {
        let mut after = story.fork();

        after.edit(&shop(number), internal);

        after.converge();
        assert_nobody_moved(&before, &after.whereabouts(), &[&shop(number)]);
        assert_eq!(after.serving(&shop(number)).scheme, Scheme::Internal);
    }
}

#[test]
fn a_renewed_certificate_moves_no_ingress() {
    let mut story = sixty_shops();
    story.converge();
    let before = story.whereabouts();
    for number in [0, 17, 30, 59] {
        let mut after = story.fork();
        let now = after.cloud.now();

        after.add_certificate(renewal(100 + number, &[&host(number)], now));

        after.converge();
        assert_nobody_moved(&before, &after.whereabouts(), &[&shop(number)]);
        assert_eq!(after.hostname(&shop(number)), story.hostname(&shop(number)), "not even who has it");
    }
}

#[test]
fn another_host_on_any_of_the_sixty_moves_no_other() {
    let mut story = sixty_shops();
    story.converge();
    story.add_certificate(certificate(99, &["new.example.org"]));
    let before = story.whereabouts();
    for number in 0..60 {
        let mut after = story.fork();

        after.apply(ingress(&shop(number), &[&host(number), "new.example.org"]));

        after.converge();
        assert_nobody_moved(&before, &after.whereabouts(), &[&shop(number)]);
    }
}

#[test]
fn more_nodes_move_no_ingress() {
    let mut story = sixty_shops();
    story.converge();
    let before = story.whereabouts();

    let zones: Vec<&str> = ["a", "b", "c"].into_iter().cycle().take(300).collect();
    story.start_node_group("many", &zones);

    story.converge();
    assert_nobody_moved(&before, &story.whereabouts(), &[]);
}

#[test]
fn a_converged_world_has_an_empty_plan_in_whatever_order_it_is_listed() {
    let mut story = sixty_shops();
    story.converge();
    let snapshot = story.snapshot().unwrap();
    let mut reversed = snapshot.clone();
    reversed.cluster.ingresses.reverse();
    reversed.inventory.certificates.reverse();
    reversed.inventory.load_balancers.reverse();
    reversed.inventory.target_groups.reverse();
    reversed.inventory.auto_scaling_groups.reverse();
    reversed.inventory.instances.reverse();
    reversed.inventory.subnets.reverse();

    let plan = albatross_planner::plan(&snapshot, &*story.policies).unwrap();

    assert!(plan.actions.is_empty(), "{:#?}", plan.actions);
    assert!(fates(&plan).iter().all(|fate| *fate == albatross_contract::LoadBalancerFate::Keep));
    assert_eq!(plan, albatross_planner::plan(&reversed, &*story.policies).unwrap());
}

/// Sixty Ingresses, each with a host and a certificate of its own.
fn sixty_shops() -> Controller {
    let certificates = (0..60).map(|number| certificate(number, &[&host(number)])).collect();
    let ingresses = (0..60).map(|number| ingress(&shop(number), &[&host(number)])).collect();
    Controller::new(world(), certificates, ingresses)
}

fn shop(number: u32) -> String {
    format!("shop-{number:02}")
}

fn host(number: u32) -> String {
    format!("shop-{number:02}.example.org")
}

/// Every Ingress that exists before and after, except for some, has the same hostname and the same certificates.
fn assert_nobody_moved(
    before: &BTreeMap<String, Whereabouts>,
    after: &BTreeMap<String, Whereabouts>,
    but: &[&str],
) {
    let mut compared = 0;
    for (name, place) in
        before.iter().filter(|(name, _)| !but.iter().any(|but| **name == format!("shop/{but}")))
    {
        assert_eq!(after.get(name), Some(place), "{name} has moved");
        assert!(place.0.is_some(), "{name} is not even published");
        compared += 1;
    }
    assert_eq!(compared, before.len() - but.len());
}

#[test]
fn a_label_or_an_annotation_of_somebody_else_changes_nothing() {
    let mut story = sixty_shops();
    story.converge();

    story.edit("shop-07", |ingress| annotated(ingress, "example.org/owner", "team-blue"));

    let pass = story.pass();
    assert!(pass.plan.actions.is_empty() && pass.statuses.is_empty());
}
