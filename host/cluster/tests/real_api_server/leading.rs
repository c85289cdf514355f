//! One writer at a time.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use albatross_cluster::{Candidate, Client, Leadership, Permit, Standing, Timing};
use k8s_openapi::api::coordination::v1::Lease;
use kube::{Api, api::DeleteParams};
use tokio::{
    task::JoinHandle,
    time::{Duration, Instant, sleep},
};

use crate::support::{Cluster, eventually, soon};

/// Short, so that the tests are.
const TIMING: Timing = Timing { duration: Duration::from_secs(4), retry: Duration::from_millis(500) };

const NOW: Duration = Duration::ZERO;

fn candidate(identity: &str) -> Candidate {
    Candidate {
        namespace: "kube-system".to_owned(),
        lease: "albatross".to_owned(),
        identity: identity.to_owned(),
    }
}

fn stand(client: &Client, identity: &str) -> Leadership {
    Leadership::start(client, candidate(identity), TIMING)
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

/// An election of its own.
async fn election(namespace: &str) -> Cluster {
    let cluster = Cluster::for_election(namespace).await;
    let leases = leases(&cluster.administrator);
    if leases.get_opt("albatross").await.unwrap().is_some() {
        leases.delete("albatross", &DeleteParams::default()).await.unwrap();
    }
    cluster
}

/// Looks all the time whether more than one may write.
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
                if permits.iter().filter(|permit| permit.of_this_term().may_write_for(NOW)).count() > 1 {
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
async fn the_first_leads_and_the_second_follows_and_knows_whom() {
    let cluster = election("lead-and-follow").await;
    let client = cluster.controller().await;
    let first = stand(&client, "first");
    leads(&first).await;
    let second = stand(&client, "second");
    follows(&second, "first").await;
    assert!(first.permit().may_write_for(Duration::from_secs(2)));
    assert!(!first.permit().may_write_for(TIMING.duration), "longer than the Lease lasts");
    assert!(!second.permit().may_write_for(NOW));

    // Longer than the Lease: it is renewed.
    sleep(TIMING.duration + Duration::from_secs(1)).await;
    assert!(first.permit().may_write_for(Duration::from_secs(1)));
    let spec = leases(&cluster.administrator).get("albatross").await.unwrap().spec.unwrap();
    assert_eq!(spec.holder_identity.as_deref(), Some("first"));
    assert_eq!(spec.lease_duration_seconds, Some(4));
    assert_eq!(spec.lease_transitions, Some(1));
}

#[tokio::test]
async fn a_leader_that_dies_is_followed_when_its_lease_has_ended() {
    let cluster = election("dead-leader").await;
    let client = cluster.controller().await;
    let first = stand(&client, "first");
    leads(&first).await;
    let second = stand(&client, "second");
    follows(&second, "first").await;
    let referee = Referee::of(vec![first.permit(), second.permit()]);

    drop(first);
    let died = Instant::now();
    leads(&second).await;
    let after = died.elapsed();
    assert!(after >= TIMING.duration - 2 * TIMING.retry, "{after:?}: the dead one could still be writing");
    assert!(after < 2 * TIMING.duration + Duration::from_secs(5), "{after:?}");
    referee.ends();
}

#[tokio::test]
async fn a_leader_that_stands_down_is_followed_at_once() {
    let cluster = election("stand-down").await;
    let client = cluster.controller().await;
    let first = stand(&client, "first");
    leads(&first).await;
    let second = stand(&client, "second");
    follows(&second, "first").await;
    let referee = Referee::of(vec![first.permit(), second.permit()]);

    let begin = Instant::now();
    soon("the Lease is released", first.release()).await;
    assert!(!first.permit().may_write_for(NOW));
    leads(&second).await;
    assert!(begin.elapsed() < TIMING.duration, "{:?}", begin.elapsed());
    referee.ends();
}

#[tokio::test]
async fn a_leader_that_cannot_reach_the_api_server_stops_writing_before_another_begins() {
    for silent in [false, true] {
        let cluster = election(if silent { "silent-leader" } else { "cut-leader" }).await;
        let relay = cluster.relay().await;
        let first = stand(&cluster.controller_through(&relay).await, "first");
        leads(&first).await;
        let second = stand(&cluster.controller().await, "second");
        follows(&second, "first").await;
        let referee = Referee::of(vec![first.permit(), second.permit()]);

        if silent {
            relay.fall_silent().await;
        } else {
            relay.cut().await;
        }
        leads(&second).await;
        assert!(!first.permit().may_write_for(NOW));
        assert!(matches!(*first.standing().borrow(), Standing::Following { .. }));
        relay.open();
        follows(&first, "second").await;
        referee.ends();
    }
}

#[tokio::test]
async fn a_leader_whom_nobody_replaced_leads_again_after_an_outage() {
    let cluster = election("outage-of-leader").await;
    let relay = cluster.relay().await;
    let first = stand(&cluster.controller_through(&relay).await, "first");
    leads(&first).await;
    let permit = first.permit();
    relay.cut().await;
    eventually("its time ends", || (!permit.may_write_for(NOW)).then_some(())).await;
    follows(&first, "first").await;
    assert!(!permit.is_of_the_past(), "nobody leads yet");
    relay.open();
    leads(&first).await;
    assert!(first.permit().may_write_for(NOW));
    assert!(permit.is_of_the_past());
    assert!(!permit.may_write_for(NOW), "what was planned before the outage may be out of date");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn never_two_write_while_leaders_come_and_go() {
    let cluster = election("come-and-go").await;
    let client = cluster.controller().await;
    let mut candidates: Vec<Leadership> =
        (0..3).map(|number| stand(&client, &format!("candidate-{number}"))).collect();
    for round in 3..6 {
        let referee = Referee::of(candidates.iter().map(Leadership::permit).collect());
        let leader = eventually("one leads", || {
            candidates.iter().position(|candidate| candidate.permit().may_write_for(NOW))
        })
        .await;
        // Somewhere between two renewals.
        sleep(TIMING.retry * round / 7).await;
        let dead = candidates.swap_remove(leader).permit();
        eventually("another one leads", || {
            candidates.iter().position(|candidate| candidate.permit().may_write_for(NOW))
        })
        .await;
        assert!(!dead.may_write_for(NOW));
        referee.ends();
        candidates.push(stand(&client, &format!("candidate-{round}")));
    }
}
