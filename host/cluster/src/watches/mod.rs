//! The objects of the cluster, kept up to date by watches.

mod backends;
mod discovery;
mod following;
mod health;
mod kept;
mod kind;
mod presence;
mod recent;
mod settling;
mod trimmed;

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Duration,
};

use albatross_contract::{
    Cluster, EndpointSlice, Ingress, IngressClass, Node, ObjectKind, ObjectName, Pod, RouteGroup, Service,
    Settings, SourceObject,
};
use kube::{Client, core::DynamicObject};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, timeout_at},
};

pub(crate) use following::WATCH_LIFETIME;
use following::{Scope, keep_following};
pub use health::{Failing, WatchHealth};
use kept::{Kept, Key};
pub(crate) use kind::{GatedPod, Kind};
use recent::{Concerned, Recent};
use settling::Revision;

/// How long planning waits for the first lists of Services, EndpointSlices, Pods and RouteGroups when all required lists have
/// been read. Ingresses must not wait longer for lists that they do not need.
const SERVICES_WAIT: Duration = Duration::from_secs(30);

/// The watches of all Ingresses, IngressClasses and Nodes, of all RouteGroups if the cluster has them, in route mode of all
/// Services and EndpointSlices, of the pods of the proxy if these are targets, and of the Pods with our readiness gate if the settings
/// switch it on. They end when this is dropped.
pub struct Watches {
    state: Arc<State>,
    /// When all required lists had been read.
    required_since: OnceLock<Instant>,
    _tasks: JoinSet<()>,
}

/// Looks at what watches know; by default at a cluster of which nothing is known.
#[derive(Clone, Default)]
pub struct Viewer(Arc<State>);

impl Viewer {
    /// As [`Watches::view`].
    pub fn view(&self) -> Cluster {
        self.0.view()
    }

    /// As [`Watches::revision`].
    pub fn revision(&self) -> u64 {
        self.0.revision.borrow().number
    }
}

/// What the watches know.
#[derive(Default)]
pub(crate) struct State {
    ingresses: Mutex<Kept<Ingress>>,
    ingress_classes: Mutex<Kept<IngressClass>>,
    nodes: Mutex<Kept<Node>>,
    route_groups: Mutex<Kept<RouteGroup>>,
    /// Whether Services and EndpointSlices are watched: a cluster in proxy mode needs neither the memory nor the right.
    reads_services: bool,
    services: Mutex<Kept<Service>>,
    endpoint_slices: Mutex<Kept<EndpointSlice>>,
    /// Whether the pods of the proxy are watched: the settings make them targets.
    reads_pods: bool,
    pods: Mutex<Kept<Pod>>,
    recent: Mutex<Recent>,
    /// Whether Pods with our readiness gate are watched: the settings switch it on.
    reads_gates: bool,
    gated_pods: Mutex<Kept<GatedPod>>,
    revision: watch::Sender<Revision>,
}

impl Watches {
    /// Begins to watch. An API server that is away or refuses is not an error but a state ([`Watches::health`]): the
    /// watches retry, with growing pauses of up to 30 s. Services and EndpointSlices are watched only if the settings allow
    /// route mode, and of the Pods only those that the settings select and those with our readiness gate. The settings may limit
    /// Ingresses, RouteGroups, Services, EndpointSlices and the latter Pods to one namespace.
    pub fn start(client: &Client, settings: &Settings) -> Watches {
        let pods = settings.proxy.pods.as_ref();
        let state = Arc::new(State {
            reads_services: settings.allows_route_mode(),
            reads_pods: pods.is_some(),
            reads_gates: settings.has_readiness_gates(),
            ..State::default()
        });
        let watched = Scope { namespace: settings.watch_namespace.clone(), labels: None };
        let mut following = Following { client, state: &state, watched, tasks: JoinSet::new() };
        following.watched(|state| &state.ingresses);
        following.all(|state| &state.ingress_classes);
        following.all(|state| &state.nodes);
        following.watched(|state| &state.route_groups);
        if state.reads_services {
            following.watched(|state| &state.services);
            following.watched(|state| &state.endpoint_slices);
        }
        if let Some(pods) = pods {
            let labels = Some(pods.label_selector.clone());
            following.only(Scope { namespace: Some(pods.namespace.clone()), labels }, |state| &state.pods);
        }
        if state.reads_gates {
            following.watched(|state| &state.gated_pods);
        }
        let tasks = following.tasks;
        Watches { state, required_since: OnceLock::new(), _tasks: tasks }
    }

    /// Waits until every required list has been read once. Nothing may be planned before: objects not read yet would look
    /// deleted. Then waits for the lists of RouteGroups, Services, EndpointSlices and Pods, but at most 30 s, and not for a list
    /// that the API server refuses or says it does not have: without them, the view is marked as incomplete.
    pub async fn synced(&self) {
        let mut revisions = self.state.revision.subscribe();
        let required = |_: &Revision| self.health().iter().all(|watch| watch.synced || !watch.required);
        if revisions.wait_for(required).await.is_err() {
            std::future::pending::<()>().await;
        }
        let all = |_: &Revision| self.health().iter().all(WatchHealth::is_decided);
        let limit = *self.required_since.get_or_init(Instant::now) + SERVICES_WAIT;
        // Either no list can be waited for any more, or the time is over.
        let _ = timeout_at(limit, revisions.wait_for(all)).await;
    }

