//! The progress of an execution: when each action begins and ends, and how long it waited for the rate budget.

use std::time::{Duration, Instant};

use albatross_aws::{Executor, Progress};
use albatross_contract::{Action, ActionState, Operation, ResourceReference};
use albatross_stories::ingress;

use crate::{
    controller::{Always, Controller, plan_of},
    world::World,
};

/// With this share, a burst of three writes to Elastic Load Balancing is free, and the next ones wait 2 s each.
const SHARE: f64 = 0.15;

#[tokio::test(flavor = "multi_thread")]
async fn each_action_begins_before_it_is_done_and_says_how_long_it_waited_for_the_rate_budget() {
    let world = World::in_region("us-west-1").await;
    world.make_certificate(&["shop.example.org"]).await;
    world.make_single_node().await;
    let ingresses = vec![ingress("shop", &["shop.example.org"])];
    let mut controller = Controller::new(&world, world.settings(), ingresses);
    let plan = controller.pass_without_execution().await;
    let executor = Executor::new(world.aws.clone().with_share(SHARE), &controller.settings.identity);
    let mut begun: Vec<(String, Instant)> = Vec::new();
    let mut waits: Vec<Duration> = Vec::new();
    let results = executor
        .execute(&plan, &Always, &mut |action, progress| match progress {
            Progress::Begun => begun.push((action.id.clone(), Instant::now())),
            Progress::Over { result, waited } => {
                assert_eq!(result.state, ActionState::Done, "{result:?}");
                let (_, begin) = begun.iter().find(|(id, _)| *id == action.id).expect("it has begun");
                assert!(waited <= begin.elapsed() + Duration::from_millis(100), "{waited:?}");
                waits.push(waited);
            }
        })
        .await;
    assert_eq!((begun.len(), waits.len()), (plan.actions.len(), plan.actions.len()), "{results:?}");
    assert!(waits.contains(&Duration::ZERO), "the first actions need not wait: {waits:?}");
    assert!(waits.iter().any(|waited| *waited > Duration::from_secs(1)), "{waits:?}");

    // What was refused is not tried again at once, so it does not begin again.
    world.recorder.allow_only(Vec::new());
    let arn =
        "arn:aws:elasticloadbalancing:us-west-1:123456789012:loadbalancer/app/albatross-1/0a".to_owned();
    let denied = plan_of(Operation::DeleteLoadBalancer(ResourceReference::Existing(arn)));
    let mut begun = 0;
    for _ in 0..2 {
        let mut count = |_: &Action, progress: Progress<'_>| {
            begun += usize::from(matches!(progress, Progress::Begun));
        };
        let results = executor.execute(&denied, &Always, &mut count).await;
        assert_eq!(results[0].state, ActionState::Failed, "{results:?}");
    }
    assert_eq!(begun, 1);
}
