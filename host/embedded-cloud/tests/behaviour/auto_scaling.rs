//! Auto Scaling Groups register their instances with attached target groups.

use albatross_contract::{AutoScalingAttachment, InstanceState, Operation, TargetHealth};

use crate::shop::{Shop, at, make, target_group, targets};

fn attachment(shop: &Shop) -> AutoScalingAttachment {
    AutoScalingAttachment { auto_scaling_group: "nodes".to_owned(), target_group: at(&shop.target_group) }
}

fn attached() -> Shop {
    let mut shop = Shop::open();
    let attach = Operation::AttachTargetGroup(attachment(&shop));
    shop.run(&attach);
    shop
}

fn registered(shop: &mut Shop) -> Vec<(String, Option<u16>, TargetHealth)> {
    shop.target_group().targets.iter().map(|it| (it.id.clone(), it.port, it.health)).collect()
}

fn instances(shop: &mut Shop, ids: &[&str]) {
    let instances = ids.iter().map(|it| (*it).to_owned()).collect();
    shop.cloud.inventory_mut().auto_scaling_groups[0].instances = instances;
}

#[test]
fn an_attached_group_registers_its_instances_at_the_port_of_the_target_group() {
    let mut shop = attached();
    let port = Some(9999);
    assert_eq!(
        registered(&mut shop),
        [
            ("i-01".to_owned(), port, TargetHealth::Initial),
            ("i-02".to_owned(), port, TargetHealth::Initial),
            ("i-03".to_owned(), port, TargetHealth::Unused), // The load balancer has no subnet in its zone.
        ]
    );
}

#[test]
fn attaching_twice_changes_nothing() {
    let mut shop = attached();
    let before = shop.cloud.inventory().clone();
    let again = Operation::AttachTargetGroup(attachment(&shop));
    shop.run(&again);
    assert_eq!(*shop.cloud.inventory(), before);
}

#[test]
fn an_attached_group_can_be_attached_again_when_it_is_full() {
    let mut shop = attached();
    shop.cloud.inventory_mut().quotas.target_groups_per_auto_scaling_group = 1;
    let again = Operation::AttachTargetGroup(attachment(&shop));
    shop.run(&again);
}

#[test]
fn an_instance_that_joins_the_group_is_registered_and_one_that_leaves_drains() {
    let mut shop = attached();
    shop.cloud.advance(60);
    instances(&mut shop, &["i-01", "i-07"]);
    let health: Vec<_> = registered(&mut shop).into_iter().map(|(id, _, health)| (id, health)).collect();
    assert_eq!(
        health,
        [
            ("i-01".to_owned(), TargetHealth::Healthy),
            ("i-02".to_owned(), TargetHealth::Draining),
            ("i-03".to_owned(), TargetHealth::Draining),
            ("i-07".to_owned(), TargetHealth::Initial),
        ]
    );
    shop.cloud.advance(300);
    let ids: Vec<_> = registered(&mut shop).into_iter().map(|(id, ..)| id).collect();
    assert_eq!(ids, ["i-01", "i-07"]);
}

#[test]
fn detaching_a_group_deregisters_its_instances_and_no_others() {
    let mut shop = attached();
    shop.register(&["i-04"]);
    shop.cloud.advance(60);
    let detach = Operation::DetachTargetGroup(attachment(&shop));
    shop.run(&detach);
    shop.cloud.advance(300);
    let ids: Vec<_> = registered(&mut shop).into_iter().map(|(id, ..)| id).collect();
    assert_eq!(ids, ["i-04"]);
    assert!(shop.cloud.inventory().auto_scaling_groups[0].target_groups.is_empty());
}

#[test]
fn an_instance_that_a_person_deregistered_stays_deregistered() {
    let mut shop = attached();
    shop.cloud.advance(60);
    let leave = Operation::DeregisterTargets(targets(&shop.target_group, &["i-01"]));
    shop.run(&leave);
    shop.cloud.advance(600);
    assert!(shop.target("i-01").is_none());
    assert!(shop.target("i-02").is_some());
}

#[test]
fn an_instance_is_registered_when_it_begins_to_run() {
    let mut shop = Shop::open();
    shop.cloud.inventory_mut().instances[0].state = InstanceState::Pending;
    let attach = Operation::AttachTargetGroup(attachment(&shop));
    shop.run(&attach);
    assert!(shop.target("i-01").is_none());
    shop.cloud.inventory_mut().instances[0].state = InstanceState::Running;
    assert!(shop.target("i-01").is_some());
}

#[test]
fn a_group_keeps_the_arn_of_a_deleted_target_group_until_it_is_detached() {
    let mut shop = Shop::open();
    let other = target_group("other");
    let other = make(&mut shop.cloud, &Operation::CreateTargetGroup(other));
    let attachment =
        AutoScalingAttachment { auto_scaling_group: "nodes".to_owned(), target_group: at(&other) };
    shop.run(&Operation::AttachTargetGroup(attachment.clone()));
    shop.run(&Operation::DeleteTargetGroup(at(&other)));
    assert_eq!(shop.cloud.inventory().auto_scaling_groups[0].target_groups, [other]);
    shop.run(&Operation::DetachTargetGroup(attachment));
    assert!(shop.cloud.inventory().auto_scaling_groups[0].target_groups.is_empty());
}

#[test]
fn a_group_that_is_attached_from_the_beginning_registers_its_instances() {
    let mut shop = attached();
    let mut observed = shop.cloud.observe().expect("no fault");
    observed.target_groups[0].targets.clear();
    shop.cloud = albatross_embedded_cloud::EmbeddedCloud::new(observed);
    assert_eq!(registered(&mut shop).len(), 3);
}

#[test]
fn at_most_ten_target_groups_of_a_group_change_at_once_and_a_moment_later_ten_more() {
    let mut shop = attached();
    let mut attach = |number: u32| {
        let create = Operation::CreateTargetGroup(target_group(&format!("more-{number}")));
        let target_group = at(&make(&mut shop.cloud, &create));
        let input = AutoScalingAttachment { auto_scaling_group: "nodes".to_owned(), target_group };
        shop.cloud.execute(&Operation::AttachTargetGroup(input))
    };
    for number in 1..10 {
        attach(number).expect("there is room");
    }
    let refused = attach(10).expect_err("ten are in progress");
    assert!(refused.message.contains("at once. The limit is 10"), "{refused}");
    shop.cloud.advance(10);
    let detach = Operation::DetachTargetGroup(attachment(&shop));
    shop.run(&detach);
}
