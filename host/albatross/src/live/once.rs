//! `run --once`: AWS is brought in line with manifests, without a cluster.

use std::{sync::Arc, time::Duration};

use albatross_cluster::StatusReport;
use albatross_contract::{ActionState, Cluster};
use tokio::{select, time::sleep};
use tokio_util::sync::CancellationToken;

use super::{executed::Executed, log::PassLog, pass::Passes, permit::WritePermit};
use crate::{error::Error, unfinished::unfinished};

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
    /// Why it ended.
    pub end: End,
}

/// Why it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// A plan had nothing to do.
    Rest,
    /// The same, but a policy failed on the way: its point was frozen.
    PolicyFailed,
    /// AWS takes longer than anybody waits. In words, with what.
    Unfinished(String),
    /// Nothing of what is left to do could be done.
    Stuck,
    /// Pass after pass changes something.
    Restless,
    /// By a signal.
    Interrupted,
}

impl End {
    /// What to tell a person. `None`: it came to rest.
    pub fn problem(&self) -> Option<String> {
        match self {
            End::Rest => None,
            End::PolicyFailed => Some("a policy failed on the way, so not all was decided".to_owned()),
            End::Unfinished(what) => {
                let minutes = PATIENCE.as_secs() / 60;
                Some(format!("AWS was not done after {minutes} minutes: {what}; run it again"))
            }
            End::Stuck => Some("nothing of what is left could be done: see the errors above".to_owned()),
            End::Restless => {
                Some(format!("after {PASSES} passes that changed something there is more to do"))
            }
            End::Interrupted => Some("a signal came before all was done; run it again".to_owned()),
        }
    }
}

/// Passes until a plan has nothing to do.
///
/// # Errors
/// AWS cannot be observed, there is no plan, or the guard refuses it.
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
            let planned = passes.plan(view.clone()).await?;
            passes.execute(planned, &permit).await
        };
        log.pass(&executed, &StatusReport::default());
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
            // Each call has had its attempts, and other actions would have begun: the next pass can do no more.
            None if !executed.any(ActionState::Done) => Some(End::Stuck),
            None => (changed == PASSES).then_some(End::Restless),
        };
        if let Some(end) = end {
            return Ok(Converged { last: executed, end });
        }
        if is_idle {
            // The pass after a signal is the last one, and changes nothing.
            select! {
                () = sleep(LOOK) => {}
                () = shutdown.cancelled() => {}
            }
            waited += LOOK;
        }
    }
}
