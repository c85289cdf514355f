//! The leaders over time, from the writes to the Lease.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use albatross_cluster::Client;
use albatross_test_servers::Call;
use k8s_openapi::api::coordination::v1::Lease;
use kube::runtime::wait::await_condition;
use tokio::{task::JoinSet, time::sleep};

use super::objects::{lease_times, leases};

/// The time of a leader after a renewal, a tenth less than the 30 s of the Lease. Every attempt of a write ends within it.
const AFTER_RENEWAL: Duration = Duration::from_secs(27);

/// Records every write of the Lease.
pub struct History {
    written: Arc<Mutex<Vec<Lease>>>,
    _watch: JoinSet<()>,
}

/// The time in which one replica led.
#[derive(Clone, Debug)]
pub struct Term {
    /// The name of the replica.
    pub leader: String,
    /// How often the leader had changed, as counted in the Lease.
    pub transitions: i32,
    pub acquired: SystemTime,
    /// When the Lease was renewed; the first time is when it was acquired.
    pub renewed: Vec<SystemTime>,
    /// When the Lease was released.
    pub released: Option<SystemTime>,
}

impl History {
    pub fn record(administrator: &Client) -> History {
        let written: Arc<Mutex<Vec<Lease>>> = Arc::default();
        let (seen, leases) = (Arc::clone(&written), leases(administrator));
        let mut watch = JoinSet::new();
        watch.spawn(async move {
            // A condition that never holds is shown every version.
            let see = |lease: Option<&Lease>| {
                seen.lock().unwrap().extend(lease.cloned());
                false
            };
            while let Err(error) = await_condition(leases.clone(), "albatross", see).await {
                eprintln!("the Lease is watched again: {error}");
                sleep(Duration::from_millis(100)).await;
            }
        });
        History { written, _watch: watch }
    }

    /// All terms so far. The last one may not be over.
    pub fn terms(&self) -> Vec<Term> {
        let mut terms: Vec<Term> = Vec::new();
        for lease in self.written.lock().unwrap().iter() {
            let spec = lease.spec.as_ref().unwrap();
            let (acquired, renewed) = lease_times(lease);
            match (&spec.holder_identity, terms.last_mut()) {
                (None, Some(last)) => last.released = Some(renewed),
                (None, None) => panic!("the Lease begins without a holder"),
                (Some(_), Some(last)) if last.acquired == acquired => last.renewed.push(renewed),
                (Some(identity), _) => terms.push(Term {
                    leader: identity.rsplit_once('_').unwrap().0.to_owned(),
                    transitions: spec.lease_transitions.unwrap(),
                    acquired,
                    renewed: vec![renewed],
                    released: None,
                }),
            }
        }
        terms
    }
}

/// Checks that every write is within a term of its author, and no later than the last renewal allows. Returns the number
/// of writes in each term.
pub fn one_writer_at_a_time(terms: &[Term], calls: &[Call]) -> Vec<usize> {
    for pair in terms.windows(2) {
        assert_eq!(pair[0].transitions + 1, pair[1].transitions, "no term was missed: {terms:#?}");
        assert!(pair[0].acquired < pair[1].acquired, "{terms:#?}");
    }
    let mut writes = vec![0; terms.len()];
    for call in calls.iter().filter(|call| call.is_write()) {
        let index = terms.iter().rposition(|term| term.acquired <= call.at);
        let index = index.unwrap_or_else(|| panic!("before anybody led: {call:?}, {terms:#?}"));
        let term = &terms[index];
        assert_eq!(call.author.as_ref(), Some(&term.leader), "in the term of another: {call:?}, {terms:#?}");
        assert!(term.released.is_none_or(|at| call.at <= at), "after it gave up: {call:?}, {term:#?}");
        let renewed = term.renewed.iter().rfind(|renewed| **renewed <= call.at).unwrap();
        let after = call.at.duration_since(*renewed).unwrap();
        assert!(after < AFTER_RENEWAL, "{after:?} after a renewal: {call:?}, {term:#?}");
        writes[index] += 1;
    }
    writes
}

/// The check itself must be able to fail.
mod judge {
    use super::*;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn term(leader: &str, transitions: i32, acquired: u64, renewed: &[u64], released: Option<u64>) -> Term {
        Term {
            leader: leader.to_owned(),
            transitions,
            acquired: at(acquired),
            renewed: renewed.iter().map(|seconds| at(*seconds)).collect(),
            released: released.map(at),
        }
    }

    /// The first Lease is released at 120 s, the second expires.
    fn judge(author: &str, seconds: u64) -> Vec<usize> {
        let terms = [
            term("first", 1, 100, &[100, 110], Some(120)),
            term("second", 2, 125, &[125, 130], None),
            term("third", 3, 160, &[160], None),
        ];
        let call = Call {
            at: at(seconds),
            author: Some(author.to_owned()),
            method: "POST".to_owned(),
            service: "elasticloadbalancing".to_owned(),
            action: "CreateListener".to_owned(),
            status: None,
        };
        one_writer_at_a_time(&terms, &[call])
    }

    #[test]
    fn a_write_counts_for_the_term_in_which_it_was_made() {
        assert_eq!(judge("first", 115), [1, 0, 0]);
        assert_eq!(judge("third", 161), [0, 0, 1]);
    }

    #[test]
    #[should_panic(expected = "in the term of another")]
    fn a_write_after_another_replica_took_over_is_found() {
        judge("second", 161);
    }

    #[test]
    #[should_panic(expected = "after it gave up")]
    fn a_write_after_the_lease_was_released_is_found() {
        judge("first", 121);
    }

    #[test]
    #[should_panic(expected = "after a renewal")]
    fn a_write_that_may_end_after_the_lease_is_found() {
        judge("second", 158);
    }
}