    /// The number of relevant changes so far, for [`Watches::changed_since`]. Every later view includes them.
    pub fn revision(&self) -> u64 {
        self.state.revision.borrow().number
    }

    /// Waits until there is a relevant change since a revision, and then until changes pause for a second, but at most
    /// 10 s. A changed pod or endpoint waits only for a tenth of a second, and at most for half a second. The future can be dropped
    /// without losing changes.
    pub async fn changed_since(&self, revision: u64) {
        settling::settled(self.state.revision.subscribe(), revision).await;
    }

    /// The cluster as it is known now. Parts that could not be read are marked: lists that have not been received, objects
    /// that cannot be read, and lists whose watch has been failing for a minute.
    pub fn view(&self) -> Cluster {
        self.state.view()
    }

    /// The Ingresses and RouteGroups whose latest changes, or changes of their Services and endpoints, the watches have seen; those
    /// that changed last come first. What the first lists contained does not count.
    pub fn changed_lately(&self) -> Vec<ObjectName> {
        let changes = lock(&self.state.recent).all();
        let ingresses = self.state.ingresses();
        let of_service = |(namespace, name): &Key| {
            let named = ingresses.of_namespace(namespace).flatten().filter(|it| backends::may_name(it, name));
            named.map(|ingress| ObjectName::of(SourceObject::Ingress(ingress))).collect::<Vec<_>>()
        };
        let concerned = changes.into_iter().flat_map(|changed| match changed {
            Concerned::Source(object) => vec![object],
            Concerned::Service(service) => of_service(&service),
        });
        concerned.collect()
    }

    /// Makes the view complete if the API server has just said that it does not have RouteGroups, which otherwise counts only
    /// when it has said so for a minute. This is for commands that look once, and only show what would happen.
    pub fn believe_absence(&self) {
        lock(&self.state.route_groups).believe_absence();
    }

    /// As [`Watches::view`], as a function that can be called later and in another thread.
    pub fn views(&self) -> impl Fn() -> Cluster + Clone + Send + use<> {
        let state = Arc::clone(&self.state);
        move || state.view()
    }

    /// What the watches know, for others who look while the watches go on.
    pub fn viewer(&self) -> Viewer {
        Viewer(self.state())
    }

    /// The health of each watch, for health endpoints and for people.
    pub fn health(&self) -> Vec<WatchHealth> {
        let mut watches = vec![
            health(&self.state.ingresses(), true),
            health(&lock(&self.state.ingress_classes), true),
            health(&lock(&self.state.nodes), true),
            health(&lock(&self.state.route_groups), false),
        ];
        if self.state.reads_services {
            watches.push(health(&lock(&self.state.services), false));
            watches.push(health(&lock(&self.state.endpoint_slices), false));
        }
        if self.state.reads_pods {
            watches.push(health(&lock(&self.state.pods), false));
        }
        if self.state.reads_gates {
            watches.push(health(&lock(&self.state.gated_pods), false));
        }
        watches
    }

    pub(crate) fn state(&self) -> Arc<State> {
        Arc::clone(&self.state)
    }
}

/// Starts watches.
struct Following<'a> {
    client: &'a Client,
    state: &'a Arc<State>,
    /// Whose Ingresses the settings let the controller serve.
    watched: Scope,
    tasks: JoinSet<()>,
}

impl Following<'_> {
    /// Watches all objects of a kind.
    fn all<T: Kind>(&mut self, kept: fn(&State) -> &Mutex<Kept<T>>) {
        self.only(Scope::default(), kept);
    }

    /// Watches the objects of a kind in the namespaces that are served.
    fn watched<T: Kind>(&mut self, kept: fn(&State) -> &Mutex<Kept<T>>) {
        self.only(self.watched.clone(), kept);
    }

    /// Watches some objects of a kind.
    fn only<T: Kind>(&mut self, scope: Scope, kept: fn(&State) -> &Mutex<Kept<T>>) {
        self.tasks.spawn(keep_following(self.client.clone(), scope, Arc::clone(self.state), kept));
    }
}

impl State {
    fn view(&self) -> Cluster {
        let now = Instant::now();
        let (ingresses, ingress_classes, nodes, route_groups) =
            (self.ingresses(), lock(&self.ingress_classes), lock(&self.nodes), lock(&self.route_groups));
        let incomplete = [
            ingresses.incomplete(now),
            ingress_classes.incomplete(now),
            nodes.incomplete(now),
            route_groups.incomplete(now),
        ];
        let knows_route_groups = route_groups.is_synced() && route_groups.has_kind();
        let mut cluster = Cluster {
            incomplete: incomplete.into_iter().flatten().collect(),
            ingresses: ingresses.all(),
            ingress_classes: ingress_classes.all(),
            services: Vec::new(),
            nodes: nodes.all(),
            endpoint_slices: None,
            pods: None,
            route_groups: knows_route_groups.then(|| route_groups.all()),
        };
        if self.reads_services {
            self.add_services(&mut cluster, now);
        }
        if self.reads_pods {
            let pods = lock(&self.pods);
            cluster.incomplete.extend(pods.incomplete(now));
            cluster.pods = pods.is_synced().then(|| pods.all());
        }
        if self.reads_gates {
            self.add_gated_pods(&mut cluster, now);
        }
        cluster
    }

