//! Statuses, from which external-dns creates DNS records.

use albatross_contract::{
    DiagnosticCode, IncompletePart, IngressAddress, LoadBalancerState, OutcomeState, PolicyPoint, Severity,
    StatusChange, ViewPart,
};
use albatross_stories::{
    Certificates, Controller, Pass, START, alone, certificate, ingress, internal, world,
};

#[test]
fn a_newcomer_gets_its_name_when_its_load_balancer_serves() {
    let mut story = one_unmade_shop();

    story.pass();
    story.wait(60);
    let pass = story.pass();
    assert_eq!(story.load_balancers()[0].state, LoadBalancerState::Provisioning);
    assert!(pass.statuses.is_empty() && pass.plan.actions.is_empty());
    assert!(pass.tells("checkout", DiagnosticCode::LoadBalancerProvisioning));

    story.wait(60);
    let pass = story.pass();
    assert_eq!(story.load_balancers()[0].state, LoadBalancerState::Active);
    assert_eq!(pass.statuses.len(), 1);
    assert!(story.hostname("checkout").is_some());
}

#[test]
fn a_newcomer_waits_for_healthy_targets_but_ten_minutes_at_most() {
    let mut story = one_unmade_shop();
    story.cloud.faults_mut().all_targets_unhealthy(true);
    story.pass();

    story.wait(300);
    let pass = story.pass();
    assert_eq!(story.hostname("checkout"), None);
    assert!(pass.tells("checkout", DiagnosticCode::TargetsUnhealthy));
    assert_eq!(pass.plan.next_change_at, Some(START + 600), "the plan says when waiting ends");

    story.wait(299);
    assert!(story.pass().statuses.is_empty());
    story.wait(1);
    let pass = story.pass();
    assert_eq!(pass.statuses.len(), 1, "a name that answers badly says more than none");
    let warning =
        pass.outcome("checkout").unwrap().diagnostics.iter().find(|it| it.severity == Severity::Warning);
    assert_eq!(warning.unwrap().code, DiagnosticCode::TargetsUnhealthy);
}

#[test]
fn a_newcomer_on_a_load_balancer_that_serves_gets_its_name_once_its_certificate_is_there() {
    let mut story = one_unmade_shop();
    story.converge();
    story.add_certificate(certificate(2, &["wiki.example.net"]));
    story.apply(ingress("wiki", &["wiki.example.net"]));

    let first = story.pass();
    assert!(first.statuses.is_empty(), "the certificate is only being added");
    let second = story.pass();

    assert_eq!(second.statuses.len(), 1);
    assert_eq!(story.hostname("wiki"), story.hostname("checkout"));
}

#[test]
fn a_newcomer_gets_no_name_while_its_certificate_finds_no_room() {
    let mut story = one_unmade_shop();
    story.pass();
    story.wait(600);
    let made = story.load_balancers().remove(0).dns_name;
    fill_by_hand(&mut story, &made, &[8, 9], 2);

    let pass = story.pass();

    assert_eq!(story.hostname("checkout"), None);
    assert!(pass.tells("checkout", DiagnosticCode::CapacityExceeded));
    assert!(waits_for(&pass, &Certificates::arn(1)), "{:#?}", pass.outcome("checkout"));
}

#[test]
fn a_member_is_not_switched_to_a_load_balancer_that_has_no_room_for_one_of_its_certificates() {
    let mut story = Controller::new(
        world(),
        vec![certificate(1, &["shop.example.org"]), certificate(2, &["wiki.example.org"])],
        vec![ingress("checkout", &["shop.example.org", "wiki.example.org"])],
    );
    story.converge();
    let public = story.hostname("checkout").unwrap();
    story.edit("checkout", internal);
    story.pass();
    story.wait(600);
    let made = story.load_balancers().into_iter().find(|found| found.dns_name != public).unwrap();
    fill_by_hand(&mut story, &made.dns_name, &[1, 8, 9], 3);

    let pass = story.pass();

    assert_eq!(story.hostname("checkout"), Some(public), "there both hosts are served");
    assert!(waits_for(&pass, &Certificates::arn(2)), "{:#?}", pass.outcome("checkout"));
}

#[test]
fn a_member_that_is_not_served_yet_gets_no_name_while_its_certificate_is_not_known() {
    let mut story = one_unmade_shop();
    story.edit("checkout", alone);
    story.pass();
    story.wait(600);
    let made = story.load_balancers().remove(0).dns_name;
    fill_by_hand(&mut story, &made, &[8], 25);
    story.frozen = vec![PolicyPoint::Certificates];

    let pass = story.pass();

    assert_eq!(pass.outcome("checkout").unwrap().state, OutcomeState::Held);
    assert_eq!(story.hostname("checkout"), None);
    assert!(waits_for(&pass, "a certificate for one of its hosts"), "{:#?}", pass.outcome("checkout"));
}

