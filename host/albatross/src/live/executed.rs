//! A pass and what came of it.

use std::time::Duration;

use albatross_cluster::StatusReport;
use albatross_contract::{ActionResult, ActionState, Snapshot, StatusChange};

use super::pace::Came;
use crate::{pass::Pass, unfinished::unfinished};

/// A pass that was executed.
pub struct Executed {
    /// The pass.
    pub pass: Pass,
    /// What execution gave, in the order of the plan's actions.
    pub results: Vec<ActionResult>,
}

impl Executed {
    /// Whether the plan asks for anything.
    pub fn changes_something(&self) -> bool {
        !self.pass.plan.actions.is_empty()
            || self.pass.plan.outcomes.iter().any(|outcome| outcome.status != StatusChange::Keep)
    }

    /// Whether all of cluster and account could be read for it.
    pub fn is_whole(&self) -> bool {
        let Snapshot { cluster, inventory, .. } = &self.pass.snapshot;
        cluster.incomplete.is_empty() && inventory.incomplete.is_empty()
    }

    /// Whether any action ended so.
    pub fn any(&self, state: ActionState) -> bool {
        self.results.iter().any(|result| result.state == state)
    }

    /// How long until the plan itself expects to differ. Absent: never.
    pub fn until_next_change(&self) -> Option<Duration> {
        let at = self.pass.plan.next_change_at?;
        Some(Duration::from_secs(at.saturating_sub(self.pass.snapshot.time)))
    }

    /// What came of it, statuses included, as far as the next pass depends on it.
    pub fn came(&self, statuses: &StatusReport) -> Came {
        if self.any(ActionState::Failed)
            || self.any(ActionState::Skipped)
            || !statuses.failed.is_empty()
            || statuses.left > 0
        {
            Came::Trouble
        } else if self.any(ActionState::Done) || !statuses.written.is_empty() {
            Came::Change
        } else if unfinished(&self.pass.snapshot.inventory).is_some() {
            Came::Waiting
        } else {
            Came::Rest
        }
    }
}
