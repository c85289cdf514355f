//! How many actions are in progress at once.

use albatross_contract::{Action, Operation};

/// The actual limit is the rate budget.
const CONCURRENT: usize = 8;

/// The actions in progress. Those about targets have slots of their own, as their calls have a rate budget of their own: a rollout
/// must not wait behind hundreds of rules.
#[derive(Debug, Default)]
pub(super) struct Slots {
    targets: usize,
    others: usize,
}

impl Slots {
    /// Whether this action may begin.
    pub(super) fn has_room_for(&self, action: &Action) -> bool {
        let used = if is_about_targets(action) { self.targets } else { self.others };
        used < CONCURRENT
    }

    /// An action begins, or several that are made together.
    pub(super) fn take(&mut self, action: &Action) {
        *self.of(action) += 1;
    }

    /// It is over.
    pub(super) fn give_back(&mut self, action: &Action) {
        *self.of(action) -= 1;
    }

    fn of(&mut self, action: &Action) -> &mut usize {
        if is_about_targets(action) { &mut self.targets } else { &mut self.others }
    }
}

fn is_about_targets(action: &Action) -> bool {
    matches!(action.operation, Operation::RegisterTargets(_) | Operation::DeregisterTargets(_))
}

#[cfg(test)]
mod tests {
    use albatross_contract::{Disruption, ResourceReference, TargetChange};

    use super::*;

    fn action(operation: Operation) -> Action {
        Action {
            id: "action".into(),
            depends_on: Vec::new(),
            load_balancer: "x".into(),
            objects: Vec::new(),
            reason: String::new(),
            disruption: Disruption::None,
            operation,
        }
    }

    #[test]
    fn targets_are_registered_while_many_rules_wait() {
        let rule = action(Operation::DeleteRule(ResourceReference::Existing("arn".into())));
        let resource = ResourceReference::Existing("arn".into());
        let targets =
            action(Operation::RegisterTargets(TargetChange { target_group: resource, targets: Vec::new() }));
        let mut slots = Slots::default();
        (0..CONCURRENT).for_each(|_| slots.take(&rule));
        assert!(!slots.has_room_for(&rule) && slots.has_room_for(&targets));
        (0..CONCURRENT).for_each(|_| slots.take(&targets));
        assert!(!slots.has_room_for(&targets));
        slots.give_back(&rule);
        assert!(slots.has_room_for(&rule) && !slots.has_room_for(&targets));
    }
}
