//! When a pass is made, and why.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// Why a pass is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occasion {
    /// The cluster has changed, which must not wait until AWS has been read: a quick observation will do, if AWS is known well enough.
    Change,
    /// It is time to look at AWS again, which a change of the cluster interrupts.
    Time,
}

/// The passes of a controller: for each change of the cluster one, and others after some time. Passes for changes do not put off the
/// others: these find out whether AWS has finished something, and what others have changed.
pub struct Rhythm {
    /// The revision of the cluster for which the last pass was made.
    revision: u64,
    /// When the next pass is made if the cluster does not change.
    due: Instant,
}

impl Rhythm {
    /// The first pass looks at AWS, at once.
    pub fn new(revision: u64) -> Rhythm {
        Rhythm { revision, due: Instant::now() }
    }

    /// Why a pass is made that begins now, if this is the revision of the cluster.
    pub fn occasion(&self, revision: u64) -> Occasion {
        if revision > self.revision { Occasion::Change } else { Occasion::Time }
    }

    /// A pass for this revision of the cluster is over, and wants to be followed by another after a pause. `was_quick`: AWS is still
    /// to be looked at.
    pub fn end(&mut self, revision: u64, was_quick: bool, pause: Duration) {
        self.revision = revision;
        let next = Instant::now() + pause;
        self.due = if was_quick { self.due.min(next) } else { next };
    }

    /// Waits until the next pass is to be made, if the cluster does not change.
    pub async fn until_due(&self) {
        sleep_until(self.due).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn a_pass_for_a_change_does_not_put_off_the_next_look_at_aws() {
        let mut rhythm = Rhythm::new(7);
        let first = rhythm.due;
        rhythm.end(8, true, MINUTE);
        assert_eq!(rhythm.due, first, "AWS was not looked at");
        rhythm.end(8, false, MINUTE);
        let looked = rhythm.due;
        assert!(looked > first);
        rhythm.end(9, true, 2 * MINUTE);
        assert_eq!(rhythm.due, looked);
        rhythm.end(9, true, Duration::ZERO);
        assert!(rhythm.due < looked, "something was changed");
    }

    #[test]
    fn a_change_is_the_occasion_even_if_the_time_has_come_as_well() {
        let mut rhythm = Rhythm::new(7);
        assert_eq!([7, 9].map(|revision| rhythm.occasion(revision)), [Occasion::Time, Occasion::Change]);
        rhythm.end(9, false, Duration::ZERO);
        assert_eq!([9, 10].map(|revision| rhythm.occasion(revision)), [Occasion::Time, Occasion::Change]);
    }
}
