use albatross_contract::{
    ClassSetting, DiagnosticCode, IncompletePart, LoadBalancerState, Mode, Severity, TAG_REPLACES, ViewPart,
};
use serde_json::{from_value, json};

use super::{classes_of_others, failed_load_balancers, missing_parts};
use crate::testing::{NOW, World, load_balancer_arn};

#[test]
fn parts_of_the_view_that_are_missing_for_the_same_reason_are_reported_together() {
    let world = World::new().missing(ViewPart::Tags).missing(ViewPart::Instances);
    let other = |part: ViewPart| IncompletePart {
        part,
        resource: None,
        reason: "no statuses".into(),
        expected: None,
    };
    let world = world.with(|it| it.cluster.incomplete.push(other(ViewPart::IngressStatuses)));
    let told = missing_parts(world.read().observed);
    assert!(told.iter().all(|it| it.code == DiagnosticCode::ViewIncomplete));
    let told: Vec<&str> = told.iter().map(|it| it.message.as_str()).collect();
    assert_eq!(
        told,
        [
            "not known (no statuses): the load balancer of each Ingress is inferred from tags and certificates, and nothing is \
             deleted",
            "not all instances and tags are known (throttled): everything that depends on them stays as it is",
        ]
    );
}

#[test]
fn nobody_is_warned_of_a_part_that_is_missing_without_a_fault() {
    let severity = |part: ViewPart, expected: &[Option<bool>]| {
        let gap = |expected: &Option<bool>| IncompletePart {
            part,
            resource: None,
            reason: "not yet".into(),
            expected: *expected,
        };
        let world = World::new().with(|it| it.cluster.incomplete.extend(expected.iter().map(gap)));
        missing_parts(world.read().observed)[0].severity
    };
    for part in [ViewPart::RouteGroups, ViewPart::IngressStatuses] {
        assert_eq!(severity(part, &[Some(true)]), Severity::Info, "{part:?}");
        assert_eq!(severity(part, &[None]), Severity::Warning, "{part:?}");
        assert_eq!(severity(part, &[Some(true), None]), Severity::Warning, "{part:?}");
    }
}

#[test]
fn nobody_is_warned_of_a_load_balancer_that_is_read_in_the_next_pass() {
    let severity = |expected: Option<bool>| {
        let gap = IncompletePart {
            part: ViewPart::Listeners,
            resource: Some(load_balancer_arn("one")),
            reason: "later".into(),
            expected,
        };
        let world = World::new().load_balancer("one", &["a"]).with(|it| it.inventory.incomplete.push(gap));
        missing_parts(world.read().observed)[0].severity
    };
    assert_eq!([Some(true), None].map(severity), [Severity::Info, Severity::Warning]);
}

/// The diagnostics for a load balancer that AWS could not provision.
fn told(world: World) -> Vec<String> {
    let failed = world.certificate("a", &["a.org"]).load_balancer("one", &["a"]).which(|found| {
        (found.state, found.state_reason) = (LoadBalancerState::Failed, Some("no addresses".into()));
    });
    let scene = failed.read();
    let messages = failed_load_balancers(scene.observed, &scene.grouping()).into_iter().map(|it| it.message);
    messages.collect()
}

#[test]
fn the_diagnostic_for_a_failed_load_balancer_says_what_takes_over() {
    let begin = "AWS could not provision it (no addresses): ";
    let published = || World::new().published("x", &["a.org"], "one");
    let without_subnets = published().with(|it| it.inventory.subnets.clear());
    for (world, expected) in [
        (published(), "another load balancer takes over"),
        (without_subnets, "no other load balancer can take over now"),
        (World::new(), "no Ingress needs it"),
    ] {
        assert_eq!(told(world), [format!("{begin}{expected}")]);
    }
}

#[test]
fn a_replacement_is_not_replaced_again() {
    let world = World::new().published("x", &["a.org"], "one").certificate("a", &["a.org"]);
    let failed = world.load_balancer("one", &["a"]).tagged(TAG_REPLACES, "old");
    let scene = failed.which(|found| found.state = LoadBalancerState::Failed).read();
    let told = failed_load_balancers(scene.observed, &scene.grouping());
    assert_eq!(
        told[0].message,
        "AWS could not provision it: it is a replacement itself, so it is not replaced again"
    );
}

#[test]
fn load_balancers_that_wait_with_others_are_reported_without_a_call_to_act() {
    let waits = |found: &mut albatross_contract::LoadBalancer| {
        (found.state, found.created_at) = (LoadBalancerState::Provisioning, NOW - 3_600);
    };
    let world = World::new().load_balancer("one", &[]).which(waits).load_balancer("two", &[]).which(waits);
    let scene = world.read();
    let told = failed_load_balancers(scene.observed, &scene.grouping());
    let subjects: Vec<_> = told.iter().map(|it| (it.code, it.subject.as_str())).collect();
    assert_eq!(
        subjects,
        [
            (DiagnosticCode::LoadBalancerProvisioning, "albatross-one"),
            (DiagnosticCode::LoadBalancerProvisioning, "albatross-two")
        ]
    );
    assert_eq!(
        told[0].message,
        "AWS has not provisioned this load balancer within 15 min, nor any other new load balancer in eu-central-1: none of \
         them is replaced"
    );
}

#[test]
fn a_listed_class_of_another_controller_is_reported_if_an_ingress_has_it() {
    let told = |controller: &str, class: &str| {
        let scene = World::new()
            .ingress("x", &["a.org"])
            .with(|it| {
                it.settings.classes = vec![ClassSetting { name: "alb".into(), mode: Mode::Route }];
                let alb = json!({"metadata": {"name": "alb"}, "controller": controller});
                it.cluster.ingress_classes = vec![from_value(alb).unwrap()];
                it.cluster.ingresses[0].ingress_class_name = Some(class.into());
            })
            .read();
        classes_of_others(scene.claims, scene.snapshot).into_iter().map(|it| it.message).collect::<Vec<_>>()
    };
    assert_eq!(
        told("ingress.k8s.aws/alb", "alb"),
        [
            "IngressClass alb names the controller ingress.k8s.aws/alb, but the setting classes lists it, so two controllers \
             may serve 1 Ingress of this class: both would create load balancers and write the statuses"
        ]
    );
    assert!(told("albatross/ingress", "alb").is_empty());
    assert!(told("ingress.k8s.aws/alb", "other").is_empty());
}
