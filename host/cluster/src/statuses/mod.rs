//! Writes the statuses that the outcomes of a plan ask for.

mod patch;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use albatross_contract::{Cluster, Ingress, ObjectName, Outcome, StatusChange};
use futures::{StreamExt, stream};
use k8s_openapi::api::networking::v1 as networking;
use kube::{
    Api, Client,
    api::{Patch, PatchParams},
    core::{ApiResource, DynamicObject},
};
use tokio::time::timeout;

use crate::{
    CONTROLLER, ClusterError,
    watches::{State, Watches},
};
use patch::StatusPatch;

/// How long one write may take.
const TIME_LIMIT: Duration = Duration::from_secs(10);

/// How many writes run at a time: enough for a thousand Ingresses in a few seconds, and well below the share of the API
/// server that API Priority and Fairness gives a client by default.
const CONCURRENCY: usize = 8;

/// Writes `status.loadBalancer.ingress` of Ingresses, and no other field.
pub struct Statuses {
    client: Client,
    resource: ApiResource,
    known: Arc<State>,
}

/// The result of writing statuses.
#[derive(Debug, Default)]
pub struct StatusReport {
    /// The statuses that changed, in the order of the outcomes.
    pub written: Vec<StatusWrite>,
    /// The statuses that could not be written, in the order of the outcomes. The next pass tries again.
    pub failed: Vec<StatusFailure>,
    /// How many statuses were not tried, since the permit to write had ended.
    pub left: usize,
}

/// A status that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusWrite {
    /// Namespace of the Ingress.
    pub namespace: String,
    /// Name of the Ingress.
    pub name: String,
    /// The first hostname that it had. Absent: none.
    pub before: Option<String>,
    /// The hostname that it has. Absent: none.
    pub after: Option<String>,
}

/// A status that could not be written.
#[derive(Debug)]
pub struct StatusFailure {
    /// Namespace of the Ingress.
    pub namespace: String,
    /// Name of the Ingress.
    pub name: String,
    /// Why.
    pub error: ClusterError,
}

/// The result of writing one status.
enum Written {
    Yes(StatusWrite),
    Left,
    Failed(StatusFailure),
}

impl Statuses {
    /// Writes through this client, and updates these watches with the answers.
    pub fn new(client: &Client, watches: &Watches) -> Statuses {
        Statuses {
            client: client.clone(),
            resource: ApiResource::erase::<networking::Ingress>(&()),
            known: watches.state(),
        }
    }

    /// Writes the statuses in the outcomes of a plan, where the Ingress has another status. `planned` is the cluster in the
    /// snapshot: an Ingress that was deleted or created again since is left to the next pass. So is an Ingress that would
    /// lose its status but has changed since: it may be ours again, and external-dns deletes records when a status is empty.
    ///
    /// `may_write_for` is called before each write with its time limit. The fields are taken over from other field managers
    /// (`force`): the plan decides that an Ingress is ours, and the controller that served it before stays in its managed
    /// fields forever.
    pub async fn write(
        &self,
        planned: &Cluster,
        outcomes: &[Outcome],
        may_write_for: impl Fn(Duration) -> bool,
    ) -> StatusReport {
        let planned: BTreeMap<ObjectName, &Ingress> =
            planned.ingresses.iter().map(|ingress| (ObjectName::of_ingress(ingress), ingress)).collect();
        let writes = outcomes.iter().filter_map(|outcome| {
            let planned = planned.get(&outcome.object)?;
            let ingress =
                self.known.ingresses().get(&outcome.object.namespace, &outcome.object.name).cloned()?;
            if ingress.metadata.uid != planned.metadata.uid
                || outcome.status == StatusChange::Withdraw && has_changed(planned, &ingress)
            {
                return None;
            }
            let patch = StatusPatch::of(&outcome.status, &ingress)?;
            Some((ingress, patch))
        });
        let written = stream::iter(writes)
            .map(|(ingress, patch)| self.write_one(ingress, patch, &may_write_for))
            .buffered(CONCURRENCY);
        let mut report = StatusReport::default();
        futures::pin_mut!(written);
        while let Some(written) = written.next().await {
            match written {
                Written::Yes(write) => report.written.push(write),
                Written::Left => report.left += 1,
                Written::Failed(failure) => report.failed.push(failure),
            }
        }
        report
    }

    async fn write_one(
        &self,
        ingress: Ingress,
        patch: StatusPatch,
        may_write_for: &impl Fn(Duration) -> bool,
    ) -> Written {
        if !may_write_for(TIME_LIMIT) {
            return Written::Left;
        }
        let before = ingress.status.iter().find_map(|address| address.hostname.clone());
        let namespace = ingress.metadata.namespace.unwrap_or_default();
        let name = ingress.metadata.name;
        let body = patch.apply(&namespace, &name, ingress.metadata.uid.as_deref());
        let api: Api<DynamicObject> = Api::namespaced_with(self.client.clone(), &namespace, &self.resource);
        let parameters = PatchParams::apply(CONTROLLER).force();
        let answer = timeout(TIME_LIMIT, api.patch_status(&name, &parameters, &Patch::Apply(&body))).await;
        let doing = || format!("write the status of Ingress {namespace}/{name}");
        let error = match answer {
            Ok(Ok(ingress)) => {
                self.known.learn(ingress);
                return Written::Yes(StatusWrite { namespace, name, before, after: patch.hostname });
            }
            Ok(Err(error)) => ClusterError::request(doing(), error),
            Err(_) => ClusterError::TimedOut { doing: doing(), seconds: TIME_LIMIT.as_secs() },
        };
        Written::Failed(StatusFailure { namespace, name, error })
    }
}

/// Whether two versions of an Ingress differ in more than their statuses.
fn has_changed(before: &Ingress, now: &Ingress) -> bool {
    let without_status = |ingress: &Ingress| Ingress { status: Vec::new(), ..ingress.clone() };
    without_status(before) != without_status(now)
}