#[test]
fn a_member_that_is_served_elsewhere_is_switched_only_to_healthy_targets_however_long_it_takes() {
    let mut story = one_unmade_shop();
    story.converge();
    let public = story.hostname("checkout");
    story.cloud.faults_mut().all_targets_unhealthy(true);

    story.edit("checkout", internal);
    for _ in 0..4 {
        story.pass();
        story.wait(1_800);
    }
    assert_eq!(story.hostname("checkout"), public);
    assert!(story.pass().tells("checkout", DiagnosticCode::TargetsUnhealthy));
    assert_eq!(story.load_balancers().len(), 2, "what its status names stays");

    story.cloud.faults_mut().all_targets_unhealthy(false);
    story.wait(120);
    story.converge();
    assert_ne!(story.hostname("checkout"), public);
}

#[test]
fn a_name_is_never_withdrawn_for_health() {
    let mut story = one_unmade_shop();
    story.converge();
    let name = story.hostname("checkout");

    story.cloud.faults_mut().all_targets_unhealthy(true);
    story.wait(86_400);
    let passes = story.converge();

    assert!(passes.is_empty(), "there is nothing to do");
    assert_eq!(story.hostname("checkout"), name);
    assert_eq!(story.pass().outcome("checkout").unwrap().state, OutcomeState::Placed);
}

#[test]
fn a_name_stays_when_aws_calls_the_load_balancer_impaired_or_failed() {
    for state in [LoadBalancerState::ActiveImpaired, LoadBalancerState::Failed] {
        let mut story = one_unmade_shop();
        story.converge();
        let name = story.hostname("checkout").unwrap();

        story.in_the_console(&name, |found| found.state = state);

        let pass = story.pass();
        assert_eq!(pass.outcome("checkout").unwrap().status, StatusChange::Keep, "{state:?}");
    }
}

#[test]
fn an_emptied_status_is_written_again() {
    let mut story = one_unmade_shop();
    story.converge();
    let name = story.hostname("checkout");

    story.cluster.cluster_mut().ingresses[0].status.clear();

    story.converge();
    assert_eq!(story.hostname("checkout"), name);
    assert_eq!(story.load_balancers().len(), 1);
}

#[test]
fn a_status_names_one_load_balancer_and_nothing_else() {
    let mut story = one_unmade_shop();
    story.converge();
    let name = story.hostname("checkout");
    story.cluster.cluster_mut().ingresses[0]
        .status
        .push(IngressAddress { hostname: None, ip: Some("10.0.0.1".into()) });

    let passes = story.converge();

    assert_eq!(passes.len(), 1);
    assert_eq!(story.cluster.cluster().ingresses[0].status, [IngressAddress { hostname: name, ip: None }]);
}

#[test]
fn a_member_whose_status_also_names_a_foreign_load_balancer_stays() {
    let mut story = one_unmade_shop();
    story.converge();
    let place = story.serving("checkout").arn;
    let name = story.hostname("checkout");
    let other = IngressAddress { hostname: Some("nginx.elsewhere.example.com".into()), ip: None };
    story.cluster.cluster_mut().ingresses[0].status.insert(0, other);

    story.converge();

    assert_eq!(story.hostname("checkout"), name);
    assert_eq!(story.serving("checkout").arn, place);
    assert_eq!(story.load_balancers().len(), 1);
}

#[test]
fn a_status_in_capitals_is_the_same_name() {
    let mut story = one_unmade_shop();
    story.converge();
    let shouted = story.hostname("checkout").map(|name| name.to_ascii_uppercase());
    story.cluster.cluster_mut().ingresses[0].status[0].hostname = shouted;

    let pass = story.pass();

    assert!(pass.plan.actions.is_empty() && pass.statuses.is_empty());
}

/// Somebody replaces the certificates of a load balancer with these, the maximum that AWS allows. The certificates of IAM
/// cannot be read, so it is not known whether any of them is unneeded.
fn fill_by_hand(story: &mut Controller, dns_name: &str, numbers: &[u32], quota: u32) {
    let [default, others @ ..] = numbers else { panic!("a listener has a default certificate") };
    for number in numbers.iter().filter(|number| **number > 2) {
        story.add_certificate(certificate(*number, &[&format!("theirs-{number}.example.com")]));
    }
    story.in_the_console(dns_name, |found| {
        let https = found.listeners.iter_mut().find(|listener| listener.port == 443).unwrap();
        https.default_certificate = Some(Certificates::arn(*default));
        https.certificates = others.iter().copied().map(Certificates::arn).collect();
    });
    let inventory = story.cloud.inventory_mut();
    inventory.quotas.certificates_per_load_balancer = quota;
    let reason = "the connection was reset".to_owned();
    inventory.incomplete.push(IncompletePart {
        part: ViewPart::CertificatesIam,
        resource: None,
        reason,
        expected: None,
    });
}

/// Whether the outcome of `shop/checkout` says that its hostname waits for this.
fn waits_for(pass: &Pass, what: &str) -> bool {
    let told = pass.outcome("checkout").map(|outcome| outcome.diagnostics.as_slice()).unwrap_or_default();
    told.iter().any(|it| it.field.as_deref() == Some("status") && it.message.ends_with(what))
}

fn one_unmade_shop() -> Controller {
    Controller::new(
        world(),
        vec![certificate(1, &["*.example.org"])],
        vec![ingress("checkout", &["shop.example.org"])],
    )
}
