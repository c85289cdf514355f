//! How the watches are.

use std::{fmt, time::Duration};

use tokio::time::Instant;

/// The state of one watch.
#[derive(Clone, Debug)]
pub struct WatchHealth {
    /// The kind that is watched, such as `Ingress`.
    pub kind: &'static str,
    /// Whether its list has been read to its end at least once.
    pub synced: bool,
    /// Why the watch does not work at the moment. Absent: it does.
    pub failing: Option<Failing>,
}

/// A watch that does not work.
#[derive(Clone, Debug)]
pub struct Failing {
    /// Since when.
    pub since: Instant,
    /// The API server's words, or why it does not answer.
    pub message: String,
    /// Whether the API server knows the request and says no: it will, until somebody changes credentials or rights.
    pub refused: bool,
}

impl Failing {
    /// How long a watch may fail before its view counts as incomplete.
    pub(crate) const STALE_AFTER: Duration = Duration::from_secs(60);
}

impl fmt::Display for WatchHealth {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let WatchHealth { kind, synced, failing } = self;
        match (failing, synced) {
            (None, true) => write!(formatter, "{kind}: watched"),
            (None, false) => write!(formatter, "{kind}: the list is being read"),
            (Some(failing), true) => write!(
                formatter,
                "{kind}: as it was last known; the watch has failed for {} s: {}",
                failing.since.elapsed().as_secs(),
                failing.message
            ),
            (Some(failing), false) => {
                write!(formatter, "{kind}: not known; the watch fails: {}", failing.message)
            }
        }
    }
}
