//! Settings for certificates: one for each load balancer, excluded ones, and hosts that need none.

use std::collections::BTreeSet;

use albatross_contract::{Certificate, DiagnosticCode, Operation, OutcomeState, Severity, Tag};
use albatross_embedded_cloud::execution;
use albatross_stories::{
    Certificates, Controller, Pass, actions, certificate, certificates_on, ingress, is_unneeded,
    make_a_load_balancer, pinned, renewal, take_something_away, tells, world,
};

use crate::one_shop::one_shop;

const CHECKOUT: &str = "shop.example.org";
const BLOG: &str = "blog.example.org";

/// `shop/checkout` and `shop/blog`, each with a certificate of its own.
fn checkout_and_blog() -> Controller {
    let certificates = vec![certificate(1, &[CHECKOUT]), certificate(2, &[BLOG])];
    Controller::new(world(), certificates, vec![ingress("checkout", &[CHECKOUT]), ingress("blog", &[BLOG])])
}

fn message(pass: &Pass, name: &str) -> String {
    let outcome = pass.outcome(name).unwrap();
    outcome.diagnostics.iter().map(|it| it.message.as_str()).collect::<Vec<_>>().join("\n")
}

#[test]
fn with_one_certificate_for_each_load_balancer_two_shops_get_two_and_a_third_joins_the_one_with_its_certificate()
 {
    let mut story = checkout_and_blog();
    story.settings.certificates_per_load_balancer = Some(1);
    story.converge();
    assert_eq!(story.load_balancers().len(), 2);
    let name = story.hostname("checkout");

    story.apply(ingress("cart", &[CHECKOUT]));
    let passes = story.converge();

    assert_eq!(story.hostname("cart"), name);
    assert!(!make_a_load_balancer(&passes));
}

#[test]
fn with_one_certificate_a_renewal_replaces_the_default_in_one_call_and_no_name_changes() {
    let mut story = one_shop(CHECKOUT);
    story.settings.certificates_per_load_balancer = Some(1);
    let name = story.hostname("checkout");
    story.add_certificate(renewal(2, &[CHECKOUT], story.cloud.now()));

    let plan = story.plan();
    let changes: Vec<_> = plan.actions.iter().map(|action| &action.operation).collect();
    let [Operation::ModifyListener(change)] = changes.as_slice() else { panic!("{changes:#?}") };
    assert_eq!(change.default_certificate, Some(Certificates::arn(2)));

    story.converge();
    assert_eq!(certificates_on(&story.serving("checkout")), [Certificates::arn(2)].into());
    assert_eq!(story.hostname("checkout"), name);
    story.wait_for_the_grace();
    assert!(actions(&story.converge()).next().is_none(), "nothing is left to remove");
}

#[test]
fn with_one_certificate_an_ingress_that_needs_two_is_told_and_no_load_balancer_is_created_for_it() {
    let mut story = checkout_and_blog();
    story.settings.certificates_per_load_balancer = Some(1);
    story.delete("blog");
    story.apply(ingress("checkout", &[CHECKOUT, BLOG]));

    let passes = story.converge();

    assert!(!make_a_load_balancer(&passes));
    let pass = story.pass();
    assert_eq!(pass.outcome("checkout").unwrap().state, OutcomeState::Rejected);
    let expected = "it needs 2 certificates, but the setting certificates-per-load-balancer allows 1";
    assert!(message(&pass, "checkout").contains(expected), "{}", message(&pass, "checkout"));
}

#[test]
fn a_lowered_number_of_certificates_moves_nobody_and_renewals_still_work() {
    let mut story = checkout_and_blog();
    story.converge();
    let names = (story.hostname("checkout"), story.hostname("blog"));
    assert_eq!(names.0, names.1);
    story.settings.certificates_per_load_balancer = Some(1);
    assert!(actions(&story.converge()).next().is_none());

    story.add_certificate(renewal(11, &[CHECKOUT], story.cloud.now()));
    story.add_certificate(renewal(12, &[BLOG], story.cloud.now()));
    assert!(!take_something_away(&story.converge()), "with two certificates SNI is used");
    story.wait_for_the_grace();
    story.converge();

    assert_eq!((story.hostname("checkout"), story.hostname("blog")), names);
    let renewed: BTreeSet<String> = [11, 12].map(Certificates::arn).into();
    assert_eq!(certificates_on(&story.serving("checkout")), renewed);
    story.apply(ingress("news", &["news.example.org"]));
    story.add_certificate(certificate(3, &["news.example.org"]));
    story.converge();
    assert_ne!(story.hostname("news"), names.0, "a new Ingress goes elsewhere");
}

