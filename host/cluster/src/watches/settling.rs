//! Changes that come together make one pass.

use std::time::Duration;

use tokio::{
    sync::watch,
    time::{Instant, timeout_at},
};

/// A pass begins when nothing has changed for this long: a rollout or `kubectl apply` of a folder is one change.
pub(crate) const QUIET: Duration = Duration::from_secs(1);

/// It begins this long after the first change, however much still changes: a busy cluster is never quiet.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// Waits for a revision after `seen`, and then until changes pause. Dropping the wait loses nothing.
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

/// When a pass begins if nothing changes any more.
fn settles_at(first: Instant, last: Instant) -> Instant {
    (last + QUIET).min(first + LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The seconds until a pass begins, when something changes at each of these seconds.
    fn begins_at(changes: &[f32]) -> f32 {
        let start = Instant::now();
        let at = |seconds: f32| start + Duration::from_secs_f32(seconds);
        let first = at(changes[0]);
        let mut last = first;
        for change in changes {
            if at(*change) >= settles_at(first, last) {
                break;
            }
            last = at(*change);
        }
        (settles_at(first, last) - start).as_secs_f32()
    }

    #[test]
    fn one_change_waits_for_the_quiet_time() {
        assert_eq!(begins_at(&[5.0]), 6.0);
    }

    #[test]
    fn a_burst_is_one_pass_after_its_last_change() {
        assert_eq!(begins_at(&[0.0, 0.5, 1.25, 2.0, 9.0]), 3.0);
    }

    #[test]
    fn without_a_pause_it_begins_after_the_longest_wait() {
        let changes: Vec<f32> = (0_u8..100).map(|change| 1.0 + f32::from(change) / 4.0).collect();
        assert_eq!(begins_at(&changes), 11.0);
    }

    #[tokio::test]
    async fn what_changed_during_the_last_pass_is_not_lost_and_nothing_is_announced_twice() {
        let (sender, receiver) = watch::channel(7);
        let start = Instant::now();
        settled(receiver.clone(), 6).await;
        assert!(start.elapsed() >= QUIET);
        let again = tokio::time::timeout(2 * QUIET, settled(receiver, 7)).await;
        assert!(again.is_err(), "nothing has changed since revision 7");
        drop(sender);
    }
}
