//! What a plan changes in Route 53.

use albatross_contract::{Operation, Plan, RecordSetChangeKind};
use serde::Serialize;

use super::words::count;

/// Numbers of records that are changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct RecordChanges {
    /// Records that are created.
    pub create: usize,
    /// Records that get another value.
    pub change: usize,
    /// Records that are deleted.
    pub delete: usize,
}

impl RecordChanges {
    /// Counts the records of all hosted zones that a plan changes.
    pub fn of(plan: &Plan) -> RecordChanges {
        let mut found = RecordChanges::default();
        let changes = plan.actions.iter().filter_map(|action| match &action.operation {
            Operation::ChangeRecordSets(change) => Some(&change.changes),
            _ => None,
        });
        for change in changes.flatten() {
            match change.kind {
                RecordSetChangeKind::Create => found.create += 1,
                RecordSetChangeKind::Upsert => found.change += 1,
                RecordSetChangeKind::Delete => found.delete += 1,
            }
        }
        found
    }

    /// `2 records to create, 1 record to delete`. `None`: no record is changed.
    pub fn words(&self) -> Option<String> {
        let numbers = [(self.create, "create"), (self.change, "change"), (self.delete, "delete")];
        let said = numbers.into_iter().filter(|(number, _)| *number > 0);
        let said: Vec<String> =
            said.map(|(number, verb)| format!("{} to {verb}", count(number, "record"))).collect();
        (!said.is_empty()).then(|| said.join(", "))
    }
}
