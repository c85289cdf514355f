//! Writes the statuses that the outcomes of a plan ask for.

mod patch;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use albatross_contract::{
    Cluster, Ingress, ObjectKind, ObjectName, Outcome, RouteGroup, SourceObject, StatusChange,
};
use futures::{StreamExt, stream};
use kube::{
    Api, Client,
    api::{Patch, PatchParams},
    core::{ApiResource, DynamicObject},
};

use crate::{
    CONTROLLER, ClusterError,
    request::{CONCURRENCY, TIME_LIMIT, in_time},
    watches::{Kind, State, Watches},
};
use patch::StatusPatch;

/// Writes `status.loadBalancer.ingress` of Ingresses and `status.loadBalancer.routegroup` of RouteGroups, and no other field.
pub struct Statuses {
    client: Client,
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
    /// The object.
    pub object: ObjectName,
    /// The first hostname that it had. Absent: none.
    pub before: Option<String>,
    /// The hostname that it has. Absent: none.
    pub after: Option<String>,
}

/// A status that could not be written.
#[derive(Debug)]
pub struct StatusFailure {
    /// The object.
    pub object: ObjectName,
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
        Statuses { client: client.clone(), known: watches.state() }
    }

    /// Writes the statuses in the outcomes of a plan, where the object has another status. `planned` is the cluster in the
    /// snapshot: an object that was deleted or created again since is left to the next pass. So is an object that would
    /// lose its status but has changed since: it may be ours again, and external-dns deletes records when a status is empty.
    ///
    /// `may_write_for` is called before each write with its time limit. The fields are taken over from other field managers
    /// (`force`): the plan decides that an object is ours, and the controller that served it before stays in its managed
    /// fields forever.
    pub async fn write(
        &self,
        planned: &Cluster,
        outcomes: &[Outcome],
        may_write_for: impl Fn(Duration) -> bool,
    ) -> StatusReport {
        let planned: BTreeMap<ObjectName, SourceObject<'_>> =
            planned.sources().map(|source| (ObjectName::of(source), source)).collect();
        let due = outcomes.iter().filter_map(|outcome| {
            let planned = *planned.get(&outcome.object)?;
            self.known.with_source(&outcome.object, |known| Due::of(outcome, planned, known))?
        });
        let written = stream::iter(due).map(|due| self.write_one(due, &may_write_for)).buffered(CONCURRENCY);
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

    async fn write_one(&self, due: Due, may_write_for: &impl Fn(Duration) -> bool) -> Written {
        if !may_write_for(TIME_LIMIT) {
            return Written::Left;
        }
        let Due { object, uid, before, patch } = due;
        let body = Patch::Apply(patch.apply(&object, uid.as_deref()));
        let api: Api<DynamicObject> =
            Api::namespaced_with(self.client.clone(), &object.namespace, &resource(object.kind));
        let parameters = PatchParams::apply(CONTROLLER).force();
        let doing = format!("write the status of {}", object.in_words());
        match in_time(doing, api.patch_status(&object.name, &parameters, &body)).await {
            Ok(answer) => {
                self.known.learn(object.kind, answer);
                Written::Yes(StatusWrite { object, before, after: patch.hostname })
            }
            Err(error) => Written::Failed(StatusFailure { object, error }),
        }
    }
}

/// A status that is to be written.
struct Due {
    object: ObjectName,
    uid: Option<String>,
    /// The first hostname that the status has now.
    before: Option<String>,
    patch: StatusPatch,
}

impl Due {
    /// `planned` and `known`: the object in the snapshot and now. `None`: nothing is to be written.
    fn of(outcome: &Outcome, planned: SourceObject<'_>, known: SourceObject<'_>) -> Option<Due> {
        let uid = &known.metadata().uid;
        if *uid != planned.metadata().uid
            || outcome.status == StatusChange::Withdraw && has_changed(planned, known)
        {
            return None;
        }
        let patch = StatusPatch::of(&outcome.status, known)?;
        let before = known.hostnames().next().map(str::to_owned);
        Some(Due { object: outcome.object.clone(), uid: uid.clone(), before, patch })
    }
}

fn resource(kind: ObjectKind) -> ApiResource {
    match kind {
        ObjectKind::RouteGroup => RouteGroup::resource(),
        ObjectKind::Ingress | ObjectKind::HttpRoute => Ingress::resource(),
    }
}

/// Whether two versions of an object differ in more than their statuses.
fn has_changed(before: SourceObject<'_>, now: SourceObject<'_>) -> bool {
    match (before, now) {
        (SourceObject::Ingress(before), SourceObject::Ingress(now)) => {
            let without_status = |it: &Ingress| Ingress { status: Vec::new(), ..it.clone() };
            without_status(before) != without_status(now)
        }
        (before, now) => before.metadata() != now.metadata() || !before.hosts().eq(now.hosts()),
    }
}
