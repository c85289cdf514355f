//! Answers to writes that the watches take over, and a watch that panics.

use std::sync::atomic::{AtomicBool, Ordering};

use kube::Config;
use serde_json::json;
use tokio::time::sleep;

use super::*;

#[test]
fn the_answer_to_a_write_does_not_bring_back_an_ingress_that_the_watch_has_deleted() {
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

/// The Ingresses, except that the first access panics.
fn ingresses_with_a_defect(state: &State) -> &Mutex<Kept<Ingress>> {
    static DEFECT: AtomicBool = AtomicBool::new(true);
    assert!(!DEFECT.swap(false, Ordering::Relaxed), "a defect");
    &state.ingresses
}

/// What is wrong with the watch of the Ingresses.
fn failing(state: &State) -> Option<String> {
    state.ingresses().failing().map(|failing| failing.message.clone())
}

/// Waits until the watch of the Ingresses fails for a reason like this.
async fn until_it_fails(state: &State, reason: &str) {
    while !failing(state).is_some_and(|message| message.contains(reason)) {
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_watch_that_panics_is_reported_and_restarted() {
    let state = Arc::new(State::default());
    state.ingresses().end_list(Instant::now());
    let mut tasks = JoinSet::new();
    tasks.spawn(keep_following(client_of_nobody(), Arc::clone(&state), ingresses_with_a_defect));

    let defect = "its task has panicked (a defect), which is a defect in Albatross: please report it; the watch is restarted";
    until_it_fails(&state, defect).await;
    let incomplete = state.ingresses().incomplete(Instant::now() + Failing::STALE_AFTER).unwrap();
    assert_eq!(incomplete.reason, format!("the Ingress watch fails: {defect}"));

    until_it_fails(&state, "watch ingresses").await; // It asks again: nobody answers there.
}
