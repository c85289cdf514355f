//! Freezing the point of a policy that fails.
//!
//! The planner's own default never replaces a failed policy: it would move Ingresses to other load balancers. Instead, the
//! plan is made again at once with that point frozen: members stay where they are, and newcomers wait.

use albatross_contract::Snapshot;

use crate::{EngineError, PolicyFailed};

/// An answer, with some points perhaps frozen.
#[derive(Debug)]
pub struct WithFreeze<T> {
    /// The answer.
    pub answer: T,
    /// The snapshot of this answer, which is the one to record: `frozen` includes the points of `failures`.
    pub snapshot: Snapshot,
    /// The policies that failed, at most one for each point. Empty: no policy failed.
    pub failures: Vec<PolicyFailed>,
}

/// Asks until no policy fails.
///
/// A planner does not ask a frozen point, so each round has one point less, and there are at most four rounds. If a planner
/// asks a frozen point all the same, the failure of the policy is the error.
pub(crate) fn with_freeze<T>(
    mut snapshot: Snapshot,
    ask: impl Fn(&Snapshot) -> Result<T, EngineError>,
) -> Result<WithFreeze<T>, EngineError> {
    let mut failures = Vec::new();
    loop {
        match ask(&snapshot) {
            Ok(answer) => return Ok(WithFreeze { answer, snapshot, failures }),
            Err(EngineError::PolicyFailed(failed)) if !snapshot.frozen.contains(&failed.point) => {
                snapshot.frozen.push(failed.point);
                snapshot.frozen.sort();
                failures.push(failed);
            }
            Err(error) => return Err(error),
        }
    }
}
