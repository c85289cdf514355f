//! Health of targets over time: five successful checks, ten seconds apart, make a target healthy; two failed checks make it
//! unhealthy.

use albatross_contract::{InstanceState, Operation, TargetHealth};

use crate::shop::{Shop, at, attribute, cloud, make, target_group, targets};

fn health(shop: &mut Shop, id: &str) -> Option<TargetHealth> {
    shop.target(id).map(|it| it.health)
}

#[test]
fn a_registered_target_is_initial_until_enough_checks_have_succeeded() {
    let mut shop = Shop::open();
    shop.register(&["i-01"]);
    assert_eq!(health(&mut shop, "i-01"), Some(TargetHealth::Initial));
    shop.cloud.advance(49);
    assert_eq!(health(&mut shop, "i-01"), Some(TargetHealth::Initial));
    shop.cloud.advance(1);
    let target = shop.target("i-01").expect("it is there");
    assert_eq!((target.health, target.reason, target.port), (TargetHealth::Healthy, None, Some(9999)));
}

#[test]
fn a_target_is_unused_while_no_listener_uses_its_group() {
    let mut cloud = cloud();
    let group = make(&mut cloud, &Operation::CreateTargetGroup(target_group("nodes")));
    cloud.execute(&Operation::RegisterTargets(targets(&group, &["i-01"]))).expect("AWS accepts it");
    cloud.advance(3_600);
    let target = &cloud.inventory().target_groups[0].targets[0];
    assert_eq!(target.health, TargetHealth::Unused);
    assert_eq!(target.reason.as_deref(), Some("Target.NotInUse"));
}

#[test]
fn checks_begin_when_a_listener_begins_to_use_the_group() {
    let mut shop = Shop::open();
    let group = make(&mut shop.cloud, &Operation::CreateTargetGroup(target_group("other")));
    shop.run(&Operation::RegisterTargets(targets(&group, &["i-01"])));
    shop.cloud.advance(3_600);
    let listener = crate::shop::listener(&shop.load_balancer, 8080, &group);
    shop.run(&Operation::CreateListener(listener));
    shop.target_group = group;
    shop.cloud.advance(49);
    assert_eq!(health(&mut shop, "i-01"), Some(TargetHealth::Initial));
    shop.cloud.advance(1);
    assert_eq!(health(&mut shop, "i-01"), Some(TargetHealth::Healthy));
    let load_balancer = shop.load_balancer.clone();
    assert_eq!(shop.target_group().load_balancer_arns, [load_balancer]);
}

#[test]
fn targets_are_unused_when_their_load_balancer_is_gone() {
    let mut shop = Shop::open();
    shop.register(&["i-01"]);
    shop.cloud.advance(60);
    let delete = Operation::DeleteLoadBalancer(at(&shop.load_balancer));
    shop.run(&delete);
    assert_eq!(health(&mut shop, "i-01"), Some(TargetHealth::Unused));
}

#[test]
fn a_deregistered_target_drains_for_the_deregistration_delay() {
    let mut shop = Shop::open();
    let arn = shop.target_group.clone();
    shop.register(&["i-01", "i-02"]);
    shop.run(&Operation::ModifyTargetGroupAttributes(attribute(
        &arn,
        "deregistration_delay.timeout_seconds",
        "30",
    )));
    shop.cloud.advance(60);
    shop.run(&Operation::DeregisterTargets(targets(&arn, &["i-01"])));
    assert_eq!(health(&mut shop, "i-01"), Some(TargetHealth::Draining));
    shop.cloud.advance(29);
    assert_eq!(health(&mut shop, "i-01"), Some(TargetHealth::Draining));
    shop.cloud.advance(1);
    assert_eq!(health(&mut shop, "i-01"), None);
    assert_eq!(health(&mut shop, "i-02"), Some(TargetHealth::Healthy));
}

#[test]
fn a_draining_target_that_is_registered_again_starts_over() {
    let mut shop = Shop::open();
    shop.register(&["i-01"]);
    shop.cloud.advance(60);
    let leave = Operation::DeregisterTargets(targets(&shop.target_group, &["i-01"]));
    shop.run(&leave);
    shop.cloud.advance(60);
    shop.register(&["i-01"]);
    assert_eq!(health(&mut shop, "i-01"), Some(TargetHealth::Initial));
    shop.cloud.advance(300);
    assert_eq!(health(&mut shop, "i-01"), Some(TargetHealth::Healthy));
    shop.run(&leave);
    shop.cloud.advance(299);
    assert_eq!(health(&mut shop, "i-01"), Some(TargetHealth::Draining));
}

