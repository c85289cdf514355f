//! What happens when a policy fails.
//!
//! The default of the planner never takes over: it would put Ingresses on other load balancers. Instead the same
//! question is asked again at once with that point frozen: members stay where they are, newcomers wait.

use albatross_contract::Snapshot;

use crate::{EngineError, PolicyFailed};

/// An answer, with some points perhaps frozen.
#[derive(Debug)]
pub struct WithFreeze<T> {
    /// The answer.
    pub answer: T,
    /// The snapshot that it is for: the one to record. Its `frozen` names the points of `failures`, too.
    pub snapshot: Snapshot,
    /// The policies that failed, at most one for each point. Empty: all that were asked answered.
    pub failures: Vec<PolicyFailed>,
}

/// Asks until no policy fails.
///
/// A point that is frozen is not asked, so each round has one point less and there are at most four. A planner that
/// asks a frozen point all the same gets the failure as its error.
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
