//! Events on the Ingresses and RouteGroups, in plain words.

mod announcer;
mod failures;
mod notice;
mod words;

use std::time::Duration;

use albatross_contract::ObjectName;
use futures::{StreamExt, stream};
use k8s_openapi::{
    api::{core::v1::ObjectReference, events::v1::Event},
    apimachinery::pkg::apis::meta::v1::{MicroTime, ObjectMeta},
    jiff,
};
use kube::{Api, Client, api::PostParams};
use tokio::time::sleep;

use crate::{
    CONTROLLER, Candidate, ClusterError,
    request::{TIME_LIMIT, in_time},
};

pub use announcer::{Announcer, Seen};
pub use notice::{Notice, Regarding, Severity};

/// How long sending all Events of a pass may take: a thousand take some seconds, and a slow API server must not delay the
/// next pass.
const TIME_LIMIT_OF_ALL: Duration = Duration::from_secs(20);

/// How many Events are sent at a time.
const CONCURRENCY: usize = 8;

/// Sends Events (`events.k8s.io/v1`).
///
/// kube's own recorder merges Events with the same object and reason and drops the note of the second, such as another
/// host without a certificate. We send only what is new, so there is nothing to merge, and need only the right to create
/// Events.
pub struct Events {
    client: Client,
    candidate: Candidate,
}

impl Events {
    /// Sends Events in the name of this candidate; Events about the controller as a whole regard its Lease.
    pub fn new(client: &Client, candidate: &Candidate) -> Events {
        Events { client: client.clone(), candidate: candidate.clone() }
    }

    /// Sends notices and returns how many the API server accepted. Nothing depends on Events: those that cannot be sent, or
    /// not in time, are logged and dropped. `may_write_for` is called before each.
    pub async fn publish(&self, notices: &[Notice], may_write_for: impl Fn(Duration) -> bool) -> usize {
        let sent = stream::iter(notices)
            .filter(|_| std::future::ready(may_write_for(TIME_LIMIT)))
            .map(|notice| self.send(notice))
            .buffer_unordered(CONCURRENCY)
            .take_until(sleep(TIME_LIMIT_OF_ALL));
        let results: Vec<Result<(), ClusterError>> = sent.collect().await;
        for error in results.iter().filter_map(|result| result.as_ref().err()) {
            tracing::warn!(%error, "an Event could not be sent");
        }
        if results.len() < notices.len() {
            let dropped = notices.len() - results.len();
            tracing::warn!(
                dropped,
                "not all Events were sent: the time ran out, or this replica may no longer write"
            );
        }
        results.iter().filter(|result| result.is_ok()).count()
    }

    async fn send(&self, notice: &Notice) -> Result<(), ClusterError> {
        let regarding = self.reference(&notice.regarding);
        let namespace = regarding.namespace.clone().unwrap_or_default();
        let event = self.event(notice, regarding);
        let api: Api<Event> = Api::namespaced(self.client.clone(), &namespace);
        let doing = format!("create an Event in namespace {namespace}");
        in_time(doing, api.create(&PostParams::default(), &event)).await.map(drop)
    }

    fn reference(&self, regarding: &Regarding) -> ObjectReference {
        let (api_version, kind, namespace, name, uid) = match regarding {
            Regarding::Object { name: ObjectName { namespace, name, kind }, uid } => {
                (kind.api_version(), kind.kubernetes(), namespace, name, uid.clone())
            }
            Regarding::Controller => {
                ("coordination.k8s.io/v1", "Lease", &self.candidate.namespace, &self.candidate.lease, None)
            }
        };
        ObjectReference {
            api_version: Some(api_version.to_owned()),
            kind: Some(kind.to_owned()),
            namespace: Some(namespace.clone()),
            name: Some(name.clone()),
            uid,
            ..ObjectReference::default()
        }
    }

    fn event(&self, notice: &Notice, regarding: ObjectReference) -> Event {
        let severity = match notice.severity {
            Severity::Normal => "Normal",
            Severity::Warning => "Warning",
        };
        Event {
            // The API requires an action, and this is the only action of a controller.
            action: Some("Reconcile".to_owned()),
            event_time: Some(MicroTime(jiff::Timestamp::now())),
            metadata: ObjectMeta {
                namespace: regarding.namespace.clone(),
                generate_name: regarding.name.as_ref().map(|name| format!("{name}-")),
                ..ObjectMeta::default()
            },
            note: Some(notice.note.clone()),
            reason: Some(notice.reason.clone()),
            regarding: Some(regarding),
            reporting_controller: Some(CONTROLLER.to_owned()),
            reporting_instance: Some(self.candidate.identity.clone()),
            type_: Some(severity.to_owned()),
            ..Event::default()
        }
    }
}
