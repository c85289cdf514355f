//! Budgets: many Ingresses deleted at once.

use albatross_contract::{Budget, ClassSetting, Mode, TAG_ID};
use albatross_stories::{
    Certificates, Controller, actions, annotated, certificate, certificates_on, ingress, internal,
    is_unneeded, tag, unneeded_certificates, withheld, world,
};

#[test]
fn a_few_ingresses_can_all_be_deleted_at_once() {
    let mut story = shops(5);

    story.apply_all(Vec::new());

    story.converge();
    assert!(is_unneeded(&story.load_balancers()[0]));
    story.wait_for_the_grace();
    story.converge();
    assert!(story.load_balancers().is_empty());
}

#[test]
fn when_many_ingresses_are_deleted_at_once_everything_stays_and_the_message_says_how_to_allow_it() {
    let mut story = shops(60);

    story.apply_all(Vec::new());
    story.converge();
    story.wait_for_the_grace();
    story.wait_for_the_grace();
    let passes = story.converge();

    assert!(actions(&passes).next().is_none(), "what is withheld does not even begin its grace");
    assert_eq!(story.load_balancers().len(), 3);
    assert!(
        story.load_balancers().iter().all(|found| !is_unneeded(found) && unneeded_certificates(found) == 0)
    );
    let plan = story.plan();
    let held_back = withheld(&plan, Budget::UnneededCertificates).unwrap();
    assert_eq!((held_back.count, held_back.total, held_back.limit), (60, 60, 12));
    assert_eq!(held_back.ids.len(), 60, "all ids, for who wants to allow them");
    let expected = "If this is intended: --allow-unneeded with the 60 ids that `albatross plan --output json` has under `withheld`";
    assert!(held_back.message.ends_with(expected), "{}", held_back.message);
}

#[test]
fn everything_that_is_allowed_by_id_is_removed() {
    let mut story = shops(60);
    story.apply_all(Vec::new());
    story.converge();

    story.settings.allowances.unneeded = (0..60).map(Certificates::arn).collect();

    story.converge();
    assert!(story.load_balancers().iter().all(is_unneeded));
    story.wait_for_the_grace();
    story.converge();
    assert!(story.load_balancers().is_empty());
    assert!(story.cloud.inventory().target_groups.is_empty());
}

#[test]
fn if_only_one_load_balancer_is_allowed_only_that_one_is_deleted() {
    let mut story = shops(60);
    let theirs = certificates_on(&story.serving("shop-00"));
    story.apply_all(Vec::new());
    story.converge();

    story.settings.allowances.unneeded = theirs.into_iter().collect();

    story.converge();
    assert_eq!(story.load_balancers().iter().filter(|found| is_unneeded(found)).count(), 1);
    story.wait_for_the_grace();
    story.converge();
    assert_eq!(story.load_balancers().len(), 2);
    let plan = story.plan();
    assert_eq!(withheld(&plan, Budget::UnneededCertificates).unwrap().count, 36, "the others still wait");
}

#[test]
fn with_an_endless_grace_period_nothing_is_removed() {
    let mut story = shops(5);
    story.settings.grace = u64::MAX;

    story.apply_all(Vec::new());
    story.converge();
    story.wait(365 * 86_400);
    story.converge();

    assert_eq!(story.load_balancers().len(), 1);
}

#[test]
fn while_a_deletion_is_withheld_everything_else_goes_on() {
    let mut story = shops(60);
    let staying: Vec<_> = story.cluster.cluster().ingresses.iter().take(10).cloned().collect();

    story.apply_all(staying);
    story.add_certificate(certificate(99, &["new.example.org"]));
    story.apply(ingress("a-new-one", &["new.example.org"]));

    story.converge();
    assert!(withheld(&story.plan(), Budget::UnneededCertificates).is_some());
    assert!(story.hostname("a-new-one").is_some());
}

#[test]
fn thirteen_of_sixty_are_too_many_and_twelve_are_not() {
    for (deleted, allowed) in [(12, true), (13, false)] {
        let mut story = shops(60);
        for number in 0..deleted {
            story.delete(&shop(number));
        }

        story.converge();

        let marked: usize = story.load_balancers().iter().map(unneeded_certificates).sum();
        assert_eq!(marked, if allowed { 12 } else { 0 }, "{deleted} of 60");
    }
}

