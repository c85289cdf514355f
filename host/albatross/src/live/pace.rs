//! How long is waited between two passes when nothing wakes the loop.

use std::time::Duration;

/// The shortest pause: what a pass has written shows up in the watches meanwhile.
const SHORTEST: Duration = Duration::from_secs(1);
/// How soon is looked again while AWS is not done with something: a load balancer takes two to three minutes, targets
/// pass their first checks within one.
const LOOK: Duration = Duration::from_secs(10);
/// How soon is tried again after a pass without a plan.
const RETRY: Duration = Duration::from_secs(5);

/// What came of a pass, as far as the next one depends on it. What is named first goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Came {
    /// No plan.
    Nothing,
    /// Something failed or was not tried.
    Trouble,
    /// Something was written.
    Change,
    /// Nothing was written, and AWS is not done with what was.
    Waiting,
    /// Nothing is left to do.
    Rest,
}

/// Pauses that double while the same comes of pass after pass: a change that never converges, an error that stays or
/// two controllers at odds must not call AWS every second for ever. What changes in the cluster ends a pause at once.
pub struct Pace {
    interval: Duration,
    last: Came,
    times: u32,
}

impl Pace {
    /// Of a controller that looks at AWS this often when nothing has changed.
    pub fn new(interval: Duration) -> Pace {
        Pace { interval, last: Came::Rest, times: 0 }
    }

    /// The pause after a pass. `until_next_change` is when the plan itself expects to differ.
    pub fn after(&mut self, came: Came, until_next_change: Option<Duration>) -> Duration {
        self.times = if came == self.last { self.times.saturating_add(1) } else { 0 };
        self.last = came;
        let first = match came {
            Came::Nothing => RETRY,
            Came::Trouble => LOOK,
            Came::Change => SHORTEST,
            // It takes as long as it takes, and looking is cheap.
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
    fn what_never_converges_is_slowed_down_to_the_interval() {
        assert_eq!(pauses([(Came::Change, None); 8]), [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(pauses([(Came::Trouble, None); 4]), [10, 20, 40, 60]);
        assert_eq!(pauses([(Came::Nothing, None); 5]), [5, 10, 20, 40, 60]);
    }

    #[test]
    fn a_change_after_a_rest_goes_on_at_once() {
        let passes = [(Came::Change, None), (Came::Change, None), (Came::Rest, None), (Came::Change, None)];
        assert_eq!(pauses(passes), [1, 2, 60, 1]);
    }

    #[test]
    fn aws_is_looked_at_every_ten_seconds_until_it_is_done() {
        assert_eq!(pauses([(Came::Waiting, None); 3]), [10, 10, 10]);
    }

    #[test]
    fn a_pause_ends_when_the_plan_expects_to_differ_but_there_is_always_one() {
        assert_eq!(
            pauses([(Came::Rest, Some(7)), (Came::Waiting, Some(3)), (Came::Rest, Some(0))]),
            [7, 3, 1]
        );
    }
}
