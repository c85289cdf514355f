//! The objects of one kind, as their watch last reported them.
//!
//! kube's own reflector keeps objects of the API. This module keeps objects of the contract, converted once when they
//! arrive: a snapshot of 10,000 Ingresses is then a copy, managed fields take no memory, and two versions can be compared
//! by the fields that matter, without heartbeats, resource versions and the like.

use std::collections::{BTreeMap, btree_map::Entry};

use albatross_contract::IncompletePart;
use kube::core::DynamicObject;
use tokio::time::Instant;

use super::{health::Failing, kind::Kind, presence::Presence};
use crate::ClusterError;

/// Namespace, empty for kinds without one, and name.
pub(crate) type Key = (String, String);

/// All objects of a kind.
pub(crate) struct Kept<T> {
    objects: BTreeMap<Key, Object<T>>,
    /// The list that is being received. It replaces the objects above when it is complete.
    listing: BTreeMap<Key, Object<T>>,
    synced: bool,
    failing: Option<Failing>,
    presence: Presence,
}

/// One object, or why it cannot be read. The object is boxed, since a map reserves room for more entries than it has.
struct Object<T> {
    /// `metadata.resourceVersion`. Every API server increments it, which Kubernetes 1.35 guarantees (KEP-5504); a version
    /// that is not a number counts as the newest.
    version: u64,
    content: Result<Box<T>, String>,
    /// Whether this is the answer to our own write, received since the last list began. That list may be older.
    learnt: bool,
}

impl<T: Kind> Object<T> {
    /// Becomes a newer version. Returns whether it differs.
    fn renew(&mut self, newer: Object<T>) -> bool {
        (self.version, self.learnt) = (newer.version, newer.learnt);
        if self.content == newer.content {
            return false;
        }
        match (&mut self.content, newer.content) {
            (Ok(known), Ok(newer)) => known.renew(*newer),
            (known, newer) => *known = newer,
        }
        true
    }
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Kept {
            objects: BTreeMap::new(),
            listing: BTreeMap::new(),
            synced: false,
            failing: None,
            presence: Presence::default(),
        }
    }
}

impl<T: Kind> Kept<T> {
    /// A list begins. It is at least as new as this moment (kube asks without a resourceVersion: "most recent" in the API
    /// concepts), so it includes every earlier write. It is trusted even if its versions are lower: after etcd was
    /// restored, versions continue from the backup.
    pub(crate) fn begin_list(&mut self) {
        self.listing.clear();
        self.objects.values_mut().for_each(|object| object.learnt = false);
    }

    /// The list contains this object.
    pub(crate) fn list(&mut self, object: DynamicObject) {
        let (key, object) = convert::<T>(object);
        self.listing.insert(key, object);
    }

    /// The list is complete. Returns whether anything differs from what was known before.
    pub(crate) fn end_list(&mut self, now: Instant) -> bool {
        let mut listed = std::mem::take(&mut self.listing);
        let mut differs = !self.synced || self.is_stale(now);
        let mut stayed = 0;
        for (key, known) in std::mem::take(&mut self.objects) {
            let Some(object) = listed.get_mut(&key) else {
                differs = true;
                continue;
            };
            stayed += 1;
            if known.learnt && known.version > object.version {
                *object = known; // the list is older than the answer to our own write
            } else {
                differs |= known.content != object.content;
            }
        }
        differs |= listed.len() != stayed;
        self.objects = listed;
        self.synced = true;
        self.failing = None;
        self.presence = Presence::Presumed;
        differs
    }

    /// The API server says that it does not have the kind. Until that counts, objects that are known stay, and where none are
    /// known the view is incomplete. Returns whether anything differs from what was known before.
    pub(crate) fn absent(&mut self, now: Instant) -> bool {
        let before = self.presence;
        match before.denied(now) {
            Presence::Absent => {
                let differs = before != Presence::Absent || self.is_stale(now);
                self.clear();
                differs
            }
            denied => {
                self.presence = denied;
                let message = format!(
                    "the API server says that it does not have the kind {}, which counts after a minute",
                    T::NAME
                );
                self.mark_failing(message, false, now) && !self.synced
            }
        }
    }

