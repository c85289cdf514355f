use std::collections::BTreeSet;

use albatross_contract::{
    ANNOTATION_HTTP_ONLY, ANNOTATION_SHARED, DiagnosticCode, ListenerAction, LoadBalancerState, Outcome,
    RedirectAction, StatusChange, TAG_HTTP_ONLY, TAG_INGRESS, ViewPart,
};
use serde_json::from_value;

use super::{Awaited, HEALTH_TIMEOUT, Publisher};
use crate::{
    observed::PROVISIONING_TIMEOUT,
    outcomes::ignored,
    source::ObjectName,
    testing::{DAY, NOW, World, dns_name, forward, group_id, target},
    wanted::Lacking,
};

/// The status for the first Ingress on the load balancer `one`, its diagnostics, and until when it waits.
fn published_with(world: World, awaited: &Awaited) -> (StatusChange, Vec<DiagnosticCode>, Option<u64>) {
    published_lacking(world, awaited, |_| Lacking::default())
}

/// The same; `lacking` says what the load balancer lacks for the Ingress.
fn published_lacking(
    world: World,
    awaited: &Awaited,
    lacking: impl Fn(ObjectName<'static>) -> Lacking<'static>,
) -> (StatusChange, Vec<DiagnosticCode>, Option<u64>) {
    let scene = world.read();
    let grouping = scene.grouping();
    let lacking = lacking(grouping.members[0].claim.object);
    let publisher = Publisher::new(&grouping, &lacking, scene.observed);
    let mut outcome: Outcome = ignored(grouping.members[0].claim);
    let on = group_id(&grouping.groups, "one");
    let until = publisher.publish(&mut outcome, &grouping.members[0], on, awaited);
    (outcome.status, outcome.diagnostics.iter().map(|it| it.code).collect(), until)
}

fn published(world: World) -> (StatusChange, Vec<DiagnosticCode>, Option<u64>) {
    published_with(world, &Awaited::These(Vec::new()))
}

fn one(world: World) -> World {
    world.certificate("a", &["a.org"]).load_balancer("one", &["a"])
}

/// An Ingress without a status, on the load balancer `one`, which is healthy.
fn new() -> World {
    one(World::new().ingress("x", &["a.org"]))
}

fn made(world: World, age: u64) -> World {
    world.which(|found| found.created_at = NOW - age)
}

fn sick(world: World) -> World {
    world.targets(|group| group.targets = vec![target("i-1", "unhealthy")])
}

fn name() -> StatusChange {
    StatusChange::Publish(dns_name("one"))
}

use DiagnosticCode::{LoadBalancerFailed, LoadBalancerProvisioning, TargetsUnhealthy, ViewIncomplete};

#[test]
fn a_load_balancer_that_serves_http_only_is_published_when_it_listens_and_only_for_who_asks_for_that() {
    let on_plain = |world: World| world.load_balancer("one", &[]).tagged(TAG_HTTP_ONLY, "true");
    let asks = || World::new().ingress("x", &["a.org"]).annotated(ANNOTATION_HTTP_ONLY, "true");
    assert_eq!(published(on_plain(asks())), (name(), vec![], None));
    let deaf = on_plain(asks()).which(|found| found.listeners[0].port = 8080);
    assert_eq!(published(deaf), (StatusChange::Keep, vec![LoadBalancerProvisioning], None));
    let redirect = ListenerAction::Redirect(RedirectAction {
        protocol: "HTTPS".into(),
        host: "#{host}".into(),
        port: "443".into(),
        path: "/#{path}".into(),
        query: "#{query}".into(),
        status_code: 301,
    });
    let to_others = from_value(forward(&[("arn:of-a-person", 1)])).unwrap();
    for answer in [redirect, to_others] {
        let answers = on_plain(asks()).which(|found| found.listeners[0].default_actions = vec![answer]);
        assert_eq!(published(answers), (StatusChange::Keep, vec![LoadBalancerProvisioning], None));
    }
    let alone = |world: World| world.tagged(TAG_INGRESS, "shop/x").annotated(ANNOTATION_SHARED, "false");
    let unclear = World::new().ingress("x", &["a.org"]).annotated(ANNOTATION_HTTP_ONLY, "yes");
    let (status, ..) = published(alone(on_plain(unclear)));
    assert_eq!(status, StatusChange::Keep, "it may need a certificate");
}

#[test]
fn a_healthy_load_balancer_is_published() {
    assert_eq!(published(new()), (name(), vec![], None));
    let spelled = new().which(|found| found.dns_name = found.dns_name.to_ascii_uppercase());
    assert_eq!(published(spelled).0, name());
}

#[test]
fn a_load_balancer_is_not_published_for_an_ingress_whose_rules_or_web_acl_it_does_not_have() {
    let of = |object| BTreeSet::from([object]);
    let nothing = Awaited::These(Vec::new());
    let waits = (StatusChange::Keep, vec![LoadBalancerProvisioning], None);
    let without_rules = |object| Lacking { rules: of(object), ..Lacking::default() };
    assert_eq!(published_lacking(new(), &nothing, without_rules), waits);
    let without_web_acl = |object| Lacking { web_acl: of(object), ..Lacking::default() };
    assert_eq!(published_lacking(new(), &nothing, without_web_acl), waits);
}

#[test]
fn a_published_status_stays_and_loses_only_other_entries() {
    let said = || one(World::new().published("x", &["a.org"], "one"));
    assert_eq!(published(said()), (StatusChange::Keep, vec![], None));
    assert_eq!(published(sick(said())), (StatusChange::Keep, vec![], None));
    assert_eq!(published(said().status("more.example.com")).0, name());
}

#[test]
fn a_load_balancer_that_aws_makes_is_waited_for() {
    let provisioning = |age| {
        let own = made(new(), age).tagged(TAG_INGRESS, "shop/x");
        own.which(|found| found.state = LoadBalancerState::Provisioning)
    };
    let until = NOW - 60 + PROVISIONING_TIMEOUT;
    assert_eq!(
        published(provisioning(60)),
        (StatusChange::Keep, vec![LoadBalancerProvisioning], Some(until))
    );
    let late = published(provisioning(PROVISIONING_TIMEOUT));
    assert_eq!(late, (StatusChange::Keep, vec![LoadBalancerFailed], None));
}

#[test]
fn a_failed_load_balancer_is_reported_even_if_it_is_published() {
    let failed = one(World::new().published("x", &["a.org"], "one")).which(|found| {
        found.state = LoadBalancerState::Failed;
    });
    assert_eq!(published(failed), (StatusChange::Keep, vec![LoadBalancerFailed], None));
}

#[test]
fn certificates_that_must_come_first_are_waited_for() {
    let scene = new().read();
    let lacks = Awaited::These(vec![scene.id("a")]);
    for awaited in [&lacks, &Awaited::Unknown] {
        assert_eq!(
            published_with(new(), awaited),
            (StatusChange::Keep, vec![LoadBalancerProvisioning], None)
        );
    }
}

#[test]
fn without_healthy_targets_a_new_name_waits_ten_minutes() {
    let (keep, told) = (StatusChange::Keep, vec![TargetsUnhealthy]);
    let young = |age| {
        // A load balancer that is too young to have served names its Ingress in a tag.
        sick(made(new(), age)).tagged(TAG_INGRESS, "shop/x")
    };
    assert_eq!(published(young(60)), (keep.clone(), told.clone(), Some(NOW - 60 + HEALTH_TIMEOUT)));
    assert_eq!(published(young(HEALTH_TIMEOUT - 1)), (keep, told.clone(), Some(NOW + 1)));
    assert_eq!(
        published(young(HEALTH_TIMEOUT)),
        (name(), told, None),
        "a name that answers badly says more than none"
    );
}

#[test]
fn a_name_that_serves_is_given_up_only_for_a_healthy_load_balancer() {
    let moves = |world: World, hostname: &str| one(world.ingress("x", &["a.org"]).status(hostname));
    let elsewhere = || moves(World::new(), "elsewhere.example.com");
    assert_eq!(published(elsewhere()).0, name());
    assert_eq!(published(sick(elsewhere())), (StatusChange::Keep, vec![TargetsUnhealthy], None));
    let gone = || moves(World::new(), "albatross-gone.elb.example.com");
    assert_eq!(published(sick(made(gone(), DAY))).0, name(), "the old name answers nobody");
}

#[test]
fn a_published_name_does_not_change_while_not_all_is_known() {
    let gone = || one(World::new().ingress("x", &["a.org"]).status("elsewhere.example.com"));
    let unknown = |world: World| world.missing(ViewPart::TargetHealth);
    assert_eq!(published(unknown(gone())), (StatusChange::Keep, vec![ViewIncomplete], None));
    let new = published(unknown(new()));
    assert_eq!(
        new,
        (name(), vec![TargetsUnhealthy], None),
        "an unpublished Ingress is published after ten minutes"
    );
}

#[test]
fn the_target_group_with_the_most_healthy_targets_counts() {
    let with_second = |healthy: usize| {
        new().with(|snapshot| {
            let mut second = crate::testing::target_group("one");
            second.arn = "arn:second".into();
            let health = |number| if number < healthy { "healthy" } else { "unhealthy" };
            second.targets = (0..3).map(|number| target(&format!("i-{number}"), health(number))).collect();
            snapshot.inventory.target_groups.push(second);
        })
    };
    let sick_first =
        |world: World| world.with(|snapshot| snapshot.inventory.target_groups[0].targets.clear());
    assert_eq!(published(sick_first(with_second(2))).1, []);
    assert_eq!(published(sick_first(with_second(1))).1, [TargetsUnhealthy]);
}

#[test]
fn without_an_existing_load_balancer_there_is_no_diagnostic() {
    let scene = World::new().certificate("a", &["a.org"]).ingress("x", &["a.org"]).read();
    let grouping = scene.grouping();
    let mut outcome = ignored(grouping.members[0].claim);
    let on = grouping.placements[0].group().unwrap();
    let none = Lacking::default();
    let publisher = Publisher::new(&grouping, &none, scene.observed);
    let awaited = Awaited::These(Vec::new());
    assert_eq!(publisher.publish(&mut outcome, &grouping.members[0], on, &awaited), None);
    assert_eq!((outcome.status, outcome.diagnostics), (StatusChange::Keep, vec![]));
}
