//! Rounds of observations: the observations of a round share what they read, however many changes of the cluster cause
//! them.

use std::time::Duration;

use albatross_contract::Timestamp;

/// The time by which caches are filled and judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) at: Timestamp,
    /// Whether everything that is known is good enough, however old: the observation is made for a change of the cluster, which
    /// must not wait.
    pub(crate) is_quick: bool,
}

/// The current round, and the time by which caches are filled and judged. That time stands still during an observation:
/// otherwise a slow observation would let more values become stale, and the next one would be even slower.
#[derive(Debug, Default)]
pub(crate) struct Round {
    /// Seconds that a round lasts. 0: each observation is a round.
    pub(crate) length: u64,
    began: Timestamp,
    /// Seconds that observations have taken.
    observing: u64,
}

/// The time of an observation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Times {
    pub(crate) now: Timestamp,
    /// The beginning of the round, in the time of the caches.
    pub(crate) round: Moment,
    pub(crate) begins_round: bool,
}

impl Round {
    /// A quick observation begins. It begins no round.
    pub(crate) fn quick(&self, now: Timestamp) -> Times {
        Times { now, round: Moment { at: self.began, is_quick: true }, begins_round: false }
    }

    /// An observation begins.
    pub(crate) fn at(&mut self, now: Timestamp) -> Times {
        let time = now.saturating_sub(self.observing);
        // The clock may have been set back.
        let begins_round = time < self.began || time - self.began >= self.length;
        if begins_round {
            self.began = time;
        }
        Times { now, round: Moment { at: self.began, is_quick: false }, begins_round }
    }

    /// An observation has taken this long.
    pub(crate) fn took(&mut self, observing: Duration) {
        if self.length > 0 {
            self.observing += observing.as_secs();
        }
    }

    /// The next observation begins a round.
    pub(crate) fn forget(&mut self) {
        self.began = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(now: Timestamp, round: Timestamp, begins_round: bool) -> Times {
        Times { now, round: Moment { at: round, is_quick: false }, begins_round }
    }

    #[test]
    fn observations_belong_to_a_round_until_its_length_is_over() {
        let mut round = Round { length: 60, ..Round::default() };
        let mut at = |now| {
            let times = round.at(now);
            (times.round.at, times.begins_round)
        };
        assert_eq!([1_000, 1_001, 1_059].map(&mut at), [(1_000, true), (1_000, false), (1_000, false)]);
        assert_eq!([1_060, 1_119].map(&mut at), [(1_060, true), (1_060, false)]);
        assert_eq!(at(500), (500, true), "the clock was set back");
        assert_eq!(round.quick(600).round, Moment { at: 500, is_quick: true }, "it begins no round");
        round.forget();
        assert_eq!(round.at(510), times(510, 510, true));
    }

    #[test]
    fn the_time_of_the_caches_stands_still_during_an_observation() {
        let mut round = Round { length: 60, ..Round::default() };
        round.at(1_000);
        round.took(Duration::from_secs(200));
        assert_eq!(round.at(1_259), times(1_259, 1_000, false));
        assert_eq!(round.at(1_260), times(1_260, 1_060, true));
    }

    #[test]
    fn without_a_length_every_observation_is_a_round() {
        let mut round = Round::default();
        assert_eq!([1_000, 1_000, 1_001].map(|now| round.at(now).begins_round), [true; 3]);
    }
}
