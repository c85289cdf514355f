//! An observation that a change of the cluster interrupts.

use std::time::Duration;

use albatross_aws::{Mentioned, Permit};
use albatross_contract::{ActionState, AddTags, Operation, ResourceReference, Tag};
use albatross_stories::ingress;
use albatross_test_servers::{Fault, Moto};
use tokio::{select, time::sleep};

use crate::{
    controller::{Always, Controller, owned, plan_of},
    world::World,
};

/// The interval of the controller.
const INTERVAL: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_comes_while_aws_is_read_waits_only_for_what_is_not_known() {
    let moto = Moto::start().expect("moto starts");
    let world = World::on(&moto, "eu-central-1").await;
    world.make_certificate(&["shop.example.org"]).await;
    sleep(Duration::from_millis(1_100)).await;
    let mut controller =
        Controller::new(&world, world.settings(), vec![ingress("shop", &["shop.example.org"])]);
    controller.converge().await;
    controller.stop_clock();
    controller.observer.refresh_every(INTERVAL);
    let known = controller.pass().await.inventory;
    let later = known.observed_at + 299;
    assert!(controller.observer.may_be_quick(later));
    assert!(!controller.observer.may_be_quick(known.observed_at + 300), "it is time to read everything");

    // All caches are stale, and AWS is slow to say so.
    let mentioned = Mentioned::by(controller.cluster.cluster(), &controller.settings);
    world.recorder.disturb("DescribeLoadBalancers", .., Fault::Delay(Duration::from_secs(30)));
    let before = world.recorder.calls().len();
    select! {
        _ = controller.observer.observe(known.observed_at + 1_000, &mentioned) => panic!("it takes 30 s"),
        () = until_answered(&world, before, "DescribeInstances") => {}
    }
    let before = world.recorder.calls().len();
    let quick = controller.observer.observe_quickly(later, &mentioned).await.expect("all is known");
    assert_eq!(quick, known);
    assert_eq!(world.calls_since(before).len(), 0);
    assert!(controller.observer.may_be_quick(later), "the next change need not wait either");

    assert!(controller.observer.was_quick());

    // What this controller changed itself is read again.
    let tags = vec![Tag { key: "team".to_owned(), value: "shop".to_owned() }];
    let load_balancer = owned(&known)[0].arn.clone();
    let resource = ResourceReference::Existing(load_balancer.clone());
    let plan = plan_of(Operation::AddTags(AddTags { resource, tags: tags.clone() }));
    controller.executor.execute(&plan, &Always, &mut |_, _| {}).await;
    let before = world.recorder.calls().len();
    let quick = controller.observer.observe_quickly(later, &mentioned).await.expect("AWS answers");
    assert_eq!(world.answered_calls_since(before), ["DescribeTags"]);
    assert!(tags.iter().all(|tag| owned(&quick)[0].tags.contains(tag)));

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

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_to_another_plan_is_skipped_and_nobody_is_told() {
    struct Superseded;

    impl Permit for Superseded {
        fn may_write_for(&self, _longest: Duration) -> bool {
            true
        }

        fn is_superseded(&self) -> bool {
            true
        }
    }

    let moto = Moto::start().expect("moto starts");
    let world = World::on(&moto, "eu-central-1").await;
    let controller = Controller::new(&world, world.settings(), Vec::new());
    let resource = ResourceReference::Existing("sg-0".to_owned());
    let plan = plan_of(Operation::AddTags(AddTags { resource, tags: Vec::new() }));
    let mut told = 0;
    let results = controller.executor.execute(&plan, &Superseded, &mut |_, _| told += 1).await;
    let [result] = results.as_slice() else { panic!("{results:?}") };
    assert_eq!(result.state, ActionState::Skipped);
    assert_eq!(
        result.error.as_deref(),
        Some("the cluster has changed, so the action is left to the next plan")
    );
    assert_eq!(told, 0);
}

/// Waits until a call has been answered after the first `count` ones, and the controller has read the answer.
async fn until_answered(world: &World, count: usize, action: &str) {
    while !world.answered_calls_since(count).iter().any(|answered| answered == action) {
        sleep(Duration::from_millis(20)).await;
    }
    sleep(Duration::from_secs(1)).await;
}