    /// If the API server said last that it does not have the kind, that counts at once.
    pub(crate) fn believe_absence(&mut self) {
        if let Presence::Denied { answering: true, .. } = self.presence {
            self.clear();
        }
    }

    /// The API server says that it has the kind. If the cluster lacked it, it is not known which objects there are until their
    /// list has been read.
    pub(crate) fn present(&mut self) {
        self.synced &= self.has_kind();
        self.presence = Presence::Presumed;
    }

    /// The cluster does not have the kind, so that there are no objects.
    fn clear(&mut self) {
        *self = Kept { synced: true, presence: Presence::Absent, ..Kept::default() };
    }

    /// Whether the cluster has the kind, as far as it is known.
    pub(crate) fn has_kind(&self) -> bool {
        self.presence != Presence::Absent
    }

    /// Whether the API server has not said that it lacks the kind, or objects of it are known.
    pub(crate) fn may_have_kind(&self) -> bool {
        match self.presence {
            Presence::Presumed => true,
            Presence::Denied { .. } => self.synced,
            Presence::Absent => false,
        }
    }

    /// The object was added or changed. Returns whether it differs from what was known before. A version older than the
    /// known one is ignored: the answer to our own write can overtake the watch.
    pub(crate) fn apply(&mut self, object: DynamicObject) -> bool {
        let (key, object) = convert::<T>(object);
        match self.objects.entry(key) {
            Entry::Vacant(vacant) => {
                vacant.insert(object);
                true
            }
            Entry::Occupied(known) if known.get().version > object.version => false,
            Entry::Occupied(mut known) => known.get_mut().renew(object),
        }
    }

    /// The object is gone. Returns whether it was known.
    pub(crate) fn delete(&mut self, object: &DynamicObject) -> bool {
        match self.objects.entry(key(object)) {
            Entry::Occupied(known) if known.get().version <= version(object) => {
                known.remove();
                true
            }
            _ => false,
        }
    }

    /// The watch failed. Returns whether this is news: the first failure, or a failure for another reason.
    pub(crate) fn fail(&mut self, error: &ClusterError, now: Instant) -> bool {
        match error {
            ClusterError::OtherVersion { .. } => self.present(),
            _ => self.presence = self.presence.unanswered(),
        }
        self.mark_failing(error.to_string(), error.is_refusal(), now)
    }

    /// The watch has panicked.
    pub(crate) fn panicked(&mut self, defect: &str, now: Instant) {
        let message = format!(
            "its task has panicked ({defect}), which is a defect in Albatross: please report it; the watch is restarted"
        );
        self.mark_failing(message, false, now);
    }

    fn mark_failing(&mut self, message: String, refused: bool, now: Instant) -> bool {
        let since = self.failing.as_ref().map_or(now, |failing| failing.since);
        let is_news = self.failing.as_ref().is_none_or(|failing| failing.message != message);
        self.failing = Some(Failing { since, message, refused });
        is_news
    }

    pub(crate) fn is_synced(&self) -> bool {
        self.synced
    }

    pub(crate) fn failing(&self) -> Option<&Failing> {
        self.failing.as_ref()
    }

    /// A readable object.
    pub(crate) fn get(&self, namespace: &str, name: &str) -> Option<&T> {
        let object = self.objects.get(&(namespace.to_owned(), name.to_owned()))?;
        object.content.as_deref().ok()
    }

    /// All readable objects, in the order of namespace and name.
    pub(crate) fn all(&self) -> Vec<T> {
        // Nearly every object is readable. A vector that grows would take up to twice the memory, in every pass.
        let mut all = Vec::with_capacity(self.objects.len());
        all.extend(self.objects.values().filter_map(|object| object.content.as_deref().ok()).cloned());
        all
    }

