//! The notices when certificates are removed, or cannot be read.

use albatross_contract::{IngressAddress, IngressRule};

use super::*;

/// The cluster, whose Ingress names a host.
fn cluster_with_a_host() -> Cluster {
    let mut cluster = cluster();
    let host = Some("shop.example.org".to_owned());
    cluster.ingresses[0].rules.push(IngressRule { host, paths: Vec::new() });
    cluster
}

fn news_of_a_host(announcer: &mut Announcer, outcome: Outcome) -> Vec<String> {
    news_in(&cluster_with_a_host(), announcer, outcome)
}

/// The same, of an Ingress whose status names the load balancer.
fn news_of_one_with_a_name(announcer: &mut Announcer, outcome: Outcome) -> Vec<String> {
    let mut cluster = cluster_with_a_host();
    let hostname = Some(HOSTNAME.to_owned());
    cluster.ingresses[0].status.push(IngressAddress { hostname, ip: None });
    news_in(&cluster, announcer, outcome)
}

fn news_in(cluster: &Cluster, announcer: &mut Announcer, outcome: Outcome) -> Vec<String> {
    said(announcer, cluster, &plan(outcome), &[])
        .iter()
        .map(|notice| format!("{:?} {}: {}", notice.severity, notice.reason, notice.note))
        .collect()
}

#[test]
fn an_ingress_that_loses_its_last_certificate_is_told_that_https_fails() {
    for code in WITHOUT_CERTIFICATES {
        let mut announcer = Announcer::default();
        assert_eq!(news_of_a_host(&mut announcer, placed(publish())), [SERVED]);
        let mut outcome = placed(StatusChange::Keep);
        outcome.certificates.clear();
        outcome.diagnostics.push(diagnostic(code, "no host can be served"));
        assert_eq!(
            news_of_a_host(&mut announcer, outcome)[0],
            "Warning Placed: on albatross-7c1e, but HTTPS fails for its hosts: none of them has a certificate"
        );
        assert_eq!(
            news_of_a_host(&mut announcer, placed(StatusChange::Keep)),
            [SERVED],
            "and when it is well again"
        );
    }
}

#[test]
fn an_ingress_without_a_host_needs_no_certificate() {
    let mut outcome = placed(publish());
    outcome.certificates.clear();
    assert_eq!(news(&mut Announcer::default(), &plan(outcome)), ["Normal Placed: served by albatross-7c1e"]);
}

#[test]
fn an_ingress_that_asks_for_http_only_in_either_mode_is_not_told_that_https_fails() {
    let mut outcome = placed(publish());
    outcome.certificates.clear();
    assert_eq!(
        news_of_a_host(&mut Announcer::default(), outcome),
        ["Normal Placed: served by albatross-7c1e"],
        "the planner says of no host that it lacks a certificate"
    );
}

#[test]
fn while_aws_cannot_be_read_no_new_load_balancer_is_announced() {
    let mut announcer = Announcer::default();
    news_of_a_host(&mut announcer, placed(publish()));
    for unseen in unseen() {
        assert_eq!(news_of_one_with_a_name(&mut announcer, unseen), [""; 0]);
    }
    assert_eq!(
        news_of_one_with_a_name(&mut announcer, placed(StatusChange::Keep)),
        [""; 0],
        "it is as it was"
    );
}

#[test]
fn an_ingress_that_could_not_be_read_at_first_gets_no_notice_when_it_has_no_problem() {
    let mut announcer = Announcer::default();
    for unseen in unseen() {
        assert_eq!(news_of_one_with_a_name(&mut announcer, unseen), [""; 0]);
    }
    assert_eq!(news_of_one_with_a_name(&mut announcer, placed(StatusChange::Keep)), [""; 0]);
    let mut changed = placed(StatusChange::Keep);
    changed.certificates.clear();
    assert_eq!(news_of_one_with_a_name(&mut announcer, changed).len(), 1, "from then on changes are told");
}

#[test]
fn an_ingress_that_waits_for_another_name_is_told_why() {
    let [mut moved, _] = unseen();
    moved.hostname = Some("albatross-gone-2.eu-central-1.elb.amazonaws.com".to_owned());
    assert_eq!(
        news_of_one_with_a_name(&mut Announcer::default(), moved),
        ["Warning ViewIncomplete: not all certificates of ACM are known"]
    );
}

#[test]
fn an_ingress_without_a_name_is_told_what_it_waits_for() {
    let [_, waiting] = unseen();
    assert_eq!(
        news_of_a_host(&mut Announcer::default(), waiting),
        ["Warning ViewIncomplete: not all certificates of ACM are known"]
    );
}

#[test]
fn an_ingress_that_keeps_its_name_and_waits_for_a_part_of_the_view_is_told_so_after_five_minutes() {
    let hostname = Some(HOSTNAME.to_owned());
    let mut cluster = cluster_with_a_host();
    cluster.ingresses[0].status.push(IngressAddress { hostname, ip: None });
    let [placed, waiting] = unseen();
    let held = Outcome { state: OutcomeState::Held, ..placed.clone() };
    let told = |announcer: &mut Announcer, outcome: &Outcome, time| -> Vec<String> {
        let seen = Seen {
            cluster: &cluster,
            certificates: &[certificate()],
            time,
            failed_policies: &[],
            is_superseded: false,
        };
        let said = announcer.news(&seen, &plan(outcome.clone()), &[], &StatusReport::default());
        said.into_iter().map(|notice| format!("{}: {}", notice.reason, notice.note)).collect()
    };
    let reason = "not all certificates of ACM are known";
    for (outcome, expected) in [
        (&held, vec![format!("Held: {reason}; still served as before")]),
        (&waiting, vec![format!("ViewIncomplete: {reason}")]),
        (&placed, Vec::new()), // it is served as it asks
    ] {
        let mut announcer = Announcer::default();
        for time in [1_000, 1_060, 1_299] {
            assert_eq!(told(&mut announcer, outcome, time), [""; 0], "{:?} at {time}", outcome.state);
        }
        assert_eq!(told(&mut announcer, outcome, 1_300), expected);
        assert_eq!(told(&mut announcer, outcome, 1_360), [""; 0], "once");

        // The part is known again, and later it is not.
        let known = Outcome { diagnostics: Vec::new(), ..placed.clone() };
        told(&mut announcer, &known, 1_420);
        assert_eq!(told(&mut announcer, outcome, 1_480), [""; 0], "the time begins anew");
        assert_eq!(told(&mut announcer, outcome, 1_780), expected);
    }
}

/// Outcomes while a list of AWS cannot be read: its certificates are not known; where it is, is not known.
fn unseen() -> [Outcome; 2] {
    let mut outcome = placed(StatusChange::Keep);
    outcome
        .diagnostics
        .push(diagnostic(DiagnosticCode::ViewIncomplete, "not all certificates of ACM are known"));
    let mut without_certificates = outcome.clone();
    without_certificates.certificates.clear();
    outcome.state = OutcomeState::Waiting;
    outcome.load_balancer = None;
    [without_certificates, outcome]
}
