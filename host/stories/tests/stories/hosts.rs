//! Hosts: covered ones, uncovered ones, and hosts of two Ingresses.

use albatross_contract::{DiagnosticCode, IncompletePart, OutcomeState, Snapshot, ViewPart};
use albatross_planner::NoPolicies;
use albatross_stories::{
    Certificates, Controller, certificate, certificates_on, ingress, internal, outcome, world,
};

#[test]
fn two_ingresses_with_one_host_share_load_balancer_and_certificate() {
    let mut story = Controller::new(
        world(),
        vec![certificate(1, &["shop.example.org"])],
        vec![ingress("checkout", &["shop.example.org"]), ingress("tools/checkout", &["shop.example.org"])],
    );

    story.converge();

    assert_eq!(story.load_balancers().len(), 1);
    assert_eq!(certificates_on(&story.serving("checkout")), [Certificates::arn(1)].into());
    assert_eq!(story.hostname("checkout"), story.hostname("tools/checkout"));
    let pass = story.pass();
    assert!(
        !pass.tells("checkout", DiagnosticCode::HostDuplicate),
        "in proxy mode that is nothing to worry about"
    );
}

#[test]
fn of_two_ingresses_with_one_host_one_can_go_without_the_other_noticing() {
    let mut story = Controller::new(
        world(),
        vec![certificate(1, &["shop.example.org"])],
        vec![ingress("checkout", &["shop.example.org"]), ingress("tools/checkout", &["shop.example.org"])],
    );
    story.converge();

    story.delete("tools/checkout");

    let pass = story.pass();
    assert!(pass.plan.actions.is_empty() && pass.statuses.is_empty());
}

#[test]
fn one_host_on_two_load_balancers_works_and_both_are_warned() {
    let mut story = Controller::new(
        world(),
        vec![certificate(1, &["shop.example.org"])],
        vec![ingress("checkout", &["shop.example.org"]), internal(ingress("inside", &["shop.example.org"]))],
    );

    story.converge();

    assert_ne!(story.hostname("checkout"), story.hostname("inside"));
    let pass = story.pass();
    for name in ["checkout", "inside"] {
        assert!(pass.tells(name, DiagnosticCode::HostDuplicate), "{name}");
        assert_eq!(pass.outcome(name).unwrap().state, OutcomeState::Placed, "both are served");
    }
    let message = &pass.outcome("checkout").unwrap().diagnostics[0].message;
    assert!(message.contains("shop/inside"), "it names the other one: {message}");
}

#[test]
fn a_host_without_a_certificate_is_left_out_and_the_others_are_served() {
    let mut story = Controller::new(
        world(),
        vec![certificate(1, &["*.example.org"])],
        vec![ingress("legacy", &["shop.example.org", "wiki.example.org", "legacy.example.net"])],
    );

    story.converge();

    let pass = story.pass();
    let outcome = pass.outcome("legacy").unwrap();
    assert_eq!(outcome.state, OutcomeState::Placed);
    let hosts: Vec<&str> = outcome.certificates.iter().map(|found| found.host.as_str()).collect();
    assert_eq!(hosts, ["shop.example.org", "wiki.example.org"]);
    let [diagnostic] = outcome.diagnostics.as_slice() else {
        panic!("one diagnostic: {:#?}", outcome.diagnostics)
    };
    assert_eq!(diagnostic.code, DiagnosticCode::CertificateNone);
    assert_eq!(
        diagnostic.message,
        "no certificate covers legacy.example.net: that host is left out; the other 2 hosts are served"
    );
}

