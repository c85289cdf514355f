//! Consolidation: load balancers that deletions left half empty, and what the setting does about them.

use albatross_contract::{ANNOTATION_RETAIN, Budget, DiagnosticCode};
use albatross_embedded_cloud::execution;
use albatross_stories::{
    Certificates, Controller, actions, annotated, certificate, certificates_on, ingress, is_unneeded,
    make_a_load_balancer, take_something_away, warns, withheld, world,
};

/// `shop/s0`, `shop/s1` and so on, each with a certificate of its own. A load balancer takes three of them: of four places one is
/// kept free for renewals.
fn shops(count: u32) -> Controller {
    let host = |number: u32| format!("s{number}.example.org");
    let certificates = (0..count).map(|number| certificate(number, &[&host(number)])).collect();
    let ingresses = (0..count).map(|number| ingress(&format!("s{number}"), &[&host(number)])).collect();
    let mut story = Controller::new(world(), certificates, ingresses);
    story.cloud.inventory_mut().quotas.certificates_per_load_balancer = 4;
    story.converge();
    story
}

/// Six shops on two load balancers, of which two of each are deleted.
fn two_half_empty() -> Controller {
    let mut story = shops(6);
    assert_ne!(story.hostname("s0"), story.hostname("s3"));
    for gone in ["s1", "s2", "s4", "s5"] {
        story.delete(gone);
    }
    story.converge();
    assert!(
        !warns(&story.plan(), DiagnosticCode::ConsolidationPossible),
        "the shops may come back within the grace"
    );
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
    assert!(
        told.message.contains("has room for all Ingresses of this load balancer (1)"),
        "{}",
        told.message
    );
    assert!(
        told.message.contains("1 published name changes and this load balancer can be deleted"),
        "{}",
        told.message
    );
    assert_eq!(
        told.remedy.as_deref(),
        Some("set \"consolidate\": true in the settings to empty this load balancer")
    );
}

#[test]
fn with_the_setting_one_of_them_is_emptied_and_goes_after_its_grace() {
    let mut story = two_half_empty();
    story.settings.consolidate = Some(true);

    let passes = story.converge();

    assert!(!make_a_load_balancer(&passes) && !take_something_away(&passes));
    assert_eq!(story.hostname("s0"), story.hostname("s3"));
    let all = [Certificates::arn(0), Certificates::arn(3)];
    assert_eq!(certificates_on(&story.serving("s0")), all.into());
    let unneeded = story.load_balancers().into_iter().filter(is_unneeded).count();
    assert_eq!(unneeded, 1, "it is kept for a grace period: other people's names may lead to it");

    story.wait_for_the_grace();
    story.converge();
    assert_eq!(story.load_balancers().len(), 1);
    assert!(!warns(&story.plan(), DiagnosticCode::ConsolidationPossible));
}

#[test]
fn a_load_balancer_that_an_ingress_retains_is_not_emptied() {
    for retained in [["s0", "s3"].as_slice(), &["s0"]] {
        let mut story = two_half_empty();
        for name in retained {
            story.edit(name, |ingress| annotated(ingress, ANNOTATION_RETAIN, "true"));
        }
        story.settings.consolidate = Some(true);
        let kept: Vec<_> = retained.iter().map(|name| story.hostname(name)).collect();

        story.converge();

        let after: Vec<_> = retained.iter().map(|name| story.hostname(name)).collect();
        assert_eq!(after, kept);
    }
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
            for (name, number) in [("s0", 0), ("s3", 3)] {
                let there = certificates_on(&after.serving(name));
                assert!(there.contains(&Certificates::arn(number)), "{name} after {done} actions: {there:?}");
            }
            after.converge();
            assert_eq!(after.hostname("s0"), after.hostname("s3"), "the next controller goes on");
        }
        story.pass();
        story.wait(180);
    }
}

#[test]
fn a_shop_that_comes_back_to_the_emptied_load_balancer_takes_nobody_with_it() {
    let mut story = two_half_empty();
    story.settings.consolidate = Some(true);
    story.converge();
    let name = story.hostname("s0");

    for back in ["s1", "s2"] {
        story.apply(ingress(back, &[&format!("{back}.example.org")]));
    }
    story.converge();

    assert_eq!(story.hostname("s0"), name);
    assert_eq!(story.hostname("s3"), name);
    assert_ne!(story.hostname("s1"), story.hostname("s2"), "one fits beside the two");
    assert_eq!(story.load_balancers().len(), 2);
}

#[test]
fn two_load_balancers_with_different_tls_policies_stay() {
    let mut story = two_half_empty();
    let name = story.hostname("s0").unwrap();
    story.in_the_console(&name, |found| {
        let https = found.listeners.iter_mut().find(|listener| listener.port == 443).unwrap();
        https.ssl_policy = Some("ELBSecurityPolicy-2016-08".to_owned());
    });
    story.settings.consolidate = Some(true);
    assert!(actions(&story.converge()).next().is_none());
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
    assert!(held_back.message.contains("were emptied, since they fit on"), "{}", held_back.message);
    let now: Vec<_> = (0..12).map(|index| story.hostname(&format!("s{index:02}"))).collect();
    assert_eq!(now, names);

    story.settings.allowances.name_change = held_back.ids.clone();
    story.converge();
    assert_eq!(story.hostname("s00"), story.hostname("s11"));
}

#[test]
fn a_load_balancer_stays_if_an_annotation_of_a_member_cannot_be_read() {
    let mut story = two_half_empty();
    for shop in ["s0", "s3"] {
        story.annotate(shop, "zalando.org/aws-load-balancer-type", "classic");
    }
    story.settings.consolidate = Some(true);
    assert!(actions(&story.converge()).next().is_none());
}

#[test]
fn a_host_whose_certificate_only_its_load_balancer_has_stays_there() {
    let mut story = two_half_empty();
    story.settings.excluded_certificates = [0, 3].map(Certificates::arn).into();
    story.settings.consolidate = Some(true);
    let names = (story.hostname("s0"), story.hostname("s3"));
    story.converge();
    assert_eq!((story.hostname("s0"), story.hostname("s3")), names);
}
