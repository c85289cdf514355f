//! The health of the watches.

use std::{fmt, time::Duration};

use tokio::time::Instant;

/// The state of one watch.
#[derive(Clone, Debug)]
pub struct WatchHealth {
    /// The kind that is watched, such as `Ingress`.
    pub kind: &'static str,
    /// Whether nothing may be planned before the whole list has been read. Without Services, EndpointSlices, Pods and
    /// RouteGroups, Ingresses in proxy mode are planned nevertheless.
    pub required: bool,
    /// Whether the whole list has been read at least once, or the cluster does not have the kind.
    pub synced: bool,
    /// Whether the cluster has the kind, as far as the API server has said so far.
    pub exists: bool,
    /// Why the watch does not work at the moment. Absent: it works.
    pub failing: Option<Failing>,
}

/// A watch that does not work.
#[derive(Clone, Debug)]
pub struct Failing {
    /// Since when.
    pub since: Instant,
    /// The message of the API server, or why it does not answer.
    pub message: String,
    /// Whether that lasts until somebody changes credentials, rights or the versions that the API server has.
    pub refused: bool,
}

impl Failing {
    /// How long a watch may fail before its view counts as incomplete.
    pub(crate) const STALE_AFTER: Duration = Duration::from_secs(60);
}

impl WatchHealth {
    /// Whether waiting does not bring more of the list: it has been read, is refused, or is that of a kind that the API server
    /// says it does not have.
    pub(crate) fn is_decided(&self) -> bool {
        self.synced || self.is_refused() || !self.exists
    }

    /// Whether the API server has refused to list the objects, so that waiting for the list does not help.
    pub fn is_refused(&self) -> bool {
        !self.synced && self.failing.as_ref().is_some_and(|failing| failing.refused)
    }
}

impl fmt::Display for WatchHealth {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let WatchHealth { kind, required: _, synced, exists, failing } = self;
        match (failing, synced) {
            (None, true) if !exists => write!(formatter, "{kind}: the cluster does not have this kind"),
            (None, true) => write!(formatter, "{kind}: watched"),
            (None, false) => write!(formatter, "{kind}: reading the list"),
            (Some(failing), true) => write!(
                formatter,
                "{kind}: known from before; the watch has been failing for {} s: {}",
                failing.since.elapsed().as_secs(),
                failing.message
            ),
            (Some(failing), false) => {
                write!(formatter, "{kind}: not known; the watch is failing: {}", failing.message)
            }
        }
    }
}
