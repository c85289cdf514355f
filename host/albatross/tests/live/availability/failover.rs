//! A new leader in a large account: a change must not wait until everything has been read again.

use std::{
    collections::BTreeSet,
    time::{Duration, SystemTime},
};

use albatross_test_servers::Call;

use crate::support::{
    World, eventually,
    fleet::{Fleet, replica},
};

/// With a quarter of AWS's rate limits, a new leader takes longer to read these load balancers than an observation may last.
const FLEET: Fleet = Fleet { groups: 12, ingresses: 3, services: 1 };

/// How long everything may take that is created before.
const PATIENCE: Duration = Duration::from_secs(400);

#[tokio::test(flavor = "multi_thread")]
async fn a_new_leader_serves_a_changed_ingress_before_it_has_read_all_load_balancers() {
    let world = World::new("failover").await;
    FLEET.apply(&world).await;
    FLEET.make(&world, PATIENCE).await;
    world.recorder.limit_rates();
    let leader = replica(&world, "leader", &[]);
    eventually("it leads", async || (leader.metric("albatross_leader") == Some(1.0)).then_some(())).await;
    let follower = replica(&world, "follower", &[]);
    eventually("it is ready", async || (follower.get("/readyz").0 == 200).then_some(())).await;
    leader.kill();
    world.apply(&FLEET.ingress(7, 1, "/changed")).await;
    let since = SystemTime::now();
    let of_follower = |call: &Call| call.author.as_deref() == Some("follower") && call.at > since;
    let calls = || world.recorder.calls().into_iter().filter(of_follower).collect::<Vec<_>>();
    let written =
        eventually("the change is written", async || calls().into_iter().find(Call::is_write)).await;
    let read_before =
        calls().iter().filter(|call| call.action == "DescribeListeners" && call.at < written.at).count();
    assert_eq!(read_before, 1, "only the load balancer of the changed Ingress was read before");
    assert_eq!(written.action, "CreateRule");

    follower.passes("converged", 1.0).await;
    assert!(follower.passed("catching-up") >= Some(1.0));
    assert!(follower.log().contains("all of AWS has been read"));
    let calls = calls();
    let writes: BTreeSet<&str> =
        calls.iter().filter(|call| call.is_write()).map(|call| call.action.as_str()).collect();
    // The rule of the new path, and the mark of the old rule, which comes after all others until it is removed.
    assert_eq!(writes, BTreeSet::from(["AddTags", "CreateRule", "SetRulePriorities"]));
    let throttled: Vec<&Call> = calls.iter().filter(|call| matches!(call.status, Some(400 | 503))).collect();
    assert!(throttled.is_empty(), "{throttled:?}");
}