#[test]
fn a_certificate_on_two_load_balancers_counts_for_each_of_them() {
    let certificates = (0..3).map(|number| certificate(number, &[&host(number)])).collect();
    let public = (0..3).map(|number| ingress(&shop(number), &[&host(number)]));
    let inside = (0..3).map(|number| internal(ingress(&format!("inside-{number}"), &[&host(number)])));
    let mut story = Controller::new(world(), certificates, public.chain(inside).collect());
    story.converge();

    story.apply_all(Vec::new());
    story.converge();

    let plan = story.plan();
    let held_back = withheld(&plan, Budget::UnneededCertificates).unwrap();
    assert_eq!((held_back.count, held_back.total, held_back.limit), (6, 6, 5));
    assert!(held_back.message.starts_with("6 of 6 certificates in use"), "{}", held_back.message);
    let all: Vec<String> = (0..3).map(Certificates::arn).collect();
    assert_eq!(held_back.ids, all, "each is allowed by one name");
}

#[test]
fn allowed_changes_are_not_reported_as_withheld() {
    let mut story = shops(60);
    story.apply_all(Vec::new());

    story.settings.allowances.unneeded = (0..20).map(Certificates::arn).collect();

    let plan = story.plan();
    let held_back = withheld(&plan, Budget::UnneededCertificates).unwrap();
    assert_eq!(held_back.count, 40);
    assert!(held_back.message.starts_with("40 of 60 certificates in use"), "{}", held_back.message);
}

#[test]
fn renewed_certificates_count_against_no_budget() {
    let mut story = shops(20);
    let now = story.cloud.now();
    for number in 0..20 {
        story.add_certificate(albatross_stories::renewal(100 + number, &[&host(number)], now));
    }

    let pass = story.pass();

    assert!(pass.plan.withheld.is_empty(), "{:#?}", pass.plan.withheld);
}

#[test]
fn more_than_five_empty_load_balancers_at_once_are_too_many() {
    let mut story = Controller::new(
        world(),
        vec![certificate(1, &["*.example.org"])],
        (0..7).map(|number| albatross_stories::alone(ingress(&shop(number), &[&host(number)]))).collect(),
    );
    story.converge();
    assert_eq!(story.load_balancers().len(), 7);

    story.apply_all(vec![story.ingress("shop-00")]);

    story.converge();
    assert_eq!(story.load_balancers().iter().filter(|found| is_unneeded(found)).count(), 0);
    let plan = story.plan();
    let held_back = withheld(&plan, Budget::UnneededLoadBalancers).unwrap();
    assert_eq!((held_back.count, held_back.total, held_back.limit), (6, 7, 5));
    let first =
        story.load_balancers().into_iter().find(|found| tag(&found.tags, TAG_ID) == Some(&held_back.ids[0]));
    let named = format!("({} is {}, ", first.unwrap().name, held_back.ids[0]);
    assert!(held_back.message.contains(&named), "names before ids: {}", held_back.message);
    story.settings.allowances.unneeded = held_back.ids[..2].to_vec();
    story.converge();
    let gone = story.load_balancers().iter().filter(|found| is_unneeded(found)).count();
    assert_eq!(gone, 6, "two are allowed, and the four that are left are within the budget");
}

#[test]
fn ingresses_that_were_created_again_but_cannot_be_served_count_as_gone() {
    let mut story = shops(20);
    let again: Vec<_> = (0..20)
        .map(|number| {
            annotated(ingress(&shop(number), &[&host(number)]), albatross_contract::ANNOTATION_SCHEME, "?")
        })
        .collect();
    story.apply_all(Vec::new());
    story.apply_all(again);

    story.converge();

    assert!(withheld(&story.plan(), Budget::UnneededCertificates).is_some());
    assert_eq!(story.load_balancers().iter().map(unneeded_certificates).sum::<usize>(), 0);
}

#[test]
fn an_allowed_release_does_not_allow_its_certificates_to_become_unneeded() {
    let mut story = shops(15);
    story.settings.classes = vec![ClassSetting { name: "another".into(), mode: Mode::Proxy }];
    story.settings.allowances.release = (0..15).map(|number| format!("shop/{}", shop(number))).collect();

    story.converge();

    assert!(story.cluster.cluster().ingresses.iter().all(|ingress| ingress.status.is_empty()));
    assert_eq!(withheld(&story.plan(), Budget::UnneededCertificates).unwrap().count, 15);
    assert!(!is_unneeded(&story.load_balancers()[0]), "whoever still comes there is served");
}

fn shops(count: u32) -> Controller {
    let certificates = (0..count).map(|number| certificate(number, &[&host(number)])).collect();
    let ingresses = (0..count).map(|number| ingress(&shop(number), &[&host(number)])).collect();
    let mut story = Controller::new(world(), certificates, ingresses);
    story.converge();
    story
}

fn shop(number: u32) -> String {
    format!("shop-{number:02}")
}

fn host(number: u32) -> String {
    format!("{}.example.org", shop(number))
}
