//! One writer at a time.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::SystemTime,
};

use albatross_cluster::{Candidate, Client, Leadership, Permit, Standing, Timing};
use k8s_openapi::{
    api::coordination::v1::{Lease, LeaseSpec},
    apimachinery::pkg::apis::meta::v1::MicroTime,
};
use kube::{
    Api,
    api::{DeleteParams, Patch, PatchParams},
};
use serde_json::json;
use tokio::{
    pin,
    task::JoinHandle,
    time::{Duration, sleep, timeout},
};

use crate::support::{Cluster, eventually, soon};

/// A Lease whose end a test can wait for. The holder may lose it when the machine stalls.
const SHORT: Timing = Timing { duration: Duration::from_secs(4), retry: Duration::from_millis(500) };

/// A Lease that does not end while a test runs, however often the machine stalls.
const LONG: Timing = Timing { duration: Duration::from_secs(300), retry: Duration::from_secs(5) };

const NOW: Duration = Duration::ZERO;

fn candidate(identity: &str) -> Candidate {
    Candidate {
        namespace: "kube-system".to_owned(),
        lease: "albatross".to_owned(),
        identity: identity.to_owned(),
    }
}

fn stand(client: &Client, identity: &str, timing: Timing) -> Leadership {
    Leadership::start(client, candidate(identity), timing)
}

async fn leads(leadership: &Leadership) {
    let mut standing = leadership.standing();
    soon("it leads", standing.wait_for(|standing| *standing == Standing::Leading)).await.unwrap();
}

async fn follows(leadership: &Leadership, leader: &str) {
    let mut standing = leadership.standing();
    let following = Standing::Following { holder: Some(leader.to_owned()) };
    soon("it follows", standing.wait_for(|standing| *standing == following)).await.unwrap();
}

fn leases(client: &Client) -> Api<Lease> {
    Api::namespaced(client.clone(), "kube-system")
}

/// The Lease as it is now.
async fn lease(cluster: &Cluster) -> LeaseSpec {
    leases(&cluster.administrator).get("albatross").await.unwrap().spec.unwrap()
}

/// How long the holder had held the Lease when it wrote this.
fn held_for(lease: &LeaseSpec) -> Duration {
    time(&lease.renew_time).duration_since(time(&lease.acquire_time)).unwrap()
}

fn time(written: &Option<MicroTime>) -> SystemTime {
    SystemTime::from(written.as_ref().unwrap().0)
}

/// A namespace with an election that no other test takes part in.
async fn election(namespace: &str) -> Cluster {
    let cluster = Cluster::for_election(namespace).await;
    let leases = leases(&cluster.administrator);
    if leases.get_opt("albatross").await.unwrap().is_some() {
        leases.delete("albatross", &DeleteParams::default()).await.unwrap();
    }
    cluster
}

/// Checks all the time whether more than one replica may write.
struct Referee {
    two_writers: Arc<AtomicBool>,
    task: JoinHandle<()>,
}

impl Referee {
    fn of(permits: Vec<Permit>) -> Referee {
        let two_writers = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&two_writers);
        let task = tokio::spawn(async move {
            loop {
                let mut writers: Vec<Permit> = permits.iter().map(Permit::of_this_term).collect();
                writers.retain(|permit| permit.may_write_for(NOW));
                // The permits were checked one after the other, and the Lease may have changed hands meanwhile. A permit that is
                // still valid now was valid when the last one was checked.
                writers.retain(|permit| permit.may_write_for(NOW));
                if writers.len() > 1 {
                    seen.store(true, Ordering::Relaxed);
                }
                sleep(Duration::from_millis(1)).await;
            }
        });
        Referee { two_writers, task }
    }

    fn ends(self) {
        self.task.abort();
        assert!(!self.two_writers.load(Ordering::Relaxed), "two could write at the same time");
    }
}

#[tokio::test]
async fn the_first_replica_leads_and_the_second_follows_and_knows_the_leader() {
    let cluster = election("lead-and-follow").await;
    let client = cluster.controller().await;
    let first = stand(&client, "first", LONG);
    leads(&first).await;
    let permit = first.permit();
    let second = stand(&client, "second", LONG);
    follows(&second, "first").await;
    assert!(permit.may_write_for(Duration::from_secs(2)));
    assert!(!permit.may_write_for(LONG.duration), "longer than the Lease lasts");
    assert!(!second.permit().may_write_for(NOW));

    let renewed = soon("the Lease is renewed again and again", async {
        loop {
            let lease = lease(&cluster).await;
            if held_for(&lease) > 2 * LONG.retry {
                return lease;
            }
            sleep(LONG.retry / 5).await;
        }
    })
    .await;
    assert!(permit.may_write_for(NOW), "it has led all the time");
    assert_eq!(renewed.holder_identity.as_deref(), Some("first"));
    assert_eq!(renewed.lease_duration_seconds, Some(300));
    assert_eq!(renewed.lease_transitions, Some(1));
}

#[tokio::test]
async fn a_leader_that_dies_is_replaced_when_its_lease_has_expired() {
    let cluster = election("dead-leader").await;
    let client = cluster.controller().await;
    let first = stand(&client, "first", SHORT);
    leads(&first).await;
    let second = stand(&client, "second", SHORT);
    follows(&second, "first").await;
    let referee = Referee::of(vec![first.permit(), second.permit()]);

    drop(first);
    let last = lease(&cluster).await;
    assert_eq!(last.holder_identity.as_deref(), Some("first"));
    leads(&second).await;
    let next = lease(&cluster).await;
    assert_eq!(next.holder_identity.as_deref(), Some("second"));
    let after = time(&next.acquire_time).duration_since(time(&last.renew_time)).unwrap();
    assert!(after >= SHORT.duration, "{after:?}: the dead one could still be writing");
    referee.ends();
}

