//! Which certificates are on which listeners, as a plan goes on.

use std::collections::BTreeMap;

use crate::view::View;

/// A resource that is there, by its ARN, or that an action makes, by the place of that in the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key<'a> {
    Existing(&'a str),
    Made(usize),
}

/// Where a certificate on a listener comes from: the action that adds it, or nothing if it was there before.
pub(crate) type Origin = Option<usize>;

/// One listener.
#[derive(Default)]
struct Shelf<'a> {
    default: Option<(&'a str, Origin)>,
    /// All others, which is what AWS counts.
    others: BTreeMap<&'a str, Origin>,
}

impl<'a> Shelf<'a> {
    fn origin(&self, arn: &str) -> Option<Origin> {
        let default = self.default.filter(|(default, _)| *default == arn).map(|(_, origin)| origin);
        [default, self.others.get(arn).copied()].into_iter().flatten().min()
    }

    fn all(&self) -> impl Iterator<Item = &'a str> {
        self.default.iter().map(|(arn, _)| *arn).chain(self.others.keys().copied())
    }
}

/// The certificates of all load balancers at one moment of a plan.
#[derive(Default)]
pub(crate) struct Shelves<'a> {
    listeners: BTreeMap<Key<'a>, BTreeMap<Key<'a>, Shelf<'a>>>,
    load_balancer_of: BTreeMap<Key<'a>, Key<'a>>,
}

impl<'a> Shelves<'a> {
    /// Before the plan.
    pub(crate) fn observed(view: &View<'a>) -> Self {
        let mut shelves = Shelves::default();
        for load_balancer in &view.snapshot.inventory.load_balancers {
            let key = Key::Existing(&load_balancer.arn);
            let on = shelves.listeners.entry(key).or_default();
            for listener in &load_balancer.listeners {
                let shelf = Shelf {
                    default: listener.default_certificate.as_deref().map(|arn| (arn, None)),
                    others: listener.certificates.iter().map(|arn| (arn.as_str(), None)).collect(),
                };
                on.insert(Key::Existing(&listener.arn), shelf);
                shelves.load_balancer_of.insert(Key::Existing(&listener.arn), key);
            }
        }
        shelves
    }

    /// An action makes a load balancer.
    pub(crate) fn put_load_balancer(&mut self, action: usize) {
        self.listeners.entry(Key::Made(action)).or_default();
    }

    /// An action makes a listener.
    pub(crate) fn put_listener(&mut self, action: usize, load_balancer: Key<'a>, default: Option<&'a str>) {
        let shelf = Shelf { default: default.map(|arn| (arn, Some(action))), ..Shelf::default() };
        self.listeners.entry(load_balancer).or_default().insert(Key::Made(action), shelf);
        self.load_balancer_of.insert(Key::Made(action), load_balancer);
    }

    /// An action adds a certificate to a listener.
    pub(crate) fn add(&mut self, listener: Key<'a>, arn: &'a str, action: usize) {
        if let Some(shelf) = self.shelf_mut(listener) {
            shelf.others.entry(arn).or_insert(Some(action));
        }
    }

    /// A certificate is taken off a listener.
    pub(crate) fn remove(&mut self, listener: Key<'a>, arn: &str) {
        if let Some(shelf) = self.shelf_mut(listener) {
            shelf.others.remove(arn);
        }
    }

    /// An action makes a certificate the default of a listener. The old default does not join the others: AWS replaces
    /// it (ELBv2 API reference, `ModifyListener`).
    pub(crate) fn set_default(&mut self, listener: Key<'a>, arn: &'a str, action: usize) {
        if let Some(shelf) = self.shelf_mut(listener) {
            let origin = shelf.origin(arn).unwrap_or(Some(action));
            shelf.default = Some((arn, origin));
        }
    }

    /// A listener goes; what was on it.
    pub(crate) fn delete_listener(&mut self, listener: Key<'a>) -> Vec<&'a str> {
        let on = self.load_balancer_of.remove(&listener);
        let shelf =
            on.and_then(|on| self.listeners.get_mut(&on)).and_then(|shelves| shelves.remove(&listener));
        shelf.map(|shelf| shelf.all().collect()).unwrap_or_default()
    }

    /// A load balancer goes with its listeners.
    pub(crate) fn delete_load_balancer(&mut self, load_balancer: Key<'a>) {
        self.listeners.remove(&load_balancer);
    }

    /// The default certificate of a listener.
    pub(crate) fn default_of(&self, listener: Key<'a>) -> Option<&'a str> {
        self.shelf(listener).and_then(|shelf| shelf.default).map(|(arn, _)| arn)
    }

    /// Whether a certificate is on a listener, not as its default.
    pub(crate) fn lists(&self, listener: Key<'a>, arn: &str) -> bool {
        self.shelf(listener).is_some_and(|shelf| shelf.others.contains_key(arn))
    }

    /// All certificates on a load balancer.
    pub(crate) fn on(&self, load_balancer: Key<'a>) -> impl Iterator<Item = &'a str> {
        self.listeners.get(&load_balancer).into_iter().flat_map(BTreeMap::values).flat_map(Shelf::all)
    }

    /// Whether a certificate is on a load balancer.
    pub(crate) fn holds(&self, load_balancer: Key<'a>, arn: &str) -> bool {
        self.origin(load_balancer, arn).is_some()
    }

    /// Where a certificate on a load balancer comes from; what was there before comes first.
    pub(crate) fn origin(&self, load_balancer: Key<'a>, arn: &str) -> Option<Origin> {
        self.listeners.get(&load_balancer)?.values().filter_map(|shelf| shelf.origin(arn)).min()
    }

    /// How many certificates of a load balancer AWS counts: those of all listeners, defaults aside.
    pub(crate) fn count(&self, load_balancer: Key<'a>) -> usize {
        self.listeners
            .get(&load_balancer)
            .into_iter()
            .flat_map(BTreeMap::values)
            .map(|shelf| shelf.others.len())
            .sum()
    }

    fn shelf(&self, listener: Key<'a>) -> Option<&Shelf<'a>> {
        self.listeners.get(self.load_balancer_of.get(&listener)?)?.get(&listener)
    }

    fn shelf_mut(&mut self, listener: Key<'a>) -> Option<&mut Shelf<'a>> {
        self.listeners.get_mut(self.load_balancer_of.get(&listener)?)?.get_mut(&listener)
    }
}
