//! The policies of a plan.

use std::collections::BTreeMap;

use albatross_contract::PolicyPoint;

use crate::{EngineError, Policy};

/// The policies of a plan: at most one for each point. Cheap to clone; the default is empty.
///
/// The planner asks only at points that the settings of the snapshot name as well.
#[derive(Clone, Default)]
pub struct PolicySet {
    policies: BTreeMap<PolicyPoint, Policy>,
}

impl PolicySet {
    /// A set of policies, each of which takes over all points that it answers.
    ///
    /// # Errors
    /// [`EngineError::PointTaken`] when two policies answer the same point.
    pub fn new(policies: Vec<Policy>) -> Result<PolicySet, EngineError> {
        let mut set = PolicySet::default();
        for policy in policies {
            for point in policy.points() {
                if let Some(first) = set.policies.insert(point, policy.clone()) {
                    return Err(EngineError::PointTaken {
                        point,
                        first: first.identity().name.clone(),
                        second: policy.identity().name.clone(),
                    });
                }
            }
        }
        Ok(set)
    }

    /// The points that are taken over, in order.
    pub fn points(&self) -> impl Iterator<Item = PolicyPoint> + '_ {
        self.policies.keys().copied()
    }

    /// The policy that takes over a point.
    pub fn get(&self, point: PolicyPoint) -> Option<&Policy> {
        self.policies.get(&point)
    }
}
