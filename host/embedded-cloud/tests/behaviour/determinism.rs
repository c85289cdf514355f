//! The same operations give the same bytes, and thousands of operations are fast.

use std::time::{Duration, Instant};

use albatross_contract::{AddTags, Operation};
use albatross_embedded_cloud::EmbeddedCloud;

use crate::shop::{
    Shop, at, cloud, https_listener, inventory, load_balancer, make, tag, target_group, targets,
};

/// Creates and fills some load balancers, and deletes one.
fn history() -> EmbeddedCloud {
    let mut cloud = cloud();
    for number in 0..5 {
        let name = format!("shop-{number}");
        let made = make(&mut cloud, &Operation::CreateLoadBalancer(load_balancer(&name)));
        let group = make(&mut cloud, &Operation::CreateTargetGroup(target_group(&name)));
        make(&mut cloud, &Operation::CreateListener(https_listener(&made, &group)));
        cloud
            .execute(&Operation::RegisterTargets(targets(&group, &["i-01", "i-02"])))
            .expect("AWS accepts it");
        cloud.advance(30);
        if number == 3 {
            cloud.execute(&Operation::DeleteLoadBalancer(at(&made))).expect("AWS accepts it");
        }
    }
    cloud
}

#[test]
fn the_same_operations_give_the_same_bytes() {
    let bytes = || serde_json::to_string(&history().observe().expect("no fault")).expect("it is JSON");
    assert_eq!(bytes(), bytes());
}

#[test]
fn ids_differ_between_resources_and_between_clouds_that_begin_at_other_times() {
    let mut first = history();
    let mut arns: Vec<_> = first.inventory().target_groups.iter().map(|it| it.arn.clone()).collect();
    let mut later = inventory();
    later.observed_at += 1;
    let mut second = EmbeddedCloud::new(later);
    arns.push(make(&mut second, &Operation::CreateTargetGroup(target_group("shop-0"))));
    let all = arns.len();
    arns.sort();
    arns.dedup();
    assert_eq!(arns.len(), all);
}

#[test]
fn ten_thousand_writes_take_well_under_a_second() {
    let mut cloud = cloud();
    let mut shops = Vec::new();
    for number in 0..40 {
        let name = format!("shop-{number}");
        let made = make(&mut cloud, &Operation::CreateLoadBalancer(load_balancer(&name)));
        let group = make(&mut cloud, &Operation::CreateTargetGroup(target_group(&name)));
        make(&mut cloud, &Operation::CreateListener(https_listener(&made, &group)));
        shops.push((made, group));
    }
    let begin = Instant::now();
    for number in 0..2_500 {
        let (made, group) = &shops[number % shops.len()];
        let members = targets(group, &["i-01", "i-02"]);
        for operation in [
            Operation::AddTags(AddTags { resource: at(made), tags: vec![tag("pass", &number.to_string())] }),
            Operation::RegisterTargets(members.clone()),
            Operation::CreateListener(https_listener(made, group)),
            Operation::DeregisterTargets(members),
        ] {
            cloud.execute(&operation).expect("AWS accepts it");
        }
    }
    let taken = begin.elapsed();
    println!("10,000 writes: {taken:?}");
    assert!(
        taken < Duration::from_secs(2),
        "10,000 writes took {taken:?}; it should be a fraction of a second"
    );
}

#[test]
fn a_clone_costs_next_to_nothing() {
    let shop = Shop::open();
    let begin = Instant::now();
    let clones: Vec<_> = (0..10_000).map(|_| shop.cloud.clone()).collect();
    let taken = begin.elapsed();
    println!("{} clones: {taken:?}", clones.len());
    assert!(taken < Duration::from_secs(1), "10,000 clones took {taken:?}");
}
