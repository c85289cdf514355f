//! `run --once`: reconciles AWS with manifests, without a cluster.

use std::{future::pending, sync::Arc, time::Duration};

use albatross_contract::{ActionState, Cluster};
use tokio::{select, time::sleep};
use tokio_util::sync::CancellationToken;

use super::{
    executed::Executed,
    log::PassLog,
    pass::{Occasion, Passes},
    permit::WritePermit,
    written::Written,
};
use crate::{error::Error, unfinished::unfinished};

/// More passes than any change needs; if there is still something to do, a person must look at it.
const PASSES: usize = 12;
/// How often AWS is observed while it has not finished.
const LOOK: Duration = Duration::from_secs(10);
/// The longest wait for AWS: a load balancer that takes longer counts as failed.
const PATIENCE: Duration = Duration::from_secs(15 * 60);

/// The result of [`converge`].
pub struct Converged {
    /// The last pass.
    pub last: Executed,
    /// Why there was no further pass.
    pub end: End,
}

/// Why there was no further pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// A plan had nothing to do.
    Rest,
    /// A plan had nothing to do, but a policy had failed before, so its point was frozen.
    PolicyFailed,
    /// AWS takes longer than the longest wait. In words, what it has not reached.
    Unfinished(String),
    /// None of the remaining actions could be executed.
    Stuck,
    /// Every pass changes something.
    Restless,
    /// A signal came.
    Interrupted,
}

impl End {
    /// The message for a person. `None`: all went well.
    pub fn problem(&self) -> Option<String> {
        match self {
            End::Rest => None,
            End::PolicyFailed => Some("a policy failed, so not everything was decided".to_owned()),
            End::Unfinished(what) => {
                let minutes = PATIENCE.as_secs() / 60;
                Some(format!(
                    "AWS has not finished after {minutes} minutes, still waiting until {what}: run it again"
                ))
            }
            End::Stuck => {
                Some("none of the remaining actions could be done: see the errors above".to_owned())
            }
            End::Restless => {
                Some(format!("there is still something to do after {PASSES} passes that changed something"))
            }
            End::Interrupted => {
                Some("interrupted by a signal before everything was done: run it again".to_owned())
            }
        }
    }
}

/// Runs passes until a plan has nothing to do.
///
/// # Errors
/// AWS cannot be observed, the planner returns no plan, or the guard refuses the plan.
pub async fn converge(
    passes: &mut Passes,
    cluster: &Cluster,
    shutdown: &CancellationToken,
) -> Result<Converged, Error> {
    let cluster = Arc::new(cluster.clone());
    let view = move || Cluster::clone(&cluster);
    let permit = WritePermit { lease: None, shutdown: shutdown.clone() };
    let mut log = PassLog::default();
    let mut policies_failed = false;
    let mut changed = 0;
    let mut waited = Duration::ZERO;
    loop {
        let executed = {
            let planned = passes.plan(view.clone(), Occasion::Time, pending()).await?;
            passes.execute(planned, &permit, pending()).await
        };
        log.pass(&executed, &Written::default());
        policies_failed |= !executed.pass.failures.is_empty();
        let is_idle = executed.pass.plan.actions.is_empty();
        let unfinished = unfinished(&executed.pass.snapshot.inventory).filter(|_| is_idle);
        changed += usize::from(!is_idle);
        let end = match unfinished {
            None if is_idle && policies_failed => Some(End::PolicyFailed),
            None if is_idle => Some(End::Rest),
            _ if shutdown.is_cancelled() => Some(End::Interrupted),
            Some(what) if waited >= PATIENCE => Some(End::Unfinished(what)),
            Some(_) => None,
            // Every call was retried, and every other action was tried: the next pass could do no more.
            None if !executed.any(ActionState::Done) => Some(End::Stuck),
            None => (changed == PASSES).then_some(End::Restless),
        };
        if let Some(end) = end {
            return Ok(Converged { last: executed, end });
        }
        if is_idle {
            // After a signal there is one more pass, which changes nothing.
            select! {
                () = sleep(LOOK) => {}
                () = shutdown.cancelled() => {}
            }
            waited += LOOK;
        }
    }
}
