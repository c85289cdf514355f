//! An observation that a change of the cluster interrupts.

use std::time::Duration;

use albatross_aws::Mentioned;
use albatross_contract::{AddTags, Inventory, Operation, ResourceReference, Tag};
use albatross_stories::ingress;
use albatross_test_servers::Fault;
use tokio::{select, time::sleep};

use crate::{
    controller::{Always, Controller, owned, plan_of},
    world::World,
};

/// The interval of the controller.
const INTERVAL: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_comes_while_aws_is_read_waits_only_for_what_is_not_known() {
    let world = World::in_region("ap-southeast-2").await;
    world.make_certificate(&["shop.example.org"]).await;
    sleep(Duration::from_millis(1_100)).await;
    let mut controller =
        Controller::new(&world, world.settings(), vec![ingress("shop", &["shop.example.org"])]);
    controller.converge().await;
    controller.stop_clock();
    controller.observer.refresh_every(INTERVAL);
    let known = controller.pass().await.inventory;
    let later = known.observed_at + 299;
    assert!(controller.observer.may_be_urgent(later));
    assert!(!controller.observer.may_be_urgent(known.observed_at + 300), "it is time to read everything");

    // All caches are stale, and AWS is slow to say so.
    let mentioned = Mentioned::by(controller.cluster.cluster(), &controller.settings);
    world.recorder.disturb("DescribeLoadBalancers", .., Fault::Delay(Duration::from_secs(30)));
    let before = world.recorder.calls().len();
    select! {
        _ = controller.observer.observe(known.observed_at + 1_000, &mentioned) => panic!("it takes 30 s"),
        () = until_answered(&world, before, "DescribeInstances") => {}
    }
    let before = world.recorder.calls().len();
    let urgent = controller.observer.observe_urgently(later, &mentioned).await.expect("all is known");
    assert_eq!(Inventory { observed_at: known.observed_at, ..urgent }, known);
    assert_eq!(world.calls_since(before).len(), 0);
    assert!(controller.observer.may_be_urgent(later), "the next change need not wait either");

    assert!(controller.observer.is_due(later), "the round goes on as soon as possible");

    // What this controller changed itself is read again.
    let tags = vec![Tag { key: "team".to_owned(), value: "shop".to_owned() }];
    let load_balancer = owned(&known)[0].arn.clone();
    let resource = ResourceReference::Existing(load_balancer.clone());
    let plan = plan_of(Operation::AddTags(AddTags { resource, tags: tags.clone() }));
    controller.executor.execute(&plan, &Always, &mut |_, _| {}).await;
    let before = world.recorder.calls().len();
    let urgent = controller.observer.observe_urgently(later, &mentioned).await.expect("AWS answers");
    assert_eq!(world.answered_calls_since(before), ["DescribeTags"]);
    assert!(tags.iter().all(|tag| owned(&urgent)[0].tags.contains(tag)));

    // The round goes on where it was interrupted.
    world.recorder.clear_faults();
    let before = world.recorder.calls().len();
    let whole =
        controller.observer.observe(known.observed_at + 1_000, &mentioned).await.expect("AWS answers");
    let calls = world.answered_calls_since(before);
    assert!(calls.contains(&"DescribeLoadBalancers".to_owned()), "{calls:?}");
    assert!(!calls.contains(&"DescribeInstances".to_owned()), "they were answered before: {calls:?}");
    assert_eq!(whole.incomplete, []);
}

/// Waits until a call has been answered after the first `count` ones, and the controller has read the answer.
async fn until_answered(world: &World, count: usize, action: &str) {
    while !world.answered_calls_since(count).iter().any(|answered| answered == action) {
        sleep(Duration::from_millis(20)).await;
    }
    sleep(Duration::from_secs(1)).await;
}