#[test]
fn an_unused_target_is_deregistered_at_once() {
    let mut cloud = cloud();
    let group = make(&mut cloud, &Operation::CreateTargetGroup(target_group("nodes")));
    cloud.execute(&Operation::RegisterTargets(targets(&group, &["i-01"]))).expect("AWS accepts it");
    cloud.execute(&Operation::DeregisterTargets(targets(&group, &["i-01"]))).expect("AWS accepts it");
    assert!(cloud.inventory().target_groups[0].targets.is_empty());
}

#[test]
fn a_stopped_instance_is_unused_and_a_terminated_instance_is_deregistered() {
    let mut shop = Shop::open();
    shop.register(&["i-01", "i-02"]);
    shop.cloud.advance(60);
    for instance in &mut shop.cloud.inventory_mut().instances {
        match instance.id.as_str() {
            "i-01" => instance.state = InstanceState::Stopped,
            "i-02" => instance.state = InstanceState::Terminated,
            _ => {}
        }
    }
    let stopped = shop.target("i-01").expect("it is there");
    assert_eq!(stopped.reason.as_deref(), Some("Target.InvalidState"));
    assert_eq!(health(&mut shop, "i-02"), Some(TargetHealth::Draining));
    shop.cloud.advance(300);
    assert_eq!(health(&mut shop, "i-02"), None);
}

#[test]
fn a_target_in_a_zone_that_the_load_balancer_lacks_is_unused() {
    let mut shop = Shop::open();
    shop.register(&["i-03"]);
    shop.cloud.advance(60);
    let target = shop.target("i-03").expect("it is there");
    assert_eq!((target.health, target.reason.as_deref()), (TargetHealth::Unused, Some("Target.NotInUse")));
}

#[test]
fn failed_checks_make_targets_unhealthy_and_successful_checks_healthy_again() {
    let mut shop = Shop::open();
    shop.register(&["i-01", "i-02"]);
    shop.cloud.advance(60);
    shop.cloud.faults_mut().unhealthy_target("i-01");
    let target = shop.target("i-01").expect("it is there");
    assert_eq!(target.health, TargetHealth::Unhealthy);
    assert_eq!(target.reason.as_deref(), Some("Target.FailedHealthChecks"));
    assert_eq!(health(&mut shop, "i-02"), Some(TargetHealth::Healthy));
    shop.cloud.faults_mut().healthy_target("i-01");
    shop.cloud.advance(49);
    assert_eq!(health(&mut shop, "i-01"), Some(TargetHealth::Unhealthy));
    shop.cloud.advance(1);
    assert_eq!(health(&mut shop, "i-01"), Some(TargetHealth::Healthy));
}

#[test]
fn a_new_target_whose_checks_fail_never_becomes_healthy() {
    let mut shop = Shop::open();
    shop.cloud.faults_mut().all_targets_unhealthy(true);
    shop.register(&["i-01"]);
    shop.cloud.advance(19);
    assert_eq!(health(&mut shop, "i-01"), Some(TargetHealth::Initial));
    shop.cloud.advance(1);
    assert_eq!(health(&mut shop, "i-01"), Some(TargetHealth::Unhealthy));
    shop.cloud.advance(3_600);
    assert_eq!(health(&mut shop, "i-01"), Some(TargetHealth::Unhealthy));
}

#[test]
fn the_health_in_the_inventory_stays_until_something_changes_it() {
    let mut shop = Shop::open();
    shop.register(&["i-01", "i-02"]);
    shop.cloud.advance(60);
    let mut observed = shop.cloud.observe().expect("no fault");
    for target in &mut observed.target_groups[0].targets {
        if target.id == "i-02" {
            target.health = TargetHealth::Unhealthy;
            target.reason = Some("Target.Timeout".to_owned());
        }
    }
    shop.cloud = albatross_embedded_cloud::EmbeddedCloud::new(observed);
    shop.cloud.advance(3_600);
    assert_eq!(health(&mut shop, "i-01"), Some(TargetHealth::Healthy));
    let unhealthy = shop.target("i-02").expect("it is there");
    assert_eq!(unhealthy.reason.as_deref(), Some("Target.Timeout"));
}

#[test]
fn many_small_steps_of_time_equal_one_large_step() {
    let mut small = Shop::open();
    small.register(&["i-01"]);
    let mut large = small.clone();
    let leave = Operation::DeregisterTargets(targets(&small.target_group, &["i-01"]));
    small.cloud.advance(60);
    large.cloud.advance(60);
    small.run(&leave);
    large.run(&leave);
    for _ in 0..300 {
        small.cloud.advance(1);
    }
    large.cloud.advance(300);
    assert_eq!(small.cloud.inventory(), large.cloud.inventory());
}
