//! Changes in quick succession are batched into one pass. Urgent changes wait less.

use std::time::Duration;

use tokio::{
    sync::watch,
    time::{Instant, timeout_at},
};

/// A pass begins when nothing has changed for this long: a rollout or `kubectl apply` of a folder is one change.
pub(crate) const QUIET: Duration = Duration::from_secs(1);

/// A pass begins at the latest this long after the first change: a busy cluster is never quiet.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// The same, if one of the changes is urgent: a rollout changes several pods and endpoints at a time.
const URGENT_QUIET: Duration = Duration::from_millis(100);

/// The longest wait if one of the changes is urgent.
const LONGEST_URGENT_WAIT: Duration = Duration::from_millis(500);

/// How many relevant changes there were.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Revision {
    /// All of them.
    pub(crate) number: u64,
    /// The number of the last urgent one.
    urgent: u64,
}

impl Revision {
    /// One more change.
    pub(crate) fn advance(&mut self, is_urgent: bool) {
        self.number += 1;
        if is_urgent {
            self.urgent = self.number;
        }
    }
}

/// Waits for a revision after `seen`, and then until changes pause. The future can be dropped without losing changes.
pub(crate) async fn settled(mut revisions: watch::Receiver<Revision>, seen: u64) {
    // Without a sender nothing will ever change again.
    if revisions.wait_for(|revision| revision.number > seen).await.is_err() {
        return std::future::pending().await;
    }
    let first = Instant::now();
    let mut last = first;
    loop {
        let is_urgent = revisions.borrow_and_update().urgent > seen;
        let at = settles_at(first, last, is_urgent);
        if last >= at || !matches!(timeout_at(at, revisions.changed()).await, Ok(Ok(()))) {
            return;
        }
        last = Instant::now();
    }
}

/// When a pass begins if there is no further change.
fn settles_at(first: Instant, last: Instant, is_urgent: bool) -> Instant {
    match is_urgent {
        true => (last + URGENT_QUIET).min(first + LONGEST_URGENT_WAIT),
        false => (last + QUIET).min(first + LONGEST_WAIT),
    }
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
        let (sender, receiver) = watch::channel(Revision::default());
        let changes = async {
            for pause in pauses {
                sleep(pause).await;
                sender.send_modify(|revision| revision.advance(false));
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
        let (sender, receiver) = watch::channel(Revision { number: 7, urgent: 0 });
        let start = Instant::now();
        settled(receiver.clone(), 6).await;
        assert!(start.elapsed() >= QUIET);
        let again = timeout(2 * QUIET, settled(receiver, 7)).await;
        assert!(again.is_err(), "nothing has changed since revision 7");
        drop(sender);
    }

    #[tokio::test]
    async fn an_urgent_change_does_not_wait_for_others() {
        let (sender, receiver) = watch::channel(Revision::default());
        sender.send_modify(|revision| revision.advance(false));
        let changes = async {
            sleep(QUIET / 4).await;
            sender.send_modify(|revision| revision.advance(true));
            loop {
                sleep(QUIET / 4).await;
                sender.send_modify(|revision| revision.advance(false));
            }
        };
        let start = Instant::now();
        select! {
            never = changes => never,
            () = settled(receiver.clone(), 0) => assert!(start.elapsed() < QUIET, "{:?}", start.elapsed()),
        }
        let again = timeout(QUIET / 2, settled(receiver, 2)).await;
        assert!(again.is_err(), "the urgent change is in the last pass, and nothing urgent came after it");
    }
}
