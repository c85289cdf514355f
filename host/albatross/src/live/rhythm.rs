//! When a pass is made, and why.

use std::time::Duration;

use albatross_cluster::Watches;
use tokio::time::{Instant, sleep_until};

use super::pass::{Occasion, Passes, Planned};
use crate::error::Error;

/// The passes of a controller: for each change of the cluster one, and others after some time. Passes for changes do not put off the
/// others: these find out whether AWS has finished something, and what others have changed.
pub struct Rhythm {
    /// Why the next pass is made.
    pub occasion: Occasion,
    /// The revision of the cluster for which the last pass was made.
    pub served: u64,
    /// When the next pass is made if the cluster does not change.
    due: Instant,
}

impl Rhythm {
    /// The first pass looks at AWS, at once.
    pub fn new(revision: u64) -> Rhythm {
        Rhythm { occasion: Occasion::Time, served: revision, due: Instant::now() }
    }

    /// Makes the plan of a pass. A change that comes later may or may not be in it, so it wakes the controller.
    pub async fn plan(&mut self, passes: &mut Passes, watches: &Watches) -> Result<Planned, Error> {
        let before = self.served;
        self.served = watches.revision();
        let served = &mut self.served;
        let change = async {
            // Those that the last pass did not serve count, once they have settled.
            watches.changed_since(before).await;
            *served = watches.revision();
        };
        passes.plan(watches.views(), self.occasion, change).await
    }

    /// A pass is over that wants to be followed by another after a pause. `was_quick`: AWS is still to be looked at.
    pub fn end(&mut self, was_quick: bool, pause: Duration) {
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
        rhythm.end(true, MINUTE);
        assert_eq!(rhythm.due, first, "AWS was not looked at");
        rhythm.end(false, MINUTE);
        let looked = rhythm.due;
        assert!(looked > first);
        rhythm.end(true, 2 * MINUTE);
        assert_eq!(rhythm.due, looked);
        rhythm.end(true, Duration::ZERO);
        assert!(rhythm.due < looked, "something was changed");
    }
}
