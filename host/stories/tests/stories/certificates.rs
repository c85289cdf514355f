//! Certificates are renewed, expire, are missing, and compete.

use albatross_contract::{
    Certificate, CertificateKind, CertificateStatus, DiagnosticCode, IncompletePart, Operation, OutcomeState,
    ViewPart,
};
use albatross_embedded_cloud::execution;
use albatross_stories::{
    Certificates, Controller, actions, certificate, certificates_on, ingress, pinned, renewal,
    take_something_away, unneeded_certificates, world,
};

use crate::one_shop::one_shop;

const DAY: u64 = 86_400;

#[test]
fn a_renewed_certificate_is_added_at_once_and_the_old_one_goes_a_grace_later() {
    let mut story = one_shop("shop.example.org");
    let name = story.hostname("checkout");

    story.add_certificate(renewal(2, &["shop.example.org"], story.cloud.now()));

    let passes = story.converge();
    assert!(!take_something_away(&passes));
    let load_balancer = story.serving("checkout");
    assert_eq!(certificates_on(&load_balancer), [Certificates::arn(1), Certificates::arn(2)].into());
    assert_eq!(unneeded_certificates(&load_balancer), 1);
    story.wait_for_the_grace();
    story.converge();
    assert_eq!(certificates_on(&story.serving("checkout")), [Certificates::arn(2)].into());
    assert_eq!(story.hostname("checkout"), name);
}

#[test]
fn a_plan_says_when_a_certificate_begins_to_end_and_when_it_has_ended() {
    let mut story = one_shop("shop.example.org");
    let end = story.cloud.inventory().certificates[0].not_after.unwrap_or_default();

    assert_eq!(
        story.plan().next_change_at,
        Some(end - 7 * DAY + 1),
        "from then on another one would be better"
    );
    story.cloud.advance(end - 6 * DAY - story.cloud.now());
    assert_eq!(story.plan().next_change_at, Some(end + 1), "from then on it serves nobody");
}

#[test]
fn twenty_four_are_renewed_at_once_and_every_host_is_served_at_any_time() {
    let mut story = twenty_four_shops();
    story.converge();
    let names: Vec<_> = (0..24).map(|number| story.hostname(&shop(number))).collect();

    let now = story.cloud.now();
    for number in 0..24 {
        story.add_certificate(renewal(100 + number, &[&host(number)], now));
    }
    assert_every_host_is_served_after_every_action(&mut story);
    let pass = story.pass();

    let added = actions(std::slice::from_ref(&pass))
        .filter(|action| matches!(action.operation, Operation::AddListenerCertificate(_)));
    assert_eq!(added.count(), 24, "all in one plan");
    assert!(pass.results.iter().all(|result| result.error.is_none()), "{:#?}", pass.results);
    let [load_balancer] = &story.load_balancers()[..] else { panic!("still one load balancer") };
    let there = certificates_on(load_balancer);
    assert!(there.len() <= 25);
    for number in 0..24 {
        assert!(there.contains(&Certificates::arn(100 + number)), "{} has its new certificate", host(number));
    }
    story.converge();
    story.wait_for_the_grace();
    story.converge();
    let load_balancer = story.serving(&shop(0));
    assert_eq!(certificates_on(&load_balancer), (100..124).map(Certificates::arn).collect());
    assert_eq!(unneeded_certificates(&load_balancer), 0);
    assert_eq!(
        (0..24).map(|number| story.hostname(&shop(number))).collect::<Vec<_>>(),
        names,
        "nobody moved"
    );
}

#[test]
fn a_renewal_always_finds_room_whatever_hosts_were_added_before() {
    let mut story = twenty_four_shops();
    story.converge();
    story.add_certificate(certificate(50, &["more.example.org"]));
    story.apply(ingress(&shop(7), &[&host(7), "more.example.org"]));
    story.converge();

    let now = story.cloud.now();
    for number in 0..24 {
        story.add_certificate(renewal(100 + number, &[&host(number)], now));
    }
    story.converge();

    for number in 0..24 {
        let there = certificates_on(&story.serving(&shop(number)));
        assert!(there.contains(&Certificates::arn(100 + number)), "{} has its new certificate", host(number));
    }
    let plan = story.plan();
    assert!(
        plan.outcomes.iter().all(|outcome| outcome.diagnostics.is_empty()),
        "and nobody waits for room: {:#?}",
        plan.outcomes
    );
}

