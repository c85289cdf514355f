//! Adopting and forgetting in the account, while no controller writes.

use std::{env, sync::Arc, time::Duration};

use albatross_aws::{Executor, Mentioned};
use albatross_cluster::{Leadership, Standing, Timing};
use albatross_contract::{ActionState, Settings, Snapshot};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::{
    capture::{self, Whereabouts},
    lease, pass,
    permit::{PlanPermit, WritePermit},
};
use crate::{error::Error, handover::is_handed_over, pass::Makers};

/// How long to wait for the Lease: longer than a controller that has crashed holds it.
const LEASE: Duration = Duration::from_secs(45);
/// More passes than a change of tags needs.
const PASSES: usize = 5;
/// The pause after a pass in which an action failed.
const PAUSE: Duration = Duration::from_secs(2);

/// Hands over the load balancers that the settings name. Returns how many resources were changed.
///
/// # Errors
/// Another process leads, the cluster or the account cannot be read, or a change could not be made.
pub async fn execute(
    whereabouts: &Whereabouts,
    lease_namespace: &str,
    makers: Makers,
    mut settings: Settings,
) -> Result<usize, Error> {
    let client = whereabouts.client().await?;
    let machine = env::var("HOSTNAME").unwrap_or_else(|_| "person".to_owned());
    let candidate = lease::candidate(&settings, lease_namespace, &machine)?;
    let leadership = Leadership::start(&client, candidate, Timing::default());
    let mut standing = leadership.standing();
    let leading = timeout(LEASE, standing.wait_for(|standing| *standing == Standing::Leading)).await.is_ok();
    let outcome = match leading {
        true => hand_over(whereabouts, &client, &leadership, Arc::new(makers), &mut settings).await,
        false => {
            let holder = match &*standing.borrow() {
                Standing::Following { holder } => holder.clone(),
                Standing::Leading => None,
            };
            Err(Error::OtherLeader { holder: holder.unwrap_or_else(|| "nobody".to_owned()) })
        }
    };
    leadership.release().await;
    outcome
}

async fn hand_over(
    whereabouts: &Whereabouts,
    client: &albatross_cluster::Client,
    leadership: &Leadership,
    makers: Arc<Makers>,
    settings: &mut Settings,
) -> Result<usize, Error> {
    let (aws, mut observer) = whereabouts.observer(settings).await?;
    let executor = Executor::new(aws, &settings.identity);
    let permit = WritePermit { lease: Some(leadership.permit()), shutdown: CancellationToken::new() };
    let watches = capture::sure_watches(client, settings).await?;
    let mut done = 0;
    let mut failed = None;
    for _ in 0..PASSES {
        let cluster = watches.view();
        let now = pass::now();
        let inventory = observer.observe(now, &Mentioned::by(&cluster, settings)).await?;
        let snapshot =
            Snapshot { time: now, frozen: Vec::new(), settings: settings.clone(), cluster, inventory };
        let makers = Arc::clone(&makers);
        let planned = tokio::task::spawn_blocking(move || makers.pass(snapshot)).await??;
        if !is_handed_over(&planned) {
            return Ok(done);
        }
        let results =
            executor.execute(&planned.plan, &PlanPermit::while_allowed(&permit), &mut |_, _| {}).await;
        done += results.iter().filter(|result| result.state == ActionState::Done).count();
        failed = results
            .into_iter()
            .find(|result| result.state == ActionState::Failed)
            .and_then(|result| result.error);
        if failed.is_some() {
            sleep(PAUSE).await;
        }
    }
    Err(Error::Handover { reason: failed.unwrap_or_else(|| "AWS does not show the tags yet".to_owned()) })
}
