//! A pass and its results.

use std::{sync::Arc, time::Duration};

use albatross_contract::{ActionResult, ActionState, IncompletePart, Snapshot, StatusChange};

use super::{pace::Came, written::Written};
use crate::{
    page::{Board, Past, Shown},
    pass::{Makers, Pass},
    render::message::{Message, messages},
    unfinished::{unfinished, waiting_pod},
};

/// A pass that was executed.
pub struct Executed {
    /// The pass.
    pub pass: Pass,
    /// The results of the actions, in the order of the plan.
    pub results: Vec<ActionResult>,
    /// From the beginning of the pass to the end of its last action.
    pub took: Duration,
    /// Whether something of AWS is left to be read in the next passes.
    pub is_behind: bool,
    /// Whether the rest of the plan was left to the next one, because the cluster has changed.
    pub is_superseded: bool,
}

impl Executed {
    /// Whether the plan has an action, a status or a condition to write.
    pub fn changes_something(&self) -> bool {
        let Pass { snapshot, plan, .. } = &self.pass;
        !plan.actions.is_empty()
            || plan.outcomes.iter().any(|outcome| outcome.status != StatusChange::Keep)
            || plan.count_conditions(&snapshot.cluster) > 0
    }

    /// Whether the cluster and the account could be read as completely as expected.
    pub fn is_whole(&self) -> bool {
        let Snapshot { cluster, inventory, .. } = &self.pass.snapshot;
        !cluster.incomplete.iter().chain(&inventory.incomplete).any(IncompletePart::is_fault)
    }

    /// Whether any action ended in this state.
    pub fn any(&self, state: ActionState) -> bool {
        self.results.iter().any(|result| result.state == state)
    }

    /// The time until the plan would change by itself. Absent: never.
    pub fn until_next_change(&self) -> Option<Duration> {
        let at = self.pass.plan.next_change_at?;
        Some(Duration::from_secs(at.saturating_sub(self.pass.snapshot.time)))
    }

    /// The result of the pass, including what it wrote to the cluster, as far as the pause after it depends on it.
    pub fn came(&self, written: &Written) -> Came {
        let Pass { snapshot, plan, .. } = &self.pass;
        let is_skipped = self.any(ActionState::Skipped) && !self.is_superseded;
        if self.is_behind {
            Came::Behind
        } else if self.any(ActionState::Failed) || is_skipped || written.lacks_something() {
            Came::Trouble
        } else if self.is_superseded || self.any(ActionState::Done) || !written.statuses.written.is_empty() {
            Came::Change
        } else if unfinished(&snapshot.inventory).is_some() || waiting_pod(snapshot, plan) {
            Came::Waiting
        } else {
            Came::Rest
        }
    }

    /// Puts the pass up for the page. `makers`: who planned it.
    pub fn put_up(self, board: &Board, makers: Arc<Makers>) {
        let Executed { pass, results, took, is_superseded, .. } = self;
        let Pass { snapshot, plan, failures, .. } = pass;
        let past = Past::new(&snapshot, &plan, &results, took);
        let gaps = snapshot.cluster.incomplete.iter().chain(&snapshot.inventory.incomplete);
        let gaps: Vec<IncompletePart> = gaps.filter(|gap| gap.is_fault()).cloned().collect();
        let messages = messages(&[], &gaps, &failures);
        let messages = messages.iter().map(Message::text).map(str::to_owned).collect();
        board.show(Shown { snapshot, plan, results, is_superseded, makers, messages }, past);
    }
}

#[cfg(test)]
mod tests {
    use albatross_contract::{ActionResult, Cluster, Plan};

    use super::*;
    use crate::{example, inputs::snapshot};

    /// The result of a pass with one action that ended like this.
    fn came(state: ActionState, is_superseded: bool) -> Came {
        let snapshot =
            snapshot(Cluster::default(), example::cloud().unwrap(), example::settings().unwrap(), None);
        let took = Duration::ZERO;
        let pass = Pass {
            snapshot,
            plan: Plan::default(),
            policies: Vec::new(),
            failures: Vec::new(),
            took,
            guarded: took,
        };
        let results = vec![ActionResult { action: "action".to_owned(), state, error: None }];
        Executed { pass, results, took, is_behind: false, is_superseded }.came(&Written::default())
    }

    #[test]
    fn a_plan_whose_rest_is_left_to_the_next_one_is_neither_trouble_nor_at_rest() {
        assert_eq!(came(ActionState::Skipped, true), Came::Change);
        assert_eq!(came(ActionState::Skipped, false), Came::Trouble);
        assert_eq!(came(ActionState::Failed, true), Came::Trouble);
    }
}