#[test]
fn with_one_certificate_an_ingress_that_changes_its_host_beside_another_moves_and_is_served_all_the_time() {
    let mut story = Controller::new(
        world(),
        vec![certificate(1, &[CHECKOUT]), certificate(2, &[BLOG])],
        vec![ingress("checkout", &[CHECKOUT]), ingress("cart", &[CHECKOUT])],
    );
    story.settings.certificates_per_load_balancer = Some(1);
    story.converge();
    let name = story.hostname("checkout");

    story.apply(ingress("cart", &[BLOG]));
    story.converge();

    assert_ne!(story.hostname("cart"), name);
    assert_eq!(story.hostname("checkout"), name);
    assert_eq!(certificates_on(&story.serving("cart")), [Certificates::arn(2)].into());
}

#[test]
fn with_one_certificate_every_host_has_a_certificate_after_every_action_of_a_renewal() {
    let mut story = checkout_and_blog();
    story.settings.certificates_per_load_balancer = Some(1);
    story.converge();
    let now = story.cloud.now();
    story.add_certificate(renewal(11, &[CHECKOUT], now));
    story.add_certificate(renewal(12, &["*.example.org"], now));

    let plan = story.plan();
    assert!(!plan.actions.is_empty());
    for done in 0..=plan.actions.len() {
        let mut after = story.fork();
        let mut part = plan.clone();
        part.actions.truncate(done);
        execution::execute(&mut after.cloud, &part, &mut |_, _| {});
        for name in ["checkout", "blog"] {
            let there = certificates_on(&after.serving(name));
            assert_eq!(there.len(), 1, "{name} after {done} actions: {there:?}");
        }
    }
    story.converge();
    assert_eq!(certificates_on(&story.serving("checkout")), [Certificates::arn(11)].into());
    assert_eq!(certificates_on(&story.serving("blog")), [Certificates::arn(2)].into(), "an exact name wins");
}

#[test]
fn an_excluded_certificate_is_not_chosen_and_a_host_that_only_it_covers_is_told_why() {
    let mut story = checkout_and_blog();
    story.add_certificate(certificate(3, &["*.example.org"]));
    story.settings.excluded_certificates = [1, 2].map(Certificates::arn).into();
    story.converge();
    assert_eq!(certificates_on(&story.serving("checkout")), [Certificates::arn(3)].into());

    let mut alone = checkout_and_blog();
    alone.settings.excluded_certificates = vec![Certificates::arn(1)];
    alone.converge();
    let pass = alone.pass();
    assert_eq!(pass.outcome("checkout").unwrap().state, OutcomeState::Rejected);
    let expected = "is in the setting excluded-certificates: no host can be served";
    assert!(message(&pass, "checkout").contains(expected), "{}", message(&pass, "checkout"));
    assert!(alone.hostname("blog").is_some(), "no other Ingress is affected");
}

#[test]
fn an_excluded_certificate_stays_on_the_load_balancer_until_another_covers_its_hosts_and_then_for_its_grace()
{
    let mut story = one_shop(CHECKOUT);
    let name = story.hostname("checkout");
    story.settings.excluded_certificates = vec![Certificates::arn(1)];

    assert!(actions(&story.converge()).next().is_none());
    assert!(story.pass().tells("checkout", DiagnosticCode::CertificateUnusable));
    story.wait_for_the_grace();
    story.converge();
    assert_eq!(certificates_on(&story.serving("checkout")), [Certificates::arn(1)].into());

    story.add_certificate(certificate(2, &["*.example.org"]));
    story.converge();
    let both: BTreeSet<String> = [1, 2].map(Certificates::arn).into();
    assert_eq!(certificates_on(&story.serving("checkout")), both);
    story.wait_for_the_grace();
    story.converge();
    assert_eq!(certificates_on(&story.serving("checkout")), [Certificates::arn(2)].into());
    assert_eq!(story.hostname("checkout"), name);
}

#[test]
fn an_ingress_that_names_an_excluded_certificate_is_told_the_setting_held_if_it_is_served_and_else_rejected()
{
    let mut story = one_shop(CHECKOUT);
    story.edit("checkout", |ingress| pinned(ingress, &Certificates::arn(1)));
    story.converge();
    story.settings.excluded_certificates = vec![Certificates::arn(1)];
    story.apply(pinned(ingress("blog", &[BLOG]), &Certificates::arn(1)));

    assert!(actions(&story.converge()).next().is_none());

    let pass = story.pass();
    for (name, state) in [("checkout", OutcomeState::Held), ("blog", OutcomeState::Rejected)] {
        assert_eq!(pass.outcome(name).unwrap().state, state, "{name}");
        let expected = "which the setting excluded-certificates excludes";
        assert!(message(&pass, name).contains(expected), "{}", message(&pass, name));
    }
    assert!(story.hostname("checkout").is_some());
}

/// An Ingress with only a cluster-local host, a mixed Ingress, and one whose host only ends like the domain.
fn local_shops() -> Controller {
    let mut story = Controller::new(
        world(),
        vec![certificate(1, &["*.example.org"]), certificate(2, &["shop.my-cluster.local"])],
        vec![
            ingress("internal", &["internal.cluster.local", "cluster.local"]),
            ingress("mixed", &["mixed.example.org", "mixed.ingress.cluster.local"]),
            ingress("similar", &["shop.my-cluster.local"]),
        ],
    );
    story.settings.cluster_local_domains = vec!["cluster.local".to_owned()];
    story
}

