//! Whether the cluster has a kind, as far as the API server has said so.

use std::time::Duration;

use tokio::time::Instant;

use super::health::Failing;

/// How often the API server must have said that it lacks a kind before that counts.
const ANSWERS: u32 = 3;

/// Two answers with more time between them do not belong together: the API server may have started meanwhile, and know less
/// than before. Two requests without an answer, with the pauses around them, take less time.
const LONGEST_SILENCE: Duration = Duration::from_secs(120);

/// What the API server has said about a kind.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Presence {
    /// It has not said that it lacks the kind, or has said since that it has the kind.
    #[default]
    Presumed,
    /// Whenever it has answered since then, it has said that it lacks the kind.
    Denied {
        /// When it said so first.
        since: Instant,
        /// When it said so last.
        last: Instant,
        /// How often it has said so.
        answers: u32,
        /// Whether it has answered the last request.
        answering: bool,
    },
    /// The cluster does not have the kind: the API server has said so for a minute.
    Absent,
}

impl Presence {
    /// After the API server has said that it lacks the kind. That counts only when it has said so for a minute, and several
    /// times: the kind may be about to be installed again, and an API server that has just started may not know all its kinds
    /// yet.
    pub(super) fn denied(self, now: Instant) -> Presence {
        match self {
            Presence::Denied { since, last, answers, .. } if now - last <= LONGEST_SILENCE => {
                let answers = answers.saturating_add(1);
                if answers >= ANSWERS && now - since >= Failing::STALE_AFTER {
                    return Presence::Absent;
                }
                Presence::Denied { since, last: now, answers, answering: true }
            }
            Presence::Presumed | Presence::Denied { .. } => {
                Presence::Denied { since: now, last: now, answers: 1, answering: true }
            }
            Presence::Absent => Presence::Absent,
        }
    }

    /// After the API server has failed to answer, which says nothing about the kind.
    pub(super) fn unanswered(self) -> Presence {
        match self {
            Presence::Denied { since, last, answers, .. } => {
                Presence::Denied { since, last, answers, answering: false }
            }
            Presence::Presumed | Presence::Absent => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes of a request.
    #[derive(Clone, Copy)]
    enum Answer {
        Lacks,
        Fails,
    }
    use Answer::{Fails, Lacks};

    /// Whether the kind counts as absent after a sequence of requests, each so many seconds after the start.
    fn is_absent(answers: &[(u64, Answer)]) -> bool {
        let start = Instant::now();
        let presence = answers.iter().fold(Presence::default(), |presence, (seconds, answer)| match answer {
            Lacks => presence.denied(start + Duration::from_secs(*seconds)),
            Fails => presence.unanswered(),
        });
        presence == Presence::Absent
    }

    #[test]
    fn a_kind_is_absent_when_the_api_server_has_said_so_three_times_within_a_minute_or_more() {
        for (answers, expected) in [
            (&[(0, Lacks), (30, Lacks)][..], false),
            (&[(0, Lacks), (30, Lacks), (60, Lacks)], true),
            (&[(0, Lacks), (10, Lacks), (20, Lacks), (59, Lacks)], false),
            (&[(0, Lacks), (61, Lacks)], false),
            (&[(0, Lacks), (61, Lacks), (91, Lacks)], true),
        ] {
            assert_eq!(is_absent(answers), expected, "after {} answers", answers.len());
        }
    }

    #[test]
    fn an_api_server_that_fails_now_and_then_is_believed_in_the_end() {
        assert!(is_absent(&[(0, Lacks), (30, Fails), (31, Lacks), (61, Fails), (62, Lacks)]));
        // A request without an answer takes 10 seconds, and the pause before the next one 30.
        assert!(is_absent(&[(0, Lacks), (40, Fails), (80, Fails), (110, Lacks), (150, Fails), (180, Lacks)]));
    }

    #[test]
    fn what_an_api_server_said_before_an_outage_does_not_count() {
        assert!(!is_absent(&[
            (0, Lacks),
            (30, Lacks),
            (60, Fails),
            (150, Fails),
            (151, Lacks),
            (181, Lacks)
        ]));
        assert!(is_absent(&[
            (0, Lacks),
            (30, Lacks),
            (60, Fails),
            (150, Fails),
            (151, Lacks),
            (181, Lacks),
            (211, Lacks)
        ]));
        assert!(!is_absent(&[(0, Fails), (30, Fails), (60, Fails), (90, Lacks)]));
    }

    #[test]
    fn a_kind_that_was_absent_stays_absent_while_the_api_server_fails() {
        assert!(is_absent(&[(0, Lacks), (30, Lacks), (60, Lacks), (90, Fails), (600, Fails)]));
    }
}
