//! The pause between two passes when nothing wakes the loop.

use std::time::Duration;

/// The shortest pause: meanwhile, the watches receive what the pass has written.
const SHORTEST: Duration = Duration::from_secs(1);
/// The pause while AWS has not finished something: a load balancer takes two to three minutes, targets pass their first
/// health checks within one minute.
const LOOK: Duration = Duration::from_secs(10);
/// The first pause after a pass without a plan.
const RETRY: Duration = Duration::from_secs(5);

/// The result of a pass, as far as the pause depends on it. The first that applies counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Came {
    /// No plan.
    Nothing,
    /// Something of AWS is left to be read.
    Behind,
    /// Something failed or was not tried.
    Trouble,
    /// Something was written.
    Change,
    /// Nothing was written, and AWS has not finished earlier changes.
    Waiting,
    /// Nothing is left to do.
    Rest,
}

/// Pauses that double while each pass has the same result: a change that never converges, a permanent error, or two
/// controllers at odds must not cause calls to AWS every second. A change in the cluster ends a pause at once.
pub struct Pace {
    interval: Duration,
    last: Came,
    times: u32,
}

impl Pace {
    /// `interval`: how often the controller observes AWS when nothing has changed.
    pub fn new(interval: Duration) -> Pace {
        Pace { interval, last: Came::Rest, times: 0 }
    }

    /// The pause after a pass. `until_next_change` is the time until the plan would change by itself.
    pub fn after(&mut self, came: Came, until_next_change: Option<Duration>) -> Duration {
        self.times = if came == self.last { self.times.saturating_add(1) } else { 0 };
        self.last = came;
        let first = match came {
            Came::Nothing => RETRY,
            Came::Trouble => LOOK,
            Came::Change => SHORTEST,
            // The rate budget sets the pace.
            Came::Behind => return SHORTEST,
            // This pause does not double: observing is cheap, and the change should be seen soon.
            Came::Waiting => return LOOK.min(self.longest(until_next_change)),
            Came::Rest => self.interval,
        };
        first.saturating_mul(2_u32.saturating_pow(self.times)).min(self.longest(until_next_change))
    }

    fn longest(&self, until_next_change: Option<Duration>) -> Duration {
        until_next_change.map_or(self.interval, |until| until.min(self.interval)).max(SHORTEST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pauses<const N: usize>(passes: [(Came, Option<u64>); N]) -> [u64; N] {
        let mut pace = Pace::new(Duration::from_secs(60));
        passes.map(|(came, until)| pace.after(came, until.map(Duration::from_secs)).as_secs())
    }

    #[test]
    fn passes_that_never_converge_slow_down_to_the_interval() {
        assert_eq!(pauses([(Came::Change, None); 8]), [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(pauses([(Came::Trouble, None); 4]), [10, 20, 40, 60]);
        assert_eq!(pauses([(Came::Nothing, None); 5]), [5, 10, 20, 40, 60]);
    }

    #[test]
    fn a_pass_that_changes_something_is_followed_by_another_at_once() {
        let passes = [(Came::Change, None), (Came::Change, None), (Came::Rest, None), (Came::Change, None)];
        assert_eq!(pauses(passes), [1, 2, 60, 1]);
    }

    #[test]
    fn aws_is_observed_every_ten_seconds_until_it_has_finished() {
        assert_eq!(pauses([(Came::Waiting, None); 3]), [10, 10, 10]);
    }

    #[test]
    fn what_is_left_to_be_read_is_read_without_a_pause() {
        let passes = [(Came::Behind, None), (Came::Behind, None), (Came::Rest, None)];
        assert_eq!(pauses(passes), [1, 1, 60]);
    }

    #[test]
    fn a_pause_ends_when_the_plan_would_change_but_is_never_shorter_than_a_second() {
        assert_eq!(
            pauses([(Came::Rest, Some(7)), (Came::Waiting, Some(3)), (Came::Rest, Some(0))]),
            [7, 3, 1]
        );
    }
}