#[test]
fn one_that_ends_in_a_week_gives_way_to_any_other() {
    let ends_soon = Certificate {
        not_after: Some(albatross_stories::START + 6 * DAY),
        ..certificate(1, &["shop.example.org"])
    };
    let mut story = Controller::new(
        world(),
        vec![ends_soon, certificate(2, &["*.example.org"])],
        vec![ingress("checkout", &["shop.example.org"])],
    );

    story.converge();

    assert_eq!(
        certificates_on(&story.serving("checkout")),
        [Certificates::arn(2)].into(),
        "the wildcard is better"
    );
}

#[test]
fn one_that_ends_in_a_week_without_a_successor_is_used_with_a_warning() {
    let ends_soon = Certificate {
        not_after: Some(albatross_stories::START + 6 * DAY),
        ..certificate(1, &["shop.example.org"])
    };
    let mut story =
        Controller::new(world(), vec![ends_soon], vec![ingress("checkout", &["shop.example.org"])]);

    story.converge();

    assert_eq!(certificates_on(&story.serving("checkout")), [Certificates::arn(1)].into());
    assert!(story.pass().tells("checkout", DiagnosticCode::CertificateExpiring));
}

#[test]
fn one_that_has_ended_without_a_successor_stays_until_another_covers_the_host() {
    let mut story = one_shop("shop.example.org");
    let name = story.hostname("checkout");

    story.wait(340 * DAY);
    let passes = story.converge();

    assert!(passes.iter().all(|pass| pass.plan.actions.is_empty()), "it stays, a grace and more later too");
    let pass = story.pass();
    assert!(pass.tells("checkout", DiagnosticCode::CertificateUnusable));
    assert!(
        !pass.tells("checkout", DiagnosticCode::CertificateNone),
        "it does not say as well that the host is left out"
    );
    assert_eq!(pass.outcome("checkout").unwrap().state, OutcomeState::Placed);
    assert_eq!(certificates_on(&story.serving("checkout")), [Certificates::arn(1)].into());

    story.add_certificate(renewal(2, &["*.example.org"], story.cloud.now()));
    story.converge();
    story.wait_for_the_grace();
    story.converge();
    assert_eq!(certificates_on(&story.serving("checkout")), [Certificates::arn(2)].into());
    assert_eq!(story.hostname("checkout"), name);
}

#[test]
fn one_that_has_ended_is_not_called_the_only_one_while_others_cannot_be_read() {
    let mut story = one_shop("shop.example.org");
    story.wait(340 * DAY);
    let mut snapshot = story.snapshot().unwrap();
    let reason = "the connection was reset".to_owned();
    snapshot.inventory.incomplete.push(IncompletePart {
        part: ViewPart::CertificatesIam,
        resource: None,
        reason,
        expected: None,
    });

    let plan = albatross_planner::plan(&snapshot, &albatross_planner::NoPolicies).unwrap();

    let member = albatross_stories::outcome(&plan, "checkout").unwrap();
    let codes: Vec<_> = member.diagnostics.iter().map(|told| told.code).collect();
    assert_eq!(codes, [DiagnosticCode::ViewIncomplete]);
}

#[test]
fn one_that_has_ended_is_given_to_no_newcomer() {
    let ended = Certificate {
        not_after: Some(albatross_stories::START - 1),
        ..certificate(1, &["shop.example.org"])
    };
    let mut story = Controller::new(world(), vec![ended], vec![ingress("checkout", &["shop.example.org"])]);

    let pass = story.pass();

    assert_eq!(pass.outcome("checkout").unwrap().state, OutcomeState::Rejected);
    assert!(pass.tells("checkout", DiagnosticCode::CertificateNone));
    assert!(pass.plan.actions.is_empty());
}

#[test]
fn of_two_equal_ones_the_answer_does_not_depend_on_their_order() {
    let choose = |first: u32, second: u32| {
        let mut story = Controller::new(
            world(),
            vec![certificate(first, &["shop.example.org"]), certificate(second, &["shop.example.org"])],
            vec![ingress("checkout", &["shop.example.org"])],
        );
        story.converge();
        certificates_on(&story.serving("checkout"))
    };
    assert_eq!(choose(1, 2), choose(2, 1));
    assert_eq!(choose(1, 2), [Certificates::arn(1)].into(), "the smaller ARN decides last");
}

