//! The objects of the cluster, kept up to date by watches.

mod health;
mod kept;
mod kind;
mod settling;

use std::{
    any::Any,
    convert::Infallible,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use albatross_contract::{Cluster, Ingress, IngressClass, Node};
use futures::{FutureExt, StreamExt, pin_mut};
use kube::{
    Api, Client,
    core::DynamicObject,
    runtime::{watcher, watcher::Event},
};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, sleep},
};

use crate::ClusterError;

pub use health::{Failing, WatchHealth};
use kept::Kept;
use kind::Kind;

/// How long one watch request lasts, in seconds; the next request continues where it ended. This limits how long a silently
/// broken connection goes unnoticed. client-go uses 5 to 10 minutes, which is too long for a controller that writes.
pub(crate) const WATCH_LIFETIME: u32 = 60;

/// The number of objects in a page of a list. An object of the API takes much more memory than what is kept of it, so this
/// is less than kube's 500.
const PAGE: u32 = 100;

/// The pause between attempts when kube's backoff is exhausted.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// The watches of all Ingresses, IngressClasses and Nodes. They end when this is dropped.
pub struct Watches {
    state: Arc<State>,
    _tasks: JoinSet<()>,
}

/// What the watches know.
#[derive(Default)]
pub(crate) struct State {
    ingresses: Mutex<Kept<Ingress>>,
    ingress_classes: Mutex<Kept<IngressClass>>,
    nodes: Mutex<Kept<Node>>,
    revision: watch::Sender<u64>,
}

impl Watches {
    /// Begins to watch. An API server that is away or refuses is not an error but a state ([`Watches::health`]): the
    /// watches retry, with growing pauses of up to 30 s.
    pub fn start(client: &Client) -> Watches {
        let state = Arc::new(State::default());
        let mut tasks = JoinSet::new();
        tasks.spawn(keep_following(client.clone(), Arc::clone(&state), |state| &state.ingresses));
        tasks.spawn(keep_following(client.clone(), Arc::clone(&state), |state| &state.ingress_classes));
        tasks.spawn(keep_following(client.clone(), Arc::clone(&state), |state| &state.nodes));
        Watches { state, _tasks: tasks }
    }

    /// Waits until every list has been read once. Nothing may be planned before: objects not read yet would look deleted.
    pub async fn synced(&self) {
        let mut revisions = self.state.revision.subscribe();
        let all_synced = |_: &u64| self.health().iter().all(|watch| watch.synced);
        if revisions.wait_for(all_synced).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// The number of relevant changes so far, for [`Watches::changed_since`]. Every later view includes them.
    pub fn revision(&self) -> u64 {
        *self.state.revision.borrow()
    }

    /// Waits until there is a relevant change since a revision, and then until changes pause for a second, but at most
    /// 10 s. The future can be dropped without losing changes.
    pub async fn changed_since(&self, revision: u64) {
        settling::settled(self.state.revision.subscribe(), revision).await;
    }

    /// The cluster as it is known now. Parts that could not be read are marked: lists that have not been received, objects
    /// that cannot be read, and lists whose watch has been failing for a minute.
    pub fn view(&self) -> Cluster {
        self.state.view()
    }

    /// As [`Watches::view`], as a function that can be called later and in another thread.
    pub fn views(&self) -> impl Fn() -> Cluster + Clone + Send + use<> {
        let state = Arc::clone(&self.state);
        move || state.view()
    }

    /// The health of each watch, for health endpoints and for people.
    pub fn health(&self) -> Vec<WatchHealth> {
        vec![
            health(&self.state.ingresses()),
            health(&lock(&self.state.ingress_classes)),
            health(&lock(&self.state.nodes)),
        ]
    }

    pub(crate) fn state(&self) -> Arc<State> {
        Arc::clone(&self.state)
    }
}

impl State {
    fn view(&self) -> Cluster {
        let now = Instant::now();
        let (ingresses, ingress_classes, nodes) =
            (self.ingresses(), lock(&self.ingress_classes), lock(&self.nodes));
        let incomplete = [ingresses.incomplete(now), ingress_classes.incomplete(now), nodes.incomplete(now)];
        Cluster {
            incomplete: incomplete.into_iter().flatten().collect(),
            ingresses: ingresses.all(),
            ingress_classes: ingress_classes.all(),
            services: Vec::new(), // only route mode needs them, and the right to read them
            nodes: nodes.all(),
            endpoint_slices: None, // as Services
        }
    }

