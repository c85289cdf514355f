//! The figures of a pass, for pictures over time.

use albatross_contract::{Plan, Snapshot, Timestamp};

use crate::comparison::{Extent, NameChanges};

/// A pass: what was recorded, and what was planned now.
#[derive(Clone, Debug)]
pub struct Point {
    /// Its time.
    pub time: Timestamp,
    /// Its region.
    pub region: String,
    /// The figures of the recorded plan.
    pub recorded: Extent,
    /// The figures of the plan made now.
    pub replayed: Extent,
}

impl Point {
    /// The figures of both plans for a snapshot.
    pub fn new(snapshot: &Snapshot, recorded: &Plan, replayed: &Plan) -> Point {
        let extent = |plan| Extent::new(snapshot, plan, &NameChanges::new(snapshot, plan));
        Point {
            time: snapshot.time,
            region: snapshot.inventory.region.clone(),
            recorded: extent(recorded),
            replayed: extent(replayed),
        }
    }
}