#[tokio::test]
async fn a_leader_that_releases_its_lease_is_replaced_at_once() {
    let cluster = election("stand-down").await;
    let client = cluster.controller().await;
    let first = stand(&client, "first", LONG);
    leads(&first).await;
    let second = stand(&client, "second", LONG);
    follows(&second, "first").await;
    let referee = Referee::of(vec![first.permit(), second.permit()]);

    soon("the Lease is released", first.release()).await;
    assert!(!first.permit().may_write_for(NOW));
    // Long before its Lease would have ended.
    leads(&second).await;
    referee.ends();
}

#[tokio::test]
async fn a_leader_that_shuts_down_during_an_outage_releases_its_lease_after_it() {
    let cluster = election("stand-down-in-outage").await;
    let relay = cluster.relay().await;
    let first = stand(&cluster.controller_through(&relay).await, "first", LONG);
    leads(&first).await;
    let second = stand(&cluster.controller().await, "second", LONG);
    follows(&second, "first").await;
    let referee = Referee::of(vec![first.permit(), second.permit()]);

    relay.cut().await;
    let release = first.release();
    pin!(release);
    // Time for a renewal in flight and for one attempt.
    assert!(timeout(2 * LONG.retry, &mut release).await.is_err(), "it still holds the Lease");
    assert!(!first.permit().may_write_for(NOW));
    relay.open();
    soon("the Lease is released", release).await;
    leads(&second).await;
    referee.ends();
}

#[tokio::test]
async fn a_leader_that_cannot_release_its_lease_ends_when_the_lease_has_expired() {
    let cluster = election("stand-down-in-vain").await;
    let relay = cluster.relay().await;
    let first = stand(&cluster.controller_through(&relay).await, "first", SHORT);
    leads(&first).await;
    relay.cut().await;
    soon("it ends", first.release()).await;
    assert_eq!(lease(&cluster).await.holder_identity.as_deref(), Some("first"));
}

#[tokio::test]
async fn a_replica_that_shuts_down_does_not_touch_the_lease_of_another_replica() {
    let cluster = election("stand-down-too-late").await;
    let relay = cluster.relay().await;
    let first = stand(&cluster.controller_through(&relay).await, "first", LONG);
    leads(&first).await;
    relay.cut().await;
    let others = json!({ "spec": { "holderIdentity": "another" } });
    let leases = leases(&cluster.administrator);
    leases.patch("albatross", &PatchParams::default(), &Patch::Merge(others)).await.unwrap();
    relay.open();
    // Long before its Lease would have ended.
    soon("it ends", first.release()).await;
    assert_eq!(lease(&cluster).await.holder_identity.as_deref(), Some("another"));
}

#[tokio::test]
async fn a_leader_that_cannot_reach_the_api_server_stops_writing_before_another_begins() {
    for silent in [false, true] {
        let cluster = election(if silent { "silent-leader" } else { "cut-leader" }).await;
        let relay = cluster.relay().await;
        let first = stand(&cluster.controller_through(&relay).await, "first", SHORT);
        leads(&first).await;
        let second = stand(&cluster.controller().await, "second", SHORT);
        follows(&second, "first").await;
        let referee = Referee::of(vec![first.permit(), second.permit()]);

        if silent {
            relay.fall_silent().await;
        } else {
            relay.cut().await;
        }
        leads(&second).await;
        assert!(!first.permit().may_write_for(NOW));
        let mut standing = first.standing();
        let follows_somebody = |standing: &Standing| matches!(standing, Standing::Following { .. });
        soon("it knows that it no longer leads", standing.wait_for(follows_somebody)).await.unwrap();
        relay.open();
        follows(&first, "second").await;
        referee.ends();
    }
}

#[tokio::test]
async fn a_leader_that_was_not_replaced_leads_again_after_an_outage() {
    let cluster = election("outage-of-leader").await;
    let relay = cluster.relay().await;
    let first = stand(&cluster.controller_through(&relay).await, "first", SHORT);
    leads(&first).await;
    let permit = first.permit();
    relay.cut().await;
    eventually("its time ends", || (!permit.may_write_for(NOW)).then_some(())).await;
    follows(&first, "first").await;
    assert!(!permit.is_of_the_past(), "nobody leads yet");
    relay.open();
    leads(&first).await;
    eventually("it may write", || first.permit().may_write_for(NOW).then_some(())).await;
    assert!(permit.is_of_the_past());
    assert!(!permit.may_write_for(NOW), "what was planned before the outage may be out of date");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_replicas_never_write_at_once_while_leaders_change() {
    let cluster = election("come-and-go").await;
    let client = cluster.controller().await;
    let mut candidates: Vec<Leadership> =
        (0..3).map(|number| stand(&client, &format!("candidate-{number}"), SHORT)).collect();
    for round in 3..6 {
        let referee = Referee::of(candidates.iter().map(Leadership::permit).collect());
        let leader = eventually("one leads", || {
            candidates.iter().position(|candidate| candidate.permit().may_write_for(NOW))
        })
        .await;
        // At some time between two renewals.
        sleep(SHORT.retry * round / 7).await;
        let dead = candidates.swap_remove(leader).permit();
        eventually("another one leads", || {
            candidates.iter().position(|candidate| candidate.permit().may_write_for(NOW))
        })
        .await;
        assert!(!dead.may_write_for(NOW));
        referee.ends();
        candidates.push(stand(&client, &format!("candidate-{round}"), SHORT));
    }
}