#[test]
fn hosts_below_a_cluster_local_domain_need_no_certificate_and_an_ingress_with_only_such_hosts_no_load_balancer()
 {
    let mut story = local_shops();

    story.converge();

    let pass = story.pass();
    let internal = pass.outcome("internal").unwrap();
    assert_eq!(internal.state, OutcomeState::Rejected);
    assert!(internal.diagnostics.iter().all(|it| it.severity == Severity::Info), "{internal:#?}");
    let expected =
        "all its hosts are below domains of the setting cluster-local-domains, so it gets no load balancer";
    assert_eq!(message(&pass, "internal"), expected);
    assert_eq!(story.hostname("internal"), None);
    let mixed = pass.outcome("mixed").unwrap();
    assert_eq!((mixed.state, mixed.diagnostics.len()), (OutcomeState::Placed, 0), "{mixed:#?}");
    assert!(story.hostname("similar").is_some(), "a domain ends at a dot");
}

#[test]
fn without_the_setting_a_host_in_the_cluster_is_a_host_like_any_other() {
    let mut story = local_shops();
    story.settings.cluster_local_domains.clear();

    story.converge();

    assert!(story.pass().tells("internal", DiagnosticCode::CertificateNone));
}

#[test]
fn an_ingress_that_names_a_certificate_gets_a_load_balancer_whether_its_hosts_are_local_or_it_has_none() {
    for hosts in [&["internal.cluster.local"][..], &[]] {
        let mut story = local_shops();
        story.apply(pinned(ingress("internal", hosts), &Certificates::arn(1)));

        story.converge();

        assert!(certificates_on(&story.serving("internal")).contains(&Certificates::arn(1)));
        let pass = story.pass();
        let outcome = pass.outcome("internal").unwrap();
        assert_eq!((outcome.state, outcome.diagnostics.len()), (OutcomeState::Placed, 0), "{outcome:#?}");
    }
}

#[test]
fn an_ingress_that_becomes_cluster_local_loses_its_name_and_its_load_balancer_has_its_grace() {
    let mut story = one_shop(CHECKOUT);

    story.apply(ingress("checkout", &["checkout.cluster.local"]));
    story.settings.cluster_local_domains = vec!["cluster.local".to_owned()];
    let pass = story.pass();

    let outcome = pass.outcome("checkout").unwrap();
    assert_eq!(outcome.state, OutcomeState::Released);
    assert!(tells(outcome, DiagnosticCode::HostNone));
    assert!(message(&pass, "checkout").ends_with("so its status is emptied"));
    assert_eq!(story.hostname("checkout"), None);
    story.converge();
    assert!(is_unneeded(&story.load_balancers()[0]));
    story.wait_for_the_grace();
    story.converge();
    assert!(story.load_balancers().is_empty());
}

#[test]
fn a_domain_that_makes_too_many_ingresses_cluster_local_empties_no_status() {
    let names: Vec<String> = (0..10).map(|number| format!("shop-{number}")).collect();
    let shops = names.iter().map(|name| ingress(name, &[&format!("{name}.example.org")])).collect();
    let mut story = Controller::new(world(), vec![certificate(1, &["*.example.org"])], shops);
    story.converge();

    story.settings.cluster_local_domains = vec!["org".to_owned()];

    assert!(actions(&story.converge()).next().is_none());
    let pass = story.pass();
    for name in &names {
        assert!(story.hostname(name).is_some(), "{name}");
        assert!(pass.tells(name, DiagnosticCode::WithheldRelease), "{name}");
    }
}

#[test]
fn only_certificates_with_the_tag_of_the_settings_are_chosen_and_one_without_it_stays_until_another_covers_its_hosts()
 {
    let tag = Tag { key: "ingress".to_owned(), value: "blue=1".to_owned() };
    let mut story = one_shop(CHECKOUT);
    let name = story.hostname("checkout");
    story.settings.certificate_tag = Some(tag.clone());
    story.apply(pinned(ingress("blog", &[BLOG]), &Certificates::arn(1)));

    assert!(actions(&story.converge()).next().is_none(), "the host keeps its certificate");
    let pass = story.pass();
    assert!(pass.tells("checkout", DiagnosticCode::CertificateUnusable));
    assert_eq!(pass.outcome("blog").unwrap().state, OutcomeState::Rejected, "not even if it is pinned");
    let expected = "which does not have the tag of the setting certificate-tag";
    assert!(message(&pass, "blog").contains(expected), "{}", message(&pass, "blog"));

    story.add_certificate(Certificate { tags: vec![tag], ..certificate(2, &["*.example.org"]) });
    story.converge();
    assert_eq!(certificates_on(&story.serving("checkout")).len(), 2, "the other one has its grace period");
    story.wait_for_the_grace();
    story.converge();
    assert_eq!(certificates_on(&story.serving("checkout")), [Certificates::arn(2)].into());
    assert_eq!(story.hostname("checkout"), name);
}
