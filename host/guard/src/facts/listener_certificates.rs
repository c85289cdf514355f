//! Which certificates are on which listeners, during a plan.
//!
//! Listeners of load balancers that the plan does not change are not copied.

use std::collections::BTreeMap;

use albatross_contract::LoadBalancer;

/// An existing resource, by its ARN, or one that an action creates, by the index of the action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Resource<'a> {
    Existing(&'a str),
    Made(usize),
}

/// Where a certificate on a listener comes from: the action that adds it, or nothing if it was there before.
pub(crate) type Origin = Option<usize>;

/// The certificates on one listener.
#[derive(Default)]
struct OnListener<'a> {
    default: Option<(&'a str, Origin)>,
    /// The other certificates, which AWS counts.
    others: BTreeMap<&'a str, Origin>,
}

impl<'a> OnListener<'a> {
    fn origin(&self, arn: &str) -> Option<Origin> {
        let default = self.default.filter(|(default, _)| *default == arn).map(|(_, origin)| origin);
        [default, self.others.get(arn).copied()].into_iter().flatten().min()
    }

    fn all(&self) -> impl Iterator<Item = (&'a str, Origin)> {
        self.default.iter().copied().chain(self.others.iter().map(|(arn, origin)| (*arn, *origin)))
    }
}

/// The certificates of all listeners that a plan creates or may change, at one moment of the plan.
#[derive(Default)]
pub(crate) struct ListenerCertificates<'a> {
    load_balancers: BTreeMap<Resource<'a>, BTreeMap<Resource<'a>, OnListener<'a>>>,
    load_balancer_of: BTreeMap<Resource<'a>, Resource<'a>>,
}

impl<'a> ListenerCertificates<'a> {
    /// Starts to track the certificates of a load balancer of the inventory, before something may change there.
    pub(crate) fn observe(&mut self, load_balancer: &'a LoadBalancer) {
        let key = Resource::Existing(&load_balancer.arn);
        if self.load_balancers.contains_key(&key) {
            return;
        }
        let mut listeners = BTreeMap::new();
        for listener in &load_balancer.listeners {
            let on_it = OnListener {
                default: listener.default_certificate.as_deref().map(|arn| (arn, None)),
                others: listener.certificates.iter().map(|arn| (arn.as_str(), None)).collect(),
            };
            listeners.insert(Resource::Existing(&listener.arn), on_it);
            self.load_balancer_of.insert(Resource::Existing(&listener.arn), key);
        }
        self.load_balancers.insert(key, listeners);
    }

    /// An action creates a load balancer.
    pub(crate) fn put_load_balancer(&mut self, action: usize) {
        self.load_balancers.entry(Resource::Made(action)).or_default();
    }

    /// An action creates a listener.
    pub(crate) fn put_listener(&mut self, action: usize, on: Resource<'a>, default: Option<&'a str>) {
        let made = OnListener { default: default.map(|arn| (arn, Some(action))), ..OnListener::default() };
        self.load_balancers.entry(on).or_default().insert(Resource::Made(action), made);
        self.load_balancer_of.insert(Resource::Made(action), on);
    }

    /// An action adds a certificate to a listener.
    pub(crate) fn add(&mut self, listener: Resource<'a>, arn: &'a str, action: usize) {
        if let Some(on_it) = self.on_listener_mut(listener) {
            on_it.others.entry(arn).or_insert(Some(action));
        }
    }

    /// A certificate is removed from a listener.
    pub(crate) fn remove(&mut self, listener: Resource<'a>, arn: &str) {
        if let Some(on_it) = self.on_listener_mut(listener) {
            on_it.others.remove(arn);
        }
    }

    /// An action makes a certificate the default of a listener. The old default does not join the others: AWS replaces
    /// it (ELBv2 API reference, `ModifyListener`).
    pub(crate) fn set_default(&mut self, listener: Resource<'a>, arn: &'a str, action: usize) {
        if let Some(on_it) = self.on_listener_mut(listener) {
            let origin = on_it.origin(arn).unwrap_or(Some(action));
            on_it.default = Some((arn, origin));
        }
    }

    /// A listener is deleted. Returns its certificates.
    pub(crate) fn delete_listener(&mut self, listener: Resource<'a>) -> Vec<&'a str> {
        let on = self.load_balancer_of.remove(&listener);
        let gone = on
            .and_then(|on| self.load_balancers.get_mut(&on))
            .and_then(|listeners| listeners.remove(&listener));
        gone.map(|gone| gone.all().map(|(arn, _)| arn).collect()).unwrap_or_default()
    }

    /// A listener serves HTTP from now on, so it has no certificate any more. Returns those that it had.
    pub(crate) fn clear(&mut self, listener: Resource<'a>) -> Vec<&'a str> {
        let had = self.on_listener_mut(listener).map(std::mem::take);
        had.map(|had| had.all().map(|(arn, _)| arn).collect()).unwrap_or_default()
    }

    /// A load balancer is deleted with its listeners.
    pub(crate) fn delete_load_balancer(&mut self, load_balancer: Resource<'a>) {
        self.load_balancers.insert(load_balancer, BTreeMap::new());
    }

    /// The default certificate of a listener.
    pub(crate) fn default_of(&self, listener: Resource<'a>) -> Option<&'a str> {
        self.on_listener(listener).and_then(|on_it| on_it.default).map(|(arn, _)| arn)
    }

    /// Whether a certificate is on a listener, but not as its default.
    pub(crate) fn lists(&self, listener: Resource<'a>, arn: &str) -> bool {
        self.on_listener(listener).is_some_and(|on_it| on_it.others.contains_key(arn))
    }

    /// All certificates on a load balancer that the plan creates or may change, each once, with its origin; if it has several
    /// origins, the inventory counts. Absent: the plan does not change the load balancer.
    pub(crate) fn on(&self, load_balancer: Resource<'a>) -> Option<BTreeMap<&'a str, Origin>> {
        let mut all: BTreeMap<&str, Origin> = BTreeMap::new();
        for (arn, origin) in self.load_balancers.get(&load_balancer)?.values().flat_map(OnListener::all) {
            let first = all.entry(arn).or_insert(origin);
            *first = origin.min(*first);
        }
        Some(all)
    }

    /// How many certificates of a load balancer AWS counts: those of all listeners, without default certificates.
    pub(crate) fn count(&self, load_balancer: Resource<'a>) -> usize {
        let listeners = self.load_balancers.get(&load_balancer).into_iter().flat_map(BTreeMap::values);
        listeners.map(|on_it| on_it.others.len()).sum()
    }

    fn on_listener(&self, listener: Resource<'a>) -> Option<&OnListener<'a>> {
        self.load_balancers.get(self.load_balancer_of.get(&listener)?)?.get(&listener)
    }

    fn on_listener_mut(&mut self, listener: Resource<'a>) -> Option<&mut OnListener<'a>> {
        self.load_balancers.get_mut(self.load_balancer_of.get(&listener)?)?.get_mut(&listener)
    }
}
