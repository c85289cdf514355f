//! What the watches share with what writes, and what becomes of one that does not go on.

use std::sync::atomic::{AtomicBool, Ordering};

use kube::Config;
use serde_json::json;

use super::*;

#[test]
fn the_answer_to_a_write_does_not_bring_an_ingress_back_that_the_watch_does_not_know() {
    let state = State::default();
    let answer = json!({ "metadata": {
        "namespace": "shop", "name": "checkout", "uid": "7a0c", "resourceVersion": "100",
    } });
    state.learn(serde_json::from_value(answer).unwrap());
    assert_eq!(state.ingresses().all(), []);
    assert_eq!(*state.revision.borrow(), 0, "no pass begins");
}

/// A client of an address where nothing listens: every request fails at once.
fn client_of_nobody() -> Client {
    Client::try_from(Config::new("http://127.0.0.1:1".parse().unwrap())).unwrap()
}

/// The Ingresses, except that who asks first panics.
fn ingresses_with_a_defect(state: &State) -> &Mutex<Kept<Ingress>> {
    static DEFECT: AtomicBool = AtomicBool::new(true);
    assert!(!DEFECT.swap(false, Ordering::Relaxed), "a defect");
    &state.ingresses
}

#[tokio::test]
async fn a_watch_whose_task_panics_makes_the_view_incomplete_after_a_minute() {
    let state = Arc::new(State::default());
    state.ingresses().end_list(Instant::now());
    let watch = tokio::spawn(follow(client_of_nobody(), Arc::clone(&state), ingresses_with_a_defect));
    assert!(watch.await.unwrap_err().is_panic());

    let ingresses = state.ingresses();
    assert_eq!(ingresses.incomplete(Instant::now()), None);
    let incomplete = ingresses.incomplete(Instant::now() + Failing::STALE_AFTER).unwrap();
    assert_eq!(
        incomplete.reason,
        "the Ingress watch fails: its task has ended, which is a defect of Albatross: restart it"
    );
}