#[test]
fn a_private_certificate_is_taken_only_when_it_is_pinned_or_allowed() {
    let private = Certificate {
        kind: CertificateKind::Private,
        publicly_trusted: Some(false),
        ..certificate(1, &["shop.example.org"])
    };
    let story =
        || Controller::new(world(), vec![private.clone()], vec![ingress("checkout", &["shop.example.org"])]);

    assert!(story().pass().tells("checkout", DiagnosticCode::CertificateNone));

    let mut allowed = story();
    allowed.settings.allow_untrusted_certificates = true;
    allowed.converge();
    assert_eq!(certificates_on(&allowed.serving("checkout")), [Certificates::arn(1)].into());

    let mut named = story();
    named.edit("checkout", |ingress| pinned(ingress, &Certificates::arn(1)));
    named.converge();
    assert_eq!(certificates_on(&named.serving("checkout")), [Certificates::arn(1)].into());
}

#[test]
fn a_pinned_certificate_wins_and_one_that_does_not_cover_the_host_is_a_warning() {
    let mut story = Controller::new(
        world(),
        vec![certificate(1, &["shop.example.org"]), certificate(2, &["other.example.org"])],
        vec![pinned(ingress("checkout", &["shop.example.org"]), &Certificates::arn(2))],
    );

    story.converge();

    assert_eq!(certificates_on(&story.serving("checkout")), [Certificates::arn(2)].into());
    let pass = story.pass();
    assert!(pass.tells("checkout", DiagnosticCode::CertificateNotCovering));
    assert_eq!(pass.outcome("checkout").unwrap().state, OutcomeState::Placed);
}

#[test]
fn two_certificates_in_the_annotation_change_nothing_and_are_told_as_that() {
    let mut story = Controller::new(
        world(),
        vec![certificate(1, &["shop.example.org"]), certificate(2, &["other.example.org"])],
        vec![pinned(ingress("checkout", &["shop.example.org"]), &Certificates::arn(1))],
    );
    story.converge();

    let both = format!("{},{}", Certificates::arn(1), Certificates::arn(2));
    story.edit("checkout", |ingress| pinned(ingress, &both));
    story.apply(pinned(ingress("wiki", &["wiki.example.org"]), &both));

    let pass = story.pass();
    assert!(pass.plan.actions.is_empty(), "{:#?}", pass.plan.actions);
    assert_eq!(pass.outcome("checkout").unwrap().state, OutcomeState::Held);
    assert_eq!(pass.outcome("wiki").unwrap().state, OutcomeState::Rejected);
    for name in ["checkout", "wiki"] {
        let told = &pass.outcome(name).unwrap().diagnostics;
        assert_eq!(told.iter().map(|it| it.code).collect::<Vec<_>>(), [DiagnosticCode::AnnotationInvalid]);
        assert!(told[0].message.ends_with("these are 2 values, and only one certificate can be named"));
    }
}

#[test]
fn a_certificate_that_is_not_issued_yet_is_used_once_it_is() {
    let pending = Certificate {
        status: CertificateStatus::PendingValidation,
        not_before: None,
        not_after: None,
        ..certificate(1, &["shop.example.org"])
    };
    let mut story = Controller::new(world(), vec![pending], vec![ingress("checkout", &["shop.example.org"])]);
    assert_eq!(story.pass().outcome("checkout").unwrap().state, OutcomeState::Rejected);

    story.cloud.inventory_mut().certificates = vec![certificate(1, &["shop.example.org"])];

    story.converge();
    assert_eq!(certificates_on(&story.serving("checkout")), [Certificates::arn(1)].into());
}

/// As many Ingresses, each with a certificate, as fit on a load balancer.
fn twenty_four_shops() -> Controller {
    let certificates = (0..24).map(|number| certificate(number, &[&host(number)])).collect();
    let ingresses = (0..24).map(|number| ingress(&shop(number), &[&host(number)])).collect();
    Controller::new(world(), certificates, ingresses)
}

fn shop(number: u32) -> String {
    format!("shop-{number:02}")
}

fn host(number: u32) -> String {
    format!("shop-{number:02}.example.org")
}

/// Checks that each host has a certificate that covers it, whatever part of the next plan is executed.
fn assert_every_host_is_served_after_every_action(story: &mut Controller) {
    let plan = story.plan();
    assert!(!plan.actions.is_empty());
    for done in 0..=plan.actions.len() {
        let mut after = story.fork();
        let mut part = plan.clone();
        part.actions.truncate(done);
        execution::execute(&mut after.cloud, &part, &mut |_, _| {});
        let there = certificates_on(&after.serving(&shop(0)));
        for number in 0..24 {
            let served =
                [number, 100 + number].iter().any(|number| there.contains(&Certificates::arn(*number)));
            assert!(served, "{} after {done} of {} actions", host(number), plan.actions.len());
        }
    }
}
