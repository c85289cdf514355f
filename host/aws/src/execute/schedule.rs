//! Decides which actions may begin.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::Action;

/// The actions of a plan and their dependencies.
pub(super) struct Schedule {
    /// Indices of the actions that may begin, in the order of the plan.
    ready: BTreeSet<usize>,
    /// The number of actions that each action still waits for.
    waits_for: Vec<usize>,
    /// The actions that wait for each action.
    waiting: Vec<Vec<usize>>,
}

impl Schedule {
    /// An action that depends on one that is not in the plan never begins.
    pub(super) fn new(actions: &[Action]) -> Self {
        let index: BTreeMap<&str, usize> =
            actions.iter().enumerate().map(|(index, action)| (action.id.as_str(), index)).collect();
        let mut waiting = vec![Vec::new(); actions.len()];
        let mut waits_for = Vec::with_capacity(actions.len());
        for (own, action) in actions.iter().enumerate() {
            let before: BTreeSet<&str> = action.depends_on.iter().map(String::as_str).collect();
            waits_for.push(before.len());
            for other in before.iter().filter_map(|id| index.get(id)) {
                waiting[*other].push(own);
            }
        }
        let ready = waits_for.iter().enumerate().filter(|(_, count)| **count == 0).map(|(index, _)| index);
        Schedule { ready: ready.collect(), waits_for, waiting }
    }

    /// The next action that may begin and satisfies `of`.
    pub(super) fn take(&mut self, of: impl Fn(usize) -> bool) -> Option<usize> {
        let index = self.ready.iter().copied().find(|index| of(*index))?;
        self.ready.remove(&index);
        Some(index)
    }

    /// An action has succeeded.
    pub(super) fn done(&mut self, index: usize) {
        for waiting in std::mem::take(&mut self.waiting[index]) {
            self.waits_for[waiting] -= 1;
            if self.waits_for[waiting] == 0 {
                self.ready.insert(waiting);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use albatross_contract::{Disruption, Operation, ResourceReference};

    use super::*;

    fn action(id: &str, depends_on: &[&str]) -> Action {
        Action {
            id: id.into(),
            depends_on: depends_on.iter().map(|id| (*id).into()).collect(),
            load_balancer: "x".into(),
            objects: Vec::new(),
            reason: String::new(),
            disruption: Disruption::None,
            operation: Operation::DeleteRule(ResourceReference::Existing("arn".into())),
        }
    }

    fn all(schedule: &mut Schedule) -> Vec<usize> {
        std::iter::from_fn(|| schedule.take(|_| true)).collect()
    }

    #[test]
    fn an_action_begins_when_all_its_dependencies_are_done() {
        let actions = [action("a", &[]), action("b", &["a"]), action("c", &["a", "b"]), action("d", &[])];
        let mut schedule = Schedule::new(&actions);
        assert_eq!(all(&mut schedule), [0, 3], "in the order of the plan");
        schedule.done(0);
        assert_eq!(all(&mut schedule), [1]);
        schedule.done(1);
        assert_eq!(all(&mut schedule), [2]);
    }

    #[test]
    fn a_failed_action_stops_only_the_actions_that_depend_on_it() {
        let actions = [action("a", &[]), action("b", &["a"]), action("c", &["b"]), action("d", &[])];
        let mut schedule = Schedule::new(&actions);
        all(&mut schedule);
        schedule.done(3);
        assert_eq!(all(&mut schedule), [0; 0]);
    }

    #[test]
    fn an_action_that_is_not_taken_may_begin_later() {
        let mut schedule = Schedule::new(&[action("a", &[]), action("b", &[])]);
        assert_eq!(schedule.take(|index| index == 1), Some(1));
        assert_eq!(schedule.take(|index| index == 1), None);
        assert_eq!(all(&mut schedule), [0]);
    }

    #[test]
    fn an_action_that_depends_on_a_missing_action_never_begins() {
        let mut schedule = Schedule::new(&[action("a", &["missing"])]);
        assert_eq!(schedule.take(|_| true), None);
    }
}
