//! `run --once`: AWS is brought in line with manifests, without a cluster.

use std::time::Duration;

use albatross_cluster::StatusReport;
use albatross_contract::{ActionState, Cluster};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::{
    error::LiveError,
    log::PassLog,
    pass::{Executed, Passes},
    permit::WritePermit,
};
use crate::unfinished::unfinished;

/// More passes that change something than any change needs; what still fails then needs a person.
const PASSES: usize = 12;
/// How often is looked while AWS is not done.
const LOOK: Duration = Duration::from_secs(10);
/// How long is waited for AWS at most: a load balancer that takes longer counts as failed.
const PATIENCE: Duration = Duration::from_secs(15 * 60);

/// What it came to.
pub struct Converged {
    /// The last pass.
    pub last: Executed,
    /// Whether its plan had nothing to do, and no policy failed on the way.
    pub converged: bool,
}

/// Passes until a plan has nothing to do.
///
/// # Errors
/// AWS cannot be observed, there is no plan, or the guard refuses it.
pub async fn converge(
    passes: &mut Passes,
    cluster: &Cluster,
    shutdown: &CancellationToken,
) -> Result<Converged, LiveError> {
    let permit = WritePermit { lease: None, shutdown: shutdown.clone() };
    let mut log = PassLog::default();
    let mut policies_failed = false;
    let mut changed = 0;
    let mut waited = Duration::ZERO;
    loop {
        let executed = {
            let planned = passes.plan(cluster.clone()).await?;
            passes.execute(planned, &permit).await
        };
        log.pass(&executed, &StatusReport::default());
        policies_failed |= !executed.pass.failures.is_empty();
        let idle = executed.pass.plan.actions.is_empty();
        changed += usize::from(!idle);
        // Each call has had its attempts, and other actions would have begun: the next pass can do no more.
        let stuck = !idle && executed.results.iter().all(|result| result.state != ActionState::Done);
        let waits = idle && unfinished(&executed.pass.snapshot.inventory).is_some() && waited < PATIENCE;
        if (idle && !waits) || stuck || changed == PASSES || shutdown.is_cancelled() {
            return Ok(Converged { converged: idle && !policies_failed, last: executed });
        }
        if waits {
            sleep(LOOK).await;
            waited += LOOK;
        }
    }
}
