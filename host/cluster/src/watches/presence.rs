//! Whether the cluster has a kind, as far as the API server has said so.

use tokio::time::Instant;

use super::health::Failing;

/// What the API server has said about a kind.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Presence {
    /// It has not said that it lacks the kind, or has failed to answer since.
    #[default]
    Presumed,
    /// Since then, it has said every time that it lacks the kind.
    Denied { since: Instant },
    /// The cluster does not have the kind: the API server has said so for a minute.
    Absent,
}

impl Presence {
    /// After the API server has said that it lacks the kind. That counts only when it has said so for a minute: the kind may be
    /// about to be installed again, and an API server that has just started may not know all its kinds yet.
    pub(super) fn denied(self, now: Instant) -> Presence {
        match self {
            Presence::Presumed => Presence::Denied { since: now },
            Presence::Denied { since } if now - since < Failing::STALE_AFTER => self,
            Presence::Denied { .. } | Presence::Absent => Presence::Absent,
        }
    }

    /// After the API server has failed to answer.
    pub(super) fn unanswered(self) -> Presence {
        match self {
            Presence::Presumed | Presence::Denied { .. } => Presence::Presumed,
            Presence::Absent => Presence::Absent,
        }
    }
}
