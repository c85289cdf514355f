//! Faults on demand.

use std::{
    ops::{Bound, RangeBounds},
    time::Duration,
};

/// A fault of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The call is not executed; the answer is the throttling error of the service.
    Throttle,
    /// The call is not executed; the answer is this error.
    Refuse {
        /// HTTP status.
        status: u16,
        /// The code, such as `AccessDenied`.
        code: String,
        /// The message for people.
        message: String,
    },
    /// The call is executed this much later.
    Delay(Duration),
    /// The call is executed, and the connection is closed without an answer.
    LoseAnswer,
    /// The call is executed, and a list in the answer lacks one member. A list without that member passes unchanged.
    Omit {
        /// A text that only this member contains, such as its ARN.
        member_with: String,
    },
    /// The call is executed, and a text in the answer is replaced, for example as a future version of AWS would answer.
    Replace {
        /// The text to replace.
        text: String,
        /// The replacement.
        by: String,
    },
}

/// The requested faults.
#[derive(Debug, Default)]
pub(super) struct Faults(Vec<Asked>);

#[derive(Debug)]
struct Asked {
    action: String,
    calls: (Bound<u64>, Bound<u64>),
    fault: Fault,
    /// How many calls of the action have arrived since.
    came: u64,
}

impl Faults {
    /// Requests a fault for some of the next calls.
    pub(super) fn add(&mut self, action: &str, calls: impl RangeBounds<u64>, fault: Fault) {
        let calls = (calls.start_bound().cloned(), calls.end_bound().cloned());
        self.0.push(Asked { action: action.to_owned(), calls, fault, came: 0 });
    }

    /// Counts a call, and returns its fault.
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
    fn a_fault_happens_only_to_the_requested_calls() {
        let mut faults = Faults::default();
        faults.add("CreateRule", 2..=3, Fault::Throttle);
        assert_eq!(faults.next("CreateRule"), None);
        assert_eq!(faults.next("CreateListener"), None);
        assert_eq!(faults.next("CreateRule"), Some(Fault::Throttle));
        assert_eq!(faults.next("CreateRule"), Some(Fault::Throttle));
        assert_eq!(faults.next("CreateRule"), None);
    }

    #[test]
    fn calls_count_from_the_request_of_a_fault_and_the_last_fault_wins() {
        let mut faults = Faults::default();
        faults.add("CreateRule", .., Fault::Throttle);
        assert_eq!(faults.next("CreateRule"), Some(Fault::Throttle));
        faults.add("CreateRule", 1..=1, Fault::LoseAnswer);
        assert_eq!(faults.next("CreateRule"), Some(Fault::LoseAnswer));
        assert_eq!(faults.next("CreateRule"), Some(Fault::Throttle));
    }
}
