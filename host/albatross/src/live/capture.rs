//! Reads the cluster and the account as they are now.

use std::{path::PathBuf, time::Duration};

use albatross_aws::{Aws, Given, Mentioned, Observer, discover};
use albatross_cluster::{Client, WatchHealth, Watches, cluster_uid, connect};
use albatross_contract::{Cluster, Inventory, Settings};
use tokio::{
    select,
    time::{Instant, sleep},
};

use super::{pass, state::State};
use crate::error::Error;

/// How long listing the objects of a cluster may take. A cluster with 10,000 Ingresses takes a few seconds.
const LISTS: Duration = Duration::from_secs(60);
/// How often to check whether the API server refuses a list, since waiting does not help then.
const LOOK: Duration = Duration::from_millis(100);

/// The first and the longest pause between attempts to reach an API server that is away.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Where the cluster and the account are.
#[derive(Clone, Debug, Default)]
pub struct Whereabouts {
    /// The kubeconfig. Absent: the file that kubectl would use, or the service account of the Pod.
    pub kubeconfig: Option<PathBuf>,
    /// Its context. Absent: the current one.
    pub context: Option<String>,
    /// The region. Absent: the region that the AWS SDK finds.
    pub region: Option<String>,
    /// The VPC. Absent: the VPC of the instance that the program runs on.
    pub vpc_id: Option<String>,
    /// The cluster id if the settings have none. Absent: the cluster id of the instance that the program runs on.
    pub cluster_id: Option<String>,
    /// The share of AWS's published rate limits that calls may use. Absent: the default share.
    pub rate_share: Option<f64>,
}

impl Whereabouts {
    /// A client for the cluster.
    ///
    /// # Errors
    /// The configuration cannot be used.
    pub async fn client(&self) -> Result<Client, Error> {
        Ok(connect(self.kubeconfig.as_deref(), self.context.as_deref()).await?)
    }

    /// An observer of the account. Fills in the cluster id if the settings have none.
    ///
    /// # Errors
    /// There are no credentials, or the region, the VPC or the cluster id is neither given nor can be discovered.
    pub async fn observer(&self, settings: &mut Settings) -> Result<(Aws, Observer), Error> {
        let aws = Aws::connect(self.region.clone()).await?;
        let aws = match self.rate_share {
            Some(share) => aws.with_share(share),
            None => aws,
        };
        let identity = &mut settings.identity;
        let cluster_id = Some(identity.cluster_id.clone()).filter(|id| !id.is_empty());
        let cluster_id = cluster_id.or_else(|| self.cluster_id.clone());
        let found = discover(&aws, Given { vpc_id: self.vpc_id.clone(), cluster_id }).await?;
        identity.cluster_id = found.cluster_id;
        let role = settings.route53.as_ref().and_then(|route53| route53.role.clone());
        let aws = match role {
            Some(role) => aws.with_route53_role(&role).await,
            None => aws,
        };
        let observer = Observer::new(aws.clone(), found.vpc_id, settings);
        Ok((aws, observer))
    }
}

/// Fills in the uid of the cluster, unless the settings have one.
///
/// # Errors
/// The namespace kube-system cannot be read.
pub async fn identify(client: &Client, settings: &mut Settings) -> Result<(), Error> {
    if settings.identity.cluster_uid.is_empty() {
        settings.identity.cluster_uid = cluster_uid(client).await?;
    }
    Ok(())
}

/// As [`identify`], for a controller: while the API server is away, retries as in any outage, and `/readyz` says so.
///
/// # Errors
/// The API server answers, but the namespace kube-system cannot be read.
pub async fn identify_when_reached(
    client: &Client,
    settings: &mut Settings,
    state: &State,
) -> Result<(), Error> {
    let mut pause = FIRST_PAUSE;
    loop {
        match identify(client, settings).await {
            Err(Error::Cluster(error)) if error.is_outage() => {
                tracing::warn!(%error, again_in = ?pause, "the API server cannot be reached: waiting for it");
                state.set_ready(Some(error.to_string()));
                state.turn();
            }
            answer => return answer,
        }
        sleep(pause).await;
        pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
    }
}

/// All objects of a cluster, once, to show what would happen. The first answer that the cluster has no RouteGroups is believed.
///
/// # Errors
/// Some objects could not be listed; the message says which and why. Missing Services and EndpointSlices are no error but a
/// gap in the view.
pub async fn cluster(client: &Client, settings: &Settings) -> Result<Cluster, Error> {
    let watches = watches(client, settings).await?;
    watches.believe_absence();
    Ok(watches.view())
}

/// Watches that have listed all objects of a cluster, for a command that changes something: the answer that the cluster has no
/// RouteGroups counts, for which this waits about a minute.
///
/// # Errors
/// As [`cluster`].
pub async fn sure_watches(client: &Client, settings: &Settings) -> Result<Watches, Error> {
    let watches = watches(client, settings).await?;
    while watches.view().incomplete.iter().any(|gap| !gap.is_fault()) {
        sleep(LOOK).await;
    }
    Ok(watches)
}

/// Watches that have listed all objects of a cluster.
///
/// # Errors
/// As [`cluster`].
async fn watches(client: &Client, settings: &Settings) -> Result<Watches, Error> {
    let watches = Watches::start(client, settings);
    let begin = Instant::now();
    loop {
        select! {
            () = watches.synced() => return Ok(watches),
            () = sleep(LOOK) => {}
        }
        let health = watches.health();
        // One list is enough here, so a missing right to watch is no reason to fail.
        let required = || health.iter().filter(|watch| watch.required);
        if required().any(WatchHealth::is_refused) || begin.elapsed() > LISTS {
            let missing = required().filter(|watch| !watch.synced).map(ToString::to_string);
            return Err(Error::Lists { watches: missing.collect::<Vec<_>>().join("; ") });
        }
    }
}

/// The inventory, once.
///
/// # Errors
/// AWS cannot be observed.
pub async fn inventory(
    observer: &mut Observer,
    cluster: &Cluster,
    settings: &Settings,
) -> Result<Inventory, Error> {
    Ok(observer.observe(pass::now(), &Mentioned::by(cluster, settings)).await?)
}
