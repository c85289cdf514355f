//! The watch of one kind: lists, watches, and begins again after a failure.

use std::{
    any::Any,
    convert::Infallible,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex},
    time::Duration,
};

use futures::{FutureExt, StreamExt, pin_mut};
use kube::{
    Api, Client,
    core::DynamicObject,
    runtime::{watcher, watcher::Event},
};
use tokio::time::{Instant, sleep};

use super::{State, discovery::exists, kept::Kept, kind::Kind, lock, recent::Concerned};
use crate::ClusterError;

/// How long one watch request lasts, in seconds; the next request continues where it ended. This limits how long a silently
/// broken connection goes unnoticed. client-go uses 5 to 10 minutes, which is too long for a controller that writes.
pub(crate) const WATCH_LIFETIME: u32 = 60;

/// The pause between attempts when kube's backoff is exhausted.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Which objects of a kind are watched. By default all of them.
#[derive(Clone, Default)]
pub(crate) struct Scope {
    /// Only those of this namespace. `None`: of all namespaces.
    pub(crate) namespace: Option<String>,
    /// Only those that this label selector selects. `None`: whatever their labels.
    pub(crate) labels: Option<String>,
}

/// Watches one kind forever. A watch that panics is logged and restarted: otherwise its objects would look up to date
/// forever.
pub(crate) async fn keep_following<T: Kind>(
    client: Client,
    scope: Scope,
    state: Arc<State>,
    kept: fn(&State) -> &Mutex<Kept<T>>,
) {
    let mut pauses = watcher::DefaultBackoff::default();
    loop {
        // The next attempt begins with a list, which replaces anything that a panic has left incomplete.
        let watch = AssertUnwindSafe(follow(client.clone(), &scope, Arc::clone(&state), kept)).catch_unwind();
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
    scope: &Scope,
    state: Arc<State>,
    kept: fn(&State) -> &Mutex<Kept<T>>,
) -> Infallible {
    let resource = T::resource();
    let doing = format!("watch {}", resource.plural);
    let api: Api<DynamicObject> = match &scope.namespace {
        Some(namespace) => Api::namespaced_with(client.clone(), namespace, &resource),
        None => Api::all_with(client.clone(), &resource),
    };
    let mut pauses = watcher::DefaultBackoff::default();
    loop {
        match exists::<T>(&client).await {
            Ok(true) => lock(kept(&state)).present(),
            Ok(false) => {
                let changed = absent(&mut lock(kept(&state)));
                state.bump(changed, false);
                sleep(LONGEST_PAUSE).await;
                continue;
            }
            Err(error) => {
                fail(&error, &state, kept);
                sleep(pauses.next().unwrap_or(LONGEST_PAUSE)).await;
                continue;
            }
        }
        let mut asking = watcher::Config::default().timeout(WATCH_LIFETIME).page_size(T::PAGE);
        asking.label_selector.clone_from(&scope.labels);
        let events = watcher(api.clone(), asking);
        pin_mut!(events);
        while let Some(event) = events.next().await {
            let error = match event {
                Ok(event) => {
                    let concerned = concerned::<T>(&event);
                    let changed = take(event, &mut lock(kept(&state)));
                    state.bump(changed && state.note(concerned), T::IS_URGENT);
                    continue;
                }
                Err(error) => in_words(&doing, error),
            };
            fail(&error, &state, kept);
            break;
        }
        sleep(pauses.next().unwrap_or(LONGEST_PAUSE)).await;
    }
}

/// Notes that a watch fails, and says so once.
fn fail<T: Kind>(error: &ClusterError, state: &State, kept: fn(&State) -> &Mutex<Kept<T>>) {
    let (is_news, synced) = {
        let mut kept = lock(kept(state));
        (kept.fail(error, Instant::now()), kept.is_synced())
    };
    if is_news {
        tracing::warn!(kind = T::NAME, %error, "a watch fails; retrying");
    }
    // Without a list, the view contains this error.
    state.bump(is_news && !synced, false);
}

/// Notes that the API server says that it does not have a kind, and logs that once and when it counts. Returns whether anything
/// relevant has changed.
fn absent<T: Kind>(kept: &mut Kept<T>) -> bool {
    let was_known = kept.is_synced();
    let changed = kept.absent(Instant::now());
    if kept.has_kind() {
        return changed;
    }
    if !was_known {
        tracing::info!(kind = T::NAME, again_in = ?LONGEST_PAUSE, "the cluster does not have this kind; looking again");
    } else if changed {
        tracing::warn!(kind = T::NAME, "the cluster no longer has this kind: its objects count as deleted");
    }
    changed
}

/// What an event is about. Absent: it concerns everything.
fn concerned<T: Kind>(event: &Event<DynamicObject>) -> Option<Concerned> {
    match event {
        Event::Apply(object) | Event::Delete(object) => T::concerned(object),
        Event::Init | Event::InitApply(_) | Event::InitDone => None,
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
            if T::is_wanted(&object) {
                kept.list(object);
            }
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
        Event::Apply(object) if !T::is_wanted(&object) => kept.delete(&object),
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
