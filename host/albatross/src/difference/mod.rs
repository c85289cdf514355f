//! What differs between two recorded passes, snapshots or plans: in the world, and in the answer to it.

mod answer;
mod kind;
mod world;

use albatross_contract::{Plan, Snapshot};
use serde::Serialize;

pub use answer::{action_content, problem_differences};
pub use kind::{Changed, Counted, Kind};

use crate::comparison::Figures;

/// One side of a comparison: a snapshot and its plan. A plan alone has no snapshot.
#[derive(Clone, Copy)]
pub struct Side<'a> {
    /// The snapshot.
    pub snapshot: Option<&'a Snapshot>,
    /// The plan.
    pub plan: &'a Plan,
}

/// What differs.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Difference {
    /// Whether nothing differs.
    pub equal: bool,
    /// What differs in the cluster, the account and the settings. Absent: two plans are compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub world: Option<Vec<Kind>>,
    /// What differs in the plans.
    pub answer: Vec<Kind>,
    /// The key figures of both plans. Absent: two plans are compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub figures: Option<BothFigures>,
}

/// The key figures of two plans.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct BothFigures {
    /// Of the first plan.
    pub before: Figures,
    /// Of the second plan.
    pub after: Figures,
}

impl Difference {
    /// Compares two sides. The times of two snapshots, which always differ, do not count.
    pub fn new(before: Side<'_>, after: Side<'_>) -> Difference {
        let snapshots = before.snapshot.zip(after.snapshot);
        let world = snapshots.map(|(before, after)| world::differences(before, after));
        let answer = answer::differences(before, after);
        let figures = snapshots.map(|(one, other)| BothFigures {
            before: Figures::new(one, before.plan),
            after: Figures::new(other, after.plan),
        });
        let equal = world.as_ref().is_none_or(Vec::is_empty) && answer.is_empty();
        Difference { equal, world, answer, figures }
    }
}
