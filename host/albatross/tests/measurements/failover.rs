//! How long a changed Ingress waits when the leader dies, in a large account in front of which AWS's rate limits stand.

use std::time::{Duration, SystemTime};

use albatross_test_servers::{Call, MotoSettings};

use crate::{
    calls::wait,
    support::{
        World,
        fleet::{Fleet, replica},
    },
};

/// The cluster of kubernetes-sigs/aws-load-balancer-controller#3540, where a new leader took 10 to 20 minutes.
const FLEET: Fleet = Fleet { groups: 100, ingresses: 9, services: 3 };

/// The measurements.
pub struct Figures {
    /// From the death of the leader until another replica leads.
    pub to_leading: Duration,
    /// From then until the changed Ingress is written.
    pub to_write: Duration,
    /// Calls of the new leader before that.
    pub calls_before: usize,
    /// From the beginning of its leadership until it has read everything.
    pub to_whole: Duration,
    /// Calls of the new leader until then.
    pub calls: usize,
    /// Calls that AWS would have throttled.
    pub throttled: usize,
    /// Load balancers, Ingresses.
    pub of: (usize, usize),
}

/// Kills the leader, changes an Ingress, and looks at what the other replica does.
pub async fn figures() -> Figures {
    let quota = MotoSettings { load_balancers: Some(500), ..MotoSettings::default() };
    let world = World::with("measured-failover", &quota).await;
    FLEET.apply(&world).await;
    FLEET.make(&world, Duration::from_secs(3_600)).await;
    world.recorder.limit_rates();
    let leader = replica(&world, "leader", &[]);
    wait("it leads", async || leader.metric("albatross_leader") == Some(1.0)).await;
    let follower = replica(&world, "follower", &[]);
    wait("it is ready", async || follower.get("/readyz").0 == 200).await;

    let died = SystemTime::now();
    leader.kill();
    world.apply(&FLEET.ingress(FLEET.groups / 2, 1, "/changed")).await;
    wait("another replica leads", async || follower.metric("albatross_leader") == Some(1.0)).await;
    let leads = SystemTime::now();
    let of_follower = |call: &Call| call.author.as_deref() == Some("follower") && call.at > died;
    let calls = || world.recorder.calls().into_iter().filter(of_follower).collect::<Vec<_>>();
    wait("the change is written", async || calls().iter().any(Call::is_write)).await;
    let written = calls().into_iter().find(Call::is_write).expect("it was there");
    wait("everything is read", async || follower.passed("converged").unwrap_or_default() >= 1.0).await;
    let calls = calls();
    Figures {
        to_leading: since(died, leads),
        to_write: since(leads, written.at),
        calls_before: calls.iter().filter(|call| call.at < written.at).count(),
        to_whole: since(leads, SystemTime::now()),
        calls: calls.len(),
        throttled: calls.iter().filter(|call| matches!(call.status, Some(400 | 503))).count(),
        of: (FLEET.groups, FLEET.groups * FLEET.ingresses),
    }
}

fn since(before: SystemTime, after: SystemTime) -> Duration {
    after.duration_since(before).unwrap_or_default()
}