    fn add_gated_pods(&self, cluster: &mut Cluster, now: Instant) {
        let gated = lock(&self.gated_pods);
        cluster.incomplete.extend(gated.incomplete(now));
        if !gated.is_synced() {
            return;
        }
        let pods = cluster.pods.get_or_insert_default();
        let name = |pod: &Pod| (pod.metadata.namespace.clone(), pod.metadata.name.clone());
        let known: BTreeSet<_> = pods.iter().map(name).collect();
        let gated = gated.all().into_iter().map(|GatedPod(pod)| pod);
        pods.extend(gated.filter(|pod| !known.contains(&name(pod)))); // pods of the proxy may have the gate
    }

    fn add_services(&self, cluster: &mut Cluster, now: Instant) {
        let (services, endpoint_slices) = (lock(&self.services), lock(&self.endpoint_slices));
        let incomplete = [services.incomplete(now), endpoint_slices.incomplete(now)];
        cluster.incomplete.extend(incomplete.into_iter().flatten());
        cluster.services = services.all();
        cluster.endpoint_slices = endpoint_slices.is_synced().then(|| endpoint_slices.all());
    }

    /// What is known of the Ingresses.
    pub(crate) fn ingresses(&self) -> MutexGuard<'_, Kept<Ingress>> {
        lock(&self.ingresses)
    }

    /// Remembers a change, unless it is one of a Service that no Ingress names: returns whether it concerns anything.
    pub(crate) fn note(&self, concerned: Option<Concerned>) -> bool {
        match concerned {
            None => true,
            Some(Concerned::Service(service)) if !self.may_be_backend(&service) => false,
            Some(concerned) => {
                lock(&self.recent).changed(concerned);
                true
            }
        }
    }

    /// Whether an Ingress may name a Service. An Ingress that cannot be read may name any Service.
    pub(crate) fn may_be_backend(&self, (namespace, name): &Key) -> bool {
        let ingresses = self.ingresses();
        ingresses.of_namespace(namespace).any(|it| it.is_none_or(|it| backends::may_name(it, name)))
    }

    /// Looks at an object as it is known now. `None`: it is not known, or it cannot be read.
    pub(crate) fn with_source<T>(
        &self,
        object: &ObjectName,
        look: impl FnOnce(SourceObject<'_>) -> T,
    ) -> Option<T> {
        let ObjectName { namespace, name, kind } = object;
        match kind {
            ObjectKind::Ingress => {
                self.ingresses().get(namespace, name).map(|found| look(SourceObject::Ingress(found)))
            }
            ObjectKind::RouteGroup => {
                let route_groups = lock(&self.route_groups);
                route_groups.get(namespace, name).map(|found| look(SourceObject::RouteGroup(found)))
            }
            ObjectKind::HttpRoute => None,
        }
    }

    /// Takes over the answer to our own write to an object of a kind, so that the next plan includes it even if the watch is
    /// behind.
    pub(crate) fn learn(&self, kind: ObjectKind, answer: DynamicObject) {
        let changed = match kind {
            ObjectKind::Ingress => self.ingresses().learn(answer),
            ObjectKind::RouteGroup => lock(&self.route_groups).learn(answer),
            ObjectKind::HttpRoute => false,
        };
        self.bump(changed, false);
    }

    /// Looks at a Pod with our readiness gate as it is known now. `None`: it is not known.
    pub(crate) fn with_gated_pod<T>(
        &self,
        namespace: &str,
        name: &str,
        look: impl FnOnce(&Pod) -> T,
    ) -> Option<T> {
        lock(&self.gated_pods).get(namespace, name).map(|GatedPod(pod)| look(pod))
    }

    /// As [`State::learn`], for the condition of a Pod with our readiness gate.
    pub(crate) fn learn_gated_pod(&self, answer: DynamicObject) {
        let changed = lock(&self.gated_pods).learn(answer);
        self.bump(changed, false);
    }

    fn bump(&self, changed: bool, is_urgent: bool) {
        if changed {
            self.revision.send_modify(|revision| revision.advance(is_urgent));
        }
    }
}

/// Takes the lock even after a panic elsewhere: the kept objects are consistent after each change.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn health<T: Kind>(kept: &Kept<T>, required: bool) -> WatchHealth {
    WatchHealth {
        kind: T::NAME,
        required,
        synced: kept.is_synced(),
        exists: kept.may_have_kind(),
        failing: kept.failing().cloned(),
    }
}

#[cfg(test)]
mod tests;
