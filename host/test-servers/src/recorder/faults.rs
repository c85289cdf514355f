//! Faults on demand.

use std::{
    ops::{Bound, RangeBounds},
    time::Duration,
};

/// What happens to a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Not executed: AWS's answer to too many calls, with the code that the service has for it.
    Throttle,
    /// Not executed: an error.
    Refuse {
        /// HTTP status.
        status: u16,
        /// The code, such as `AccessDenied`.
        code: String,
        /// The message for people.
        message: String,
    },
    /// Executed this much later.
    Delay(Duration),
    /// Executed, and the connection is closed without an answer.
    LoseAnswer,
    /// Executed, and a list in the answer lacks one thing. A list without it passes as it is.
    Omit {
        /// A text that only this thing contains, such as its ARN.
        member_with: String,
    },
    /// Executed, and the answer says something else, as an AWS of tomorrow would.
    Replace {
        /// What it says.
        text: String,
        /// What it says instead.
        by: String,
    },
}

/// The faults that are asked for.
#[derive(Debug, Default)]
pub(super) struct Faults(Vec<Asked>);

#[derive(Debug)]
struct Asked {
    action: String,
    calls: (Bound<u64>, Bound<u64>),
    fault: Fault,
    /// How many calls of the action came since.
    came: u64,
}

impl Faults {
    /// Asks for a fault of some of the next calls.
    pub(super) fn add(&mut self, action: &str, calls: impl RangeBounds<u64>, fault: Fault) {
        let calls = (calls.start_bound().cloned(), calls.end_bound().cloned());
        self.0.push(Asked { action: action.to_owned(), calls, fault, came: 0 });
    }

    /// Counts a call, and says what happens to it.
    pub(super) fn next(&mut self, action: &str) -> Option<Fault> {
        let mut fault = None;
        for asked in self.0.iter_mut().filter(|it| it.action == action) {
            asked.came += 1;
            if asked.calls.contains(&asked.came) {
                fault = Some(asked.fault.clone());
            }
        }
        fault
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_happens_to_the_calls_it_was_asked_for_and_to_no_other() {
        let mut faults = Faults::default();
        faults.add("CreateRule", 2..=3, Fault::Throttle);
        assert_eq!(faults.next("CreateRule"), None);
        assert_eq!(faults.next("CreateListener"), None);
        assert_eq!(faults.next("CreateRule"), Some(Fault::Throttle));
        assert_eq!(faults.next("CreateRule"), Some(Fault::Throttle));
        assert_eq!(faults.next("CreateRule"), None);
    }

    #[test]
    fn calls_count_from_when_a_fault_is_asked_for_and_the_last_one_wins() {
        let mut faults = Faults::default();
        faults.add("CreateRule", .., Fault::Throttle);
        assert_eq!(faults.next("CreateRule"), Some(Fault::Throttle));
        faults.add("CreateRule", 1..=1, Fault::LoseAnswer);
        assert_eq!(faults.next("CreateRule"), Some(Fault::LoseAnswer));
        assert_eq!(faults.next("CreateRule"), Some(Fault::Throttle));
    }
}