    /// What is known of the Ingresses.
    pub(crate) fn ingresses(&self) -> MutexGuard<'_, Kept<Ingress>> {
        lock(&self.ingresses)
    }

    /// Takes over the answer to our own write, so that the next plan includes it even if the watch is behind.
    pub(crate) fn learn(&self, ingress: DynamicObject) {
        let changed = self.ingresses().learn(ingress);
        self.bump(changed);
    }

    fn bump(&self, changed: bool) {
        if changed {
            self.revision.send_modify(|revision| *revision += 1);
        }
    }
}

/// Takes the lock even after a panic elsewhere: the kept objects are consistent after each change.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn health<T: Kind>(kept: &Kept<T>) -> WatchHealth {
    WatchHealth { kind: T::NAME, synced: kept.is_synced(), failing: kept.failing().cloned() }
}

/// Watches one kind forever. A watch that panics is logged and restarted: otherwise its objects would look up to date
/// forever.
async fn keep_following<T: Kind>(client: Client, state: Arc<State>, kept: fn(&State) -> &Mutex<Kept<T>>) {
    let mut pauses = watcher::DefaultBackoff::default();
    loop {
        // The next attempt begins with a list, which replaces anything that a panic has left incomplete.
        let watch = AssertUnwindSafe(follow(client.clone(), Arc::clone(&state), kept)).catch_unwind();
        let defect = match watch.await {
            Ok(never) => match never {},
            Err(panic) => message_of(&*panic),
        };
        tracing::error!(
            kind = T::NAME,
            defect,
            "a watch has panicked, which is a defect in Albatross: please report it; the watch is restarted"
        );
        lock(kept(&state)).panicked(&defect, Instant::now());
        sleep(pauses.next().unwrap_or(LONGEST_PAUSE)).await;
    }
}

/// The message of a panic, if it has one.
fn message_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".to_owned())
}

/// Watches one kind forever. After a failure, it begins again with a list: kube's watcher would retry silently, and a quiet
/// watch could not be distinguished from one that still fails.
async fn follow<T: Kind>(
    client: Client,
    state: Arc<State>,
    kept: fn(&State) -> &Mutex<Kept<T>>,
) -> Infallible {
    let resource = T::resource();
    let doing = format!("watch {}", resource.plural);
    let api: Api<DynamicObject> = Api::all_with(client, &resource);
    let mut pauses = watcher::DefaultBackoff::default();
    loop {
        let asking = watcher::Config::default().timeout(WATCH_LIFETIME).page_size(PAGE);
        let events = watcher(api.clone(), asking);
        pin_mut!(events);
        while let Some(event) = events.next().await {
            let error = match event {
                Ok(event) => {
                    let changed = take(event, &mut lock(kept(&state)));
                    state.bump(changed);
                    continue;
                }
                Err(error) => in_words(&doing, error),
            };
            if lock(kept(&state)).fail(&error, Instant::now()) {
                tracing::warn!(kind = T::NAME, %error, "a watch fails; retrying");
            }
            break;
        }
        sleep(pauses.next().unwrap_or(LONGEST_PAUSE)).await;
    }
}

/// Takes over an event and returns whether anything relevant has changed.
fn take<T: Kind>(event: Event<DynamicObject>, kept: &mut Kept<T>) -> bool {
    match event {
        Event::Init => {
            kept.begin_list();
            false
        }
        Event::InitApply(object) => {
            kept.list(object);
            false
        }
        Event::InitDone => {
            let now = Instant::now();
            if let Some(failing) = kept.failing() {
                let seconds = (now - failing.since).as_secs();
                tracing::info!(kind = T::NAME, seconds, "the watch works again");
            }
            kept.end_list(now)
        }
        Event::Apply(object) => kept.apply(object),
        Event::Delete(object) => kept.delete(&object),
    }
}

fn in_words(doing: &str, error: watcher::Error) -> ClusterError {
    match error {
        watcher::Error::InitialListFailed(error)
        | watcher::Error::WatchStartFailed(error)
        | watcher::Error::WatchFailed(error) => ClusterError::request(doing, error),
        watcher::Error::WatchError(status) => ClusterError::request(doing, kube::Error::Api(status)),
        watcher::Error::NoResourceVersion => ClusterError::Refused {
            doing: doing.to_owned(),
            code: 200,
            message: "the list has no resourceVersion".to_owned(),
        },
    }
}

#[cfg(test)]
mod tests;