#[test]
fn who_has_one_covered_host_is_never_told_that_none_is_left_while_aws_cannot_be_read() {
    let mut story = Controller::new(
        world(),
        vec![certificate(1, &["*.example.org"])],
        vec![ingress("mixed", &["shop.example.org", "legacy.example.net"])],
    );
    story.converge();
    let known = story.snapshot().unwrap();
    assert_eq!(
        called_uncovered(&known),
        ["no certificate covers legacy.example.net: that host is left out; the other host is served"]
    );

    // Certificates are cached, so they are still known when load balancers are not.
    let mut without_load_balancers = known.clone();
    without_load_balancers.inventory.load_balancers.clear();
    lack(&mut without_load_balancers, ViewPart::LoadBalancers);
    assert_eq!(
        called_uncovered(&without_load_balancers),
        ["no certificate covers legacy.example.net: that host is left out"]
    );

    for part in [ViewPart::CertificatesAcm, ViewPart::CertificatesIam] {
        let mut without_a_list = known.clone();
        lack(&mut without_a_list, part);
        assert_eq!(called_uncovered(&without_a_list), [""; 0], "{part:?}: one of them may cover it");
        without_a_list.inventory.certificates.clear();
        assert_eq!(called_uncovered(&without_a_list), [""; 0], "{part:?}");
    }
}

#[test]
fn a_newcomer_none_of_whose_hosts_has_a_certificate_is_rejected_until_one_has() {
    let mut story = Controller::new(world(), Vec::new(), vec![ingress("checkout", &["shop.example.org"])]);
    let pass = story.pass();
    assert_eq!(pass.outcome("checkout").unwrap().state, OutcomeState::Rejected);
    assert!(pass.tells("checkout", DiagnosticCode::CertificateNone));
    assert!(pass.plan.actions.is_empty());

    story.add_certificate(certificate(1, &["shop.example.org"]));

    story.converge();
    assert!(story.hostname("checkout").is_some());
}

#[test]
fn a_newcomer_without_any_host_is_rejected() {
    let mut story =
        Controller::new(world(), vec![certificate(1, &["*.example.org"])], vec![ingress("nothing", &[])]);

    let pass = story.pass();

    assert_eq!(pass.outcome("nothing").unwrap().state, OutcomeState::Rejected);
    assert!(pass.tells("nothing", DiagnosticCode::HostNone));
}

#[test]
fn a_wildcard_covers_one_label_and_a_wildcard_host_needs_that_very_name() {
    let mut story = Controller::new(
        world(),
        vec![certificate(1, &["*.example.org"])],
        vec![
            ingress("one-label", &["Shop.Example.ORG"]),
            ingress("two-labels", &["a.b.example.org"]),
            ingress("the-domain", &["example.org"]),
            ingress("wildcard", &["*.example.org"]),
            ingress("deep-wildcard", &["*.b.example.org"]),
        ],
    );

    let pass = story.pass();

    let state = |name: &str| pass.outcome(name).unwrap().state;
    assert_eq!(state("one-label"), OutcomeState::Placed, "case does not matter");
    assert_eq!(state("wildcard"), OutcomeState::Placed);
    for uncovered in ["two-labels", "the-domain", "deep-wildcard"] {
        assert_eq!(state(uncovered), OutcomeState::Rejected, "{uncovered}");
    }
}

#[test]
fn a_host_that_is_given_up_takes_its_certificate_with_it_a_grace_later() {
    let mut story = Controller::new(
        world(),
        vec![certificate(1, &["shop.example.org"]), certificate(2, &["old.example.org"])],
        vec![ingress("checkout", &["shop.example.org", "old.example.org"])],
    );
    story.converge();

    story.apply(ingress("checkout", &["shop.example.org"]));
    story.converge();
    story.wait_for_the_grace();

    story.converge();
    assert_eq!(certificates_on(&story.serving("checkout")), [Certificates::arn(1)].into());
}

/// The diagnostics for the only Ingress about hosts that no certificate covers.
fn called_uncovered(snapshot: &Snapshot) -> Vec<String> {
    let plan = albatross_planner::plan(snapshot, &NoPolicies).unwrap();
    let told = outcome(&plan, "mixed").unwrap().diagnostics.iter();
    told.filter(|told| told.code == DiagnosticCode::CertificateNone)
        .map(|told| told.message.clone())
        .collect()
}

/// A part of the snapshot could not be read completely.
fn lack(snapshot: &mut Snapshot, part: ViewPart) {
    let reason = "the connection was reset".to_owned();
    snapshot.inventory.incomplete.push(IncompletePart { part, resource: None, reason, expected: None });
}
