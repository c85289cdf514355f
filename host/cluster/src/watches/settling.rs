//! Changes in quick succession are batched into one pass.

use std::time::Duration;

use tokio::{
    sync::watch,
    time::{Instant, timeout_at},
};

/// A pass begins when nothing has changed for this long: a rollout or `kubectl apply` of a folder is one change.
pub(crate) const QUIET: Duration = Duration::from_secs(1);

/// A pass begins at the latest this long after the first change: a busy cluster is never quiet.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// Waits for a revision after `seen`, and then until changes pause. The future can be dropped without losing changes.
pub(crate) async fn settled(mut revisions: watch::Receiver<u64>, seen: u64) {
    // Without a sender nothing will ever change again.
    if revisions.wait_for(|revision| *revision > seen).await.is_err() {
        return std::future::pending().await;
    }
    let first = Instant::now();
    let mut last = first;
    while last < settles_at(first, last)
        && matches!(timeout_at(settles_at(first, last), revisions.changed()).await, Ok(Ok(())))
    {
        last = Instant::now();
    }
}

/// When a pass begins if there is no further change.
fn settles_at(first: Instant, last: Instant) -> Instant {
    (last + QUIET).min(first + LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use std::{future::pending, iter::repeat};

    use tokio::{
        select,
        time::{sleep, timeout},
    };

    use super::*;

    /// How long it takes until a pass begins, when a change comes after each of these pauses. In real time.
    ///
    /// # Panics
    /// It has not begun when the limit is over.
    async fn begins_after(pauses: impl IntoIterator<Item = Duration>, limit: Duration) -> Duration {
        let (sender, receiver) = watch::channel(0);
        let changes = async {
            for pause in pauses {
                sleep(pause).await;
                sender.send_modify(|revision| *revision += 1);
            }
            pending().await
        };
        let start = Instant::now();
        select! {
            biased; // a machine that stalls for a second has made no pause
            never = changes => never,
            () = settled(receiver, 0) => start.elapsed(),
            () = awake_for(limit) => panic!("no pass has begun within {limit:?}"),
        }
    }

    /// Waits in short steps, so that a stall of the machine counts as one of them.
    async fn awake_for(time: Duration) {
        const STEPS: u32 = 100;
        for _ in 0..STEPS {
            sleep(time / STEPS).await;
        }
    }

    #[tokio::test]
    async fn one_change_waits_for_the_quiet_time() {
        let begins = begins_after([QUIET / 2], LONGEST_WAIT / 2).await;
        assert!(begins >= QUIET / 2 + QUIET, "{begins:?}");
    }

    #[tokio::test]
    async fn a_burst_is_one_pass_after_its_last_change() {
        let begins = begins_after([QUIET * 3 / 4; 4], LONGEST_WAIT / 2).await;
        assert!(begins >= QUIET * 4, "{begins:?}");
    }

    #[tokio::test]
    async fn without_a_pause_it_begins_after_the_longest_wait() {
        // A busy cluster is never quiet, and a pass begins nevertheless.
        let begins = begins_after(repeat(QUIET / 4), 2 * LONGEST_WAIT).await;
        assert!(begins >= LONGEST_WAIT, "{begins:?}");
    }

    #[tokio::test]
    async fn a_change_during_the_last_pass_is_not_lost_and_no_change_is_reported_twice() {
        let (sender, receiver) = watch::channel(7);
        let start = Instant::now();
        settled(receiver.clone(), 6).await;
        assert!(start.elapsed() >= QUIET);
        let again = timeout(2 * QUIET, settled(receiver, 7)).await;
        assert!(again.is_err(), "nothing has changed since revision 7");
        drop(sender);
    }
}
