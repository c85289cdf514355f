//! The notices for RouteGroups.

use albatross_contract::{ObjectKind, RouteGroup};

use super::*;

/// The Ingress and the RouteGroup `shop/checkout`. Only the RouteGroup has a host.
fn both() -> Cluster {
    let cluster = cluster();
    let metadata = Metadata { uid: Some("9f2b".to_owned()), ..cluster.ingresses[0].metadata.clone() };
    let route_group = RouteGroup { metadata, hosts: vec!["shop.example.org".to_owned()], status: Vec::new() };
    Cluster { route_groups: Some(vec![route_group]), ..cluster }
}

/// The outcome for the RouteGroup instead of the Ingress.
fn of_route_group(outcome: Outcome) -> Outcome {
    let object = ObjectName { kind: ObjectKind::RouteGroup, ..outcome.object };
    Outcome { object, ..outcome }
}

/// The kind and the uid of the object of each notice, with reason and note.
fn told(announcer: &mut Announcer, cluster: &Cluster, plan: &Plan) -> Vec<String> {
    let news = said(announcer, cluster, plan, &[]);
    let told = news.into_iter().map(|notice| {
        let Regarding::Object { name, uid } = notice.regarding else { panic!("about an object") };
        format!("{} {}: {}: {}", name.kind.kubernetes(), uid.unwrap(), notice.reason, notice.note)
    });
    told.collect()
}

#[test]
fn an_ingress_and_a_route_group_of_one_name_have_their_own_notices() {
    let mut announcer = Announcer::default();
    let mut both_placed = plan(placed(publish()));
    both_placed.outcomes.push(of_route_group(placed(publish())));
    let served = "Placed: served by albatross-7c1e with certificate shop.example.org (ACM, until 2027-03-02)";
    assert_eq!(
        told(&mut announcer, &both(), &both_placed),
        [format!("Ingress 7a0c: {served}"), format!("RouteGroup 9f2b: {served}")]
    );
    assert_eq!(told(&mut announcer, &both(), &both_placed), [""; 0], "once");

    let mut with_problem = both_placed.clone();
    with_problem.outcomes[1].diagnostics.push(uncovered());
    let expected = "RouteGroup 9f2b: CertificateNone: no certificate covers legacy.example.net: that host is left out. To \
                    do: request one in ACM";
    assert_eq!(told(&mut announcer, &both(), &with_problem), [expected]);
}

#[test]
fn the_hosts_of_a_route_group_need_certificates_like_those_of_an_ingress() {
    let mut outcome = of_route_group(placed(publish()));
    outcome.certificates.clear();
    outcome.diagnostics.push(uncovered());
    let expected = "RouteGroup 9f2b: Placed: on albatross-7c1e, but HTTPS fails for its hosts: none of them has a certificate";
    assert_eq!(told(&mut Announcer::default(), &both(), &plan(outcome))[0], expected);
}

#[test]
fn a_route_group_that_is_gone_has_no_notices_and_one_that_is_released_says_why() {
    let mut released = of_route_group(placed(StatusChange::Withdraw));
    released.state = OutcomeState::Released;
    let why = "the setting proxy.route-groups switches RouteGroups off, so its status is emptied";
    released.diagnostics.push(diagnostic(DiagnosticCode::ClassNotOurs, why));
    let plan = plan(released);
    assert_eq!(told(&mut Announcer::default(), &cluster(), &plan), [""; 0]);
    let expected = format!("RouteGroup 9f2b: Released: no longer served: {why}");
    assert_eq!(told(&mut Announcer::default(), &both(), &plan), [expected]);
}
