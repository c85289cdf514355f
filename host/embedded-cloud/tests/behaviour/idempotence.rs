//! Operations that can be repeated.

use albatross_contract::{CreateLoadBalancer, Operation};

use crate::shop::{Shop, https_listener, listener, load_balancer, make, tag, target_group, targets};

#[test]
fn repeated_create_calls_return_the_existing_resource() {
    let mut shop = Shop::open();
    let before = shop.cloud.inventory().clone();
    let cloud = &mut shop.cloud;
    let again = make(cloud, &Operation::CreateLoadBalancer(load_balancer("shop")));
    assert_eq!(again, shop.load_balancer);
    let again = make(cloud, &Operation::CreateTargetGroup(target_group("nodes")));
    assert_eq!(again, shop.target_group);
    let again =
        make(cloud, &Operation::CreateListener(https_listener(&shop.load_balancer, &shop.target_group)));
    assert_eq!(again, shop.https);
    make(cloud, &Operation::CreateListener(listener(&shop.load_balancer, 80, &shop.target_group)));
    assert_eq!(*cloud.inventory(), before);
}

#[test]
fn a_create_call_returns_a_foreign_resource_with_the_same_name_and_settings_and_keeps_its_tags() {
    let mut shop = Shop::open();
    let ours = CreateLoadBalancer { tags: vec![tag("team", "tools")], ..load_balancer("shop") };
    let answer = make(&mut shop.cloud, &Operation::CreateLoadBalancer(ours));
    assert_eq!(answer, shop.load_balancer);
    assert_eq!(shop.load_balancer().tags, [tag("team", "shop")]);
}

#[test]
fn subnets_in_another_order_are_the_same_settings() {
    let mut shop = Shop::open();
    let subnets = vec!["subnet-b".to_owned(), "subnet-a".to_owned()];
    let again = Operation::CreateLoadBalancer(CreateLoadBalancer { subnets, ..load_balancer("shop") });
    assert_eq!(make(&mut shop.cloud, &again), shop.load_balancer);
}

#[test]
fn a_create_call_finds_its_own_load_balancer_at_the_quota_too() {
    let mut shop = Shop::open();
    shop.cloud.inventory_mut().quotas.load_balancers = 1;
    let again = make(&mut shop.cloud, &Operation::CreateLoadBalancer(load_balancer("shop")));
    assert_eq!(again, shop.load_balancer);
}

#[test]
fn targets_register_and_deregister_twice() {
    let mut shop = Shop::open();
    shop.register(&["i-01", "i-02"]);
    let before = shop.cloud.inventory().clone();
    shop.register(&["i-01", "i-02"]);
    assert_eq!(*shop.cloud.inventory(), before);
    let absent = Operation::DeregisterTargets(targets(&shop.target_group, &["i-04"]));
    shop.run(&absent);
    assert_eq!(*shop.cloud.inventory(), before);
}

#[test]
fn deleting_a_target_group_that_no_longer_exists_succeeds() {
    let mut shop = Shop::open();
    let other = make(&mut shop.cloud, &Operation::CreateTargetGroup(target_group("other")));
    let delete = Operation::DeleteTargetGroup(crate::shop::at(&other));
    shop.run(&delete);
    assert_eq!(shop.cloud.execute(&delete), Ok(None));
}
