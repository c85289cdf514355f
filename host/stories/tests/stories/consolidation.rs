//! Consolidation: load balancers that deletions left half empty, and what the setting does about them.

use albatross_contract::{Budget, DiagnosticCode};
use albatross_embedded_cloud::execution;
use albatross_stories::{
    Certificates, Controller, actions, certificate, certificates_on, ingress, is_unneeded,
    make_a_load_balancer, pinned, take_something_away, warns, withheld, world,
};

/// `shop/s0`, `shop/s1` and so on, each with a certificate of its own. A load balancer takes two of them, since one of three
/// places is kept free.
fn shops(count: u32) -> Controller {
    let host = |number: u32| format!("s{number}.example.org");
    let certificates = (0..count).map(|number| certificate(number, &[&host(number)])).collect();
    let ingresses = (0..count).map(|number| ingress(&format!("s{number}"), &[&host(number)])).collect();
    let mut story = Controller::new(world(), certificates, ingresses);
    story.cloud.inventory_mut().quotas.certificates_per_load_balancer = 3;
    story.converge();
    story
}

/// Four shops on two load balancers, of which one of each is deleted.
fn two_half_empty() -> Controller {
    let mut story = shops(4);
    assert_ne!(story.hostname("s0"), story.hostname("s2"));
    assert!(!warns(&story.plan(), DiagnosticCode::ConsolidationPossible), "both are full");
    story.delete("s1");
    story.delete("s3");
    story.converge();
    story.wait_for_the_grace();
    story.converge();
    story
}

#[test]
fn two_half_empty_load_balancers_are_told_and_left_alone() {
    let mut story = two_half_empty();

    let plan = story.plan();

    assert!(plan.actions.is_empty());
    let is_it = |it: &&albatross_contract::Diagnostic| it.code == DiagnosticCode::ConsolidationPossible;
    let told = plan.diagnostics.iter().find(is_it).unwrap();
    assert!(told.message.starts_with("its 1 Ingress also fits on albatross-"), "{}", told.message);
    assert!(told.message.contains("the published names of 1 Ingress would change"), "{}", told.message);
    assert_eq!(told.remedy.as_deref(), Some("set consolidate in the settings to empty it"));
}

#[test]
fn with_the_setting_one_of_them_is_emptied_and_goes_after_its_grace() {
    let mut story = two_half_empty();
    story.settings.consolidate = Some(true);

    let passes = story.converge();

    assert!(!make_a_load_balancer(&passes) && !take_something_away(&passes));
    assert_eq!(story.hostname("s0"), story.hostname("s2"));
    let all = [Certificates::arn(0), Certificates::arn(2)];
    assert_eq!(certificates_on(&story.serving("s0")), all.into());
    let unneeded = story.load_balancers().into_iter().filter(is_unneeded).count();
    assert_eq!(unneeded, 1, "it is kept for a grace period: other people's names may lead to it");

    story.wait_for_the_grace();
    story.converge();
    assert_eq!(story.load_balancers().len(), 1);
    assert!(!warns(&story.plan(), DiagnosticCode::ConsolidationPossible));
}

#[test]
fn at_no_call_of_a_consolidation_a_host_is_without_its_certificate() {
    let mut story = two_half_empty();
    story.settings.consolidate = Some(true);
    for _ in 0..6 {
        let plan = story.plan();
        for done in 0..=plan.actions.len() {
            let mut after = story.fork();
            let mut part = plan.clone();
            part.actions.truncate(done);
            execution::execute(&mut after.cloud, &part, &mut |_, _| {});
            for (name, number) in [("s0", 0), ("s2", 2)] {
                let there = certificates_on(&after.serving(name));
                assert!(there.contains(&Certificates::arn(number)), "{name} after {done} actions: {there:?}");
            }
            after.converge();
            assert_eq!(after.hostname("s0"), after.hostname("s2"), "the next controller goes on");
        }
        story.pass();
        story.wait(180);
    }
}

#[test]
fn a_vacant_load_balancer_that_still_has_the_certificates_does_not_get_them_back() {
    let mut story = two_half_empty();
    story.settings.consolidate = Some(true);
    story.converge();
    let name = story.hostname("s0");

    let after = story.converge();

    assert!(actions(&after).next().is_none());
    assert_eq!(story.hostname("s0"), name);
}

#[test]
fn more_names_than_the_budget_allows_are_withheld_and_a_person_may_allow_them() {
    // Two load balancers with six members each, which all use one of two certificates.
    let number = |index: usize| u32::from(index >= 6);
    let shop = |index: usize| {
        let host = format!("a{index}.s{}.example.org", number(index));
        ingress(&format!("s{index:02}"), &[&host])
    };
    let mut story = Controller::new(
        world(),
        vec![certificate(0, &["*.s0.example.org"]), certificate(1, &["*.s1.example.org"])],
        (0..12).map(shop).collect(),
    );
    story.settings.certificates_per_load_balancer = Some(1);
    story.converge();
    assert_eq!(story.load_balancers().len(), 2);
    let names: Vec<_> = (0..12).map(|index| story.hostname(&format!("s{index:02}"))).collect();
    story.settings.certificates_per_load_balancer = None;
    story.settings.consolidate = Some(true);

    let passes = story.converge();
    assert!(actions(&passes).next().is_none());
    let plan = story.plan();
    let held_back = withheld(&plan, Budget::NameChanges).unwrap();
    assert_eq!((held_back.count, held_back.limit), (6, 5));
    let now: Vec<_> = (0..12).map(|index| story.hostname(&format!("s{index:02}"))).collect();
    assert_eq!(now, names);

    story.settings.allowances.name_change = held_back.ids.clone();
    story.converge();
    assert_eq!(story.hostname("s00"), story.hostname("s11"));
}

#[test]
fn a_load_balancer_stays_if_a_member_cannot_be_read_or_is_still_served_after_its_release() {
    let mut unreadable = two_half_empty();
    unreadable.annotate("s0", "zalando.org/aws-load-balancer-type", "classic");
    unreadable.annotate("s2", "zalando.org/aws-load-balancer-type", "classic");
    unreadable.settings.consolidate = Some(true);
    assert!(actions(&unreadable.converge()).next().is_none());

    let mut missing = two_half_empty();
    missing.edit("s0", |shop| pinned(shop, &Certificates::arn(99)));
    missing.edit("s2", |shop| pinned(shop, &Certificates::arn(98)));
    missing.settings.consolidate = Some(true);
    assert!(!make_a_load_balancer(&missing.converge()));
    assert_ne!(missing.hostname("s0"), missing.hostname("s2"));
}