    /// The objects of a namespace. `None` stands for an object that cannot be read.
    pub(crate) fn of_namespace(&self, namespace: &str) -> impl Iterator<Item = Option<&T>> {
        let from = (namespace.to_owned(), String::new());
        let of_it = self.objects.range(from..).take_while(move |((of, _), _)| of == namespace);
        of_it.map(|(_, object)| object.content.as_deref().ok())
    }

    /// Why the objects are not the complete state of the cluster. Absent: they are.
    ///
    /// A watch that is behind still shows a consistent older state, and every watch is a little behind; so a short failure
    /// changes nothing. After a longer failure ([`Failing::STALE_AFTER`]), the state may be arbitrarily old: something that
    /// seems unneeded may be needed again, so nothing is removed. Everything else goes on with what is known.
    pub(crate) fn incomplete(&self, now: Instant) -> Option<IncompletePart> {
        // Most clusters lack the kind. That the API server fails is a fault all the same.
        let is_denied = matches!(self.presence, Presence::Denied { answering: true, .. });
        let expected = (!self.synced && is_denied).then_some(true);
        let part = |reason: String| Some(IncompletePart { part: T::PART, resource: None, reason, expected });
        if !self.synced {
            return part(match &self.failing {
                Some(failing) => format!("the {} list cannot be read: {}", T::NAME, failing.message),
                None => format!("the {} list has not been read yet", T::NAME),
            });
        }
        if let Some(failing) = self.failing.as_ref().filter(|_| self.is_stale(now)) {
            return part(format!("the {} watch fails: {}", T::NAME, failing.message));
        }
        let mut unreadable =
            self.objects.iter().filter_map(|(key, object)| Some((key, object.content.as_ref().err()?)));
        let (key, message) = unreadable.next()?;
        let first = format!("{}: {message}", named::<T>(key));
        match unreadable.count() {
            0 => part(first),
            more => part(format!("{first} (and {more} more)")),
        }
    }

    fn is_stale(&self, now: Instant) -> bool {
        self.failing.as_ref().is_some_and(|failing| now - failing.since >= Failing::STALE_AFTER)
    }

    /// Takes over the answer to our own write. Returns whether it differs from what was known before.
    ///
    /// It changes only the object that was written. An object that the watch has deleted since is not brought back: the
    /// watch would not report its deletion again. An object created again under the same name is not changed.
    pub(crate) fn learn(&mut self, answer: DynamicObject) -> bool {
        let uid = answer.metadata.uid.clone();
        let (key, mut answer) = convert::<T>(answer);
        let Some(known) = self.objects.get_mut(&key) else {
            return false;
        };
        let is_same = known.content.as_ref().is_ok_and(|known| known.uid() == uid.as_deref());
        if !is_same || known.version > answer.version {
            return false;
        }
        answer.learnt = true;
        known.renew(answer)
    }
}

/// Such as `Ingress shop/checkout` or `Node ip-10-0-0-1`.
fn named<T: Kind>((namespace, name): &Key) -> String {
    if namespace.is_empty() {
        format!("{} {name}", T::NAME)
    } else {
        format!("{} {namespace}/{name}", T::NAME)
    }
}

fn key(object: &DynamicObject) -> Key {
    let metadata = &object.metadata;
    (metadata.namespace.clone().unwrap_or_default(), metadata.name.clone().unwrap_or_default())
}

fn version(object: &DynamicObject) -> u64 {
    let version = object.metadata.resource_version.as_deref();
    version.and_then(|version| version.parse().ok()).unwrap_or(u64::MAX)
}

fn convert<T: Kind>(mut object: DynamicObject) -> (Key, Object<T>) {
    let (key, version) = (key(&object), version(&object));
    // They are half of the size of an object, and never read.
    object.metadata.managed_fields = None;
    let content = serde_json::to_value(object)
        .map_err(|error| error.to_string())
        .and_then(|object| T::read(object).map(Box::new).map_err(|error| error.message));
    if let Err(message) = &content {
        tracing::warn!(
            object = named::<T>(&key),
            reason = message,
            "an object cannot be read: nothing is removed that it may need"
        );
    }
    (key, Object { version, content, learnt: false })
}

#[cfg(test)]
mod tests;
