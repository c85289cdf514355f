//! What people are told when certificates go, or cannot be seen.

use albatross_contract::IngressRule;

use super::*;

/// The cluster, whose Ingress names a host.
fn cluster_with_a_host() -> Cluster {
    let mut cluster = cluster();
    let host = Some("shop.example.org".to_owned());
    cluster.ingresses[0].rules.push(IngressRule { host, paths: Vec::new() });
    cluster
}

fn news_of_a_host(announcer: &mut Announcer, outcome: Outcome) -> Vec<String> {
    announcer
        .news(&cluster_with_a_host(), &[certificate()], &plan(outcome), &[], &StatusReport::default())
        .iter()
        .map(|notice| format!("{:?} {}: {}", notice.severity, notice.reason, notice.note))
        .collect()
}

#[test]
fn who_loses_the_last_certificate_is_told_that_https_fails_and_not_that_all_is_well() {
    let mut announcer = Announcer::default();
    assert_eq!(news_of_a_host(&mut announcer, placed(publish())), [SERVED]);
    let mut outcome = placed(StatusChange::Keep);
    outcome.certificates.clear();
    assert_eq!(
        news_of_a_host(&mut announcer, outcome),
        ["Warning Placed: on albatross-7c1e, but HTTPS fails for its hosts: none of them has a certificate"]
    );
    assert_eq!(
        news_of_a_host(&mut announcer, placed(StatusChange::Keep)),
        [SERVED],
        "and when it is well again"
    );
}

#[test]
fn who_has_no_host_needs_no_certificate() {
    let mut outcome = placed(publish());
    outcome.certificates.clear();
    assert_eq!(news(&mut Announcer::default(), &plan(outcome)), ["Normal Placed: served by albatross-7c1e"]);
}

#[test]
fn while_aws_cannot_be_read_nothing_new_is_said_of_where_an_ingress_is() {
    let mut announcer = Announcer::default();
    news_of_a_host(&mut announcer, placed(publish()));
    let unknown = diagnostic(DiagnosticCode::ViewIncomplete, "not all certificates of ACM are known");
    let mut unseen = placed(StatusChange::Keep);
    unseen.certificates.clear();
    unseen.diagnostics.push(unknown.clone());
    assert_eq!(
        news_of_a_host(&mut announcer, unseen),
        ["Warning ViewIncomplete: not all certificates of ACM are known"]
    );
    let mut lost = placed(StatusChange::Keep);
    lost.state = OutcomeState::Waiting;
    lost.load_balancer = None;
    lost.diagnostics.push(unknown);
    assert_eq!(news_of_a_host(&mut announcer, lost), [""; 0]);
    assert_eq!(news_of_a_host(&mut announcer, placed(StatusChange::Keep)), [""; 0], "it is as it was");
}
