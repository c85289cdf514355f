//! Back-off for errors that do not pass: a failed action is retried after 1, 2 and 5 minutes, then every 10 minutes, and at
//! once when an object that it names has changed.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

const WAITS: [Duration; 4] =
    [Duration::from_secs(60), Duration::from_secs(120), Duration::from_secs(300), Duration::from_secs(600)];

/// The last failure of each action, by the content of the action.
#[derive(Debug, Default)]
pub(super) struct Patience {
    failures: BTreeMap<String, Failure>,
}

#[derive(Debug)]
struct Failure {
    error: String,
    /// Hash of the objects that the action names, as of that failure.
    objects: u64,
    times: usize,
    again_at: Instant,
}

impl Patience {
    /// The error of the last attempt and the time until the next attempt, if it is too early for that.
    pub(super) fn kept(
        &self,
        content: &str,
        objects: impl FnOnce() -> u64,
        now: Instant,
    ) -> Option<(String, Duration)> {
        let failure = self.failures.get(content)?;
        if now >= failure.again_at || objects() != failure.objects {
            return None;
        }
        Some((failure.error.clone(), failure.again_at.saturating_duration_since(now)))
    }

    /// Records a failure with an error that does not pass.
    pub(super) fn keep(&mut self, content: String, objects: u64, error: String, now: Instant) {
        // An action that no plan has contained for a while is no longer wanted.
        self.failures.retain(|_, failure| now < failure.again_at + WAITS[WAITS.len() - 1]);
        let times = self.failures.get(&content).map_or(0, |failure| failure.times + 1);
        let wait = WAITS[times.min(WAITS.len() - 1)];
        self.failures.insert(content, Failure { error, objects, times, again_at: now + wait });
    }

    /// The action succeeded, or failed with an error that passes.
    pub(super) fn forget(&mut self, content: &str) {
        self.failures.remove(content);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_action_is_retried_after_1_2_5_and_then_every_10_minutes() {
        let start = Instant::now();
        let mut patience = Patience::default();
        let mut now = start;
        for minutes in [1, 2, 5, 10, 10] {
            patience.keep("create".into(), 0, "InvalidSecurityGroup".into(), now);
            let wait = Duration::from_secs(minutes * 60);
            assert_eq!(patience.kept("create", || 0, now), Some(("InvalidSecurityGroup".into(), wait)));
            assert_eq!(patience.kept("other", || 0, now), None);
            now += wait;
            assert_eq!(patience.kept("create", || 0, now), None, "after {minutes} minutes");
        }
    }

    #[test]
    fn a_failed_action_is_retried_at_once_when_an_object_that_it_names_changed() {
        let now = Instant::now();
        let mut patience = Patience::default();
        patience.keep("create".into(), 1, "InvalidSecurityGroup".into(), now);
        assert!(patience.kept("create", || 1, now).is_some());
        assert_eq!(patience.kept("create", || 2, now), None);
    }

    #[test]
    fn a_success_clears_the_failure() {
        let now = Instant::now();
        let mut patience = Patience::default();
        patience.keep("create".into(), 0, "x".into(), now);
        patience.forget("create");
        assert_eq!(patience.kept("create", || 0, now), None);
    }
}
