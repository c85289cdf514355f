//! An observation that a change of the cluster interrupts.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use albatross_aws::{Mentioned, Permit};
use albatross_contract::{Action, ActionState, AddTags, Operation, Plan, ResourceReference, Tag};
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
async fn when_another_plan_is_to_be_made_what_has_begun_goes_on_and_the_rest_is_left() {
    /// Superseded after the first action has begun.
    struct Superseding(AtomicBool);

    impl Permit for Superseding {
        fn may_write_for(&self, _longest: Duration) -> bool {
            true
        }

        fn is_superseded(&self) -> bool {
            self.0.swap(true, Ordering::Relaxed)
        }
    }

    let moto = Moto::start().expect("moto starts");
    let world = World::on(&moto, "eu-central-1").await;
    let controller = Controller::new(&world, world.settings(), Vec::new());
    let missing = ResourceReference::Existing("sg-0".to_owned());
    let Plan { actions, .. } = plan_of(Operation::DeleteSecurityGroup(missing));
    let second = Action { id: "second".to_owned(), ..actions[0].clone() };
    let plan = Plan { actions: vec![actions[0].clone(), second], ..Plan::default() };
    let mut told = Vec::new();
    let permit = Superseding(AtomicBool::new(false));
    let results =
        controller.executor.execute(&plan, &permit, &mut |action, _| told.push(action.id.clone())).await;
    let states: Vec<ActionState> = results.iter().map(|result| result.state).collect();
    assert_eq!(states, [ActionState::Done, ActionState::Skipped], "{results:?}");
    let left = "the cluster has changed, so the action is left to the next plan";
    assert_eq!(results[1].error.as_deref(), Some(left));
    assert_eq!(told, ["action", "action"], "nobody is told of the one that is left");
}

/// Waits until a call has been answered after the first `count` ones, and the controller has read the answer.
async fn until_answered(world: &World, count: usize, action: &str) {
    while !world.answered_calls_since(count).iter().any(|answered| answered == action) {
        sleep(Duration::from_millis(20)).await;
    }
    sleep(Duration::from_secs(1)).await;
}
