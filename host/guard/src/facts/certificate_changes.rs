//! What a plan does to certificates: which leave a listener and how, and which are on the load balancers after it.
//!
//! The plan is walked in order: a certificate may have to be removed before the next one fits, so the certificates on the
//! load balancer at that moment matter.

use std::collections::BTreeMap;

use albatross_contract::{LoadBalancer, Operation, Protocol, ResourceReference};

use super::{
    actions::Actions,
    listener_certificates::{ListenerCertificates, Origin, Resource},
    load_balancers::certificates_on,
    marks::certificate_unneeded_since,
    view::{ListenerOn, View},
};

/// How a certificate leaves a listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Removed,
    ReplacedAsDefault,
    WithListener,
}

/// A certificate that leaves a listener of a load balancer that stays.
pub(crate) struct Removal<'a> {
    pub(crate) action: usize,
    pub(crate) from: ListenerOn<'a>,
    pub(crate) arn: &'a str,
    pub(crate) way: Way,
    /// Since when it has been unneeded. Absent: it has no mark.
    pub(crate) unneeded_since: Option<u64>,
    /// Whether its grace period is over.
    pub(crate) after_grace: bool,
    /// All certificates on the load balancer at that moment; looked up only if its grace period is not over.
    pub(crate) beside: BTreeMap<&'a str, Origin>,
    /// How many of them AWS counts.
    pub(crate) count: usize,
}

/// What a plan does to certificates.
#[derive(Default)]
pub(crate) struct CertificateChanges<'a> {
    /// Certificates that leave, in the order of the plan.
    pub(crate) removals: Vec<Removal<'a>>,
    /// Default certificates that an action removes, which AWS does not allow.
    pub(crate) defaults_removed: Vec<(usize, &'a str)>,
    after: ListenerCertificates<'a>,
}

impl<'a> CertificateChanges<'a> {
    pub(crate) fn new(view: &View<'a>, actions: &Actions<'a>) -> Self {
        let mut walk = Walk { view, actions, now: ListenerCertificates::default(), changes: Self::default() };
        for (index, action) in actions.iter() {
            walk.step(index, &action.operation);
        }
        let Walk { now, mut changes, .. } = walk;
        changes.after = now;
        changes
    }

    /// ARNs of all certificates on a load balancer of the inventory after the plan, each once and in order.
    pub(crate) fn after(&self, load_balancer: &'a LoadBalancer) -> Vec<&'a str> {
        if let Some(changed) = self.after.on(Resource::Existing(&load_balancer.arn)) {
            return changed.into_keys().collect();
        }
        let mut unchanged: Vec<&str> = certificates_on(load_balancer).collect();
        unchanged.sort_unstable();
        unchanged.dedup();
        unchanged
    }

    /// ARNs of all certificates on a load balancer that an action creates, after the plan.
    pub(crate) fn after_made(&self, action: usize) -> Vec<&'a str> {
        self.after.on(Resource::Made(action)).unwrap_or_default().into_keys().collect()
    }
}

/// The walk through the plan.
struct Walk<'w, 'a> {
    view: &'w View<'a>,
    actions: &'w Actions<'a>,
    /// The certificates on the listeners at this moment.
    now: ListenerCertificates<'a>,
    changes: CertificateChanges<'a>,
}

impl<'a> Walk<'_, 'a> {
    fn step(&mut self, index: usize, operation: &'a Operation) {
        match operation {
            Operation::CreateLoadBalancer(_) => self.now.put_load_balancer(index),
            Operation::CreateListener(create) => {
                if let Some(on) = self.load_balancer(&create.load_balancer) {
                    self.now.put_listener(index, on, create.default_certificate.as_deref());
                }
            }
            Operation::AddListenerCertificate(change) => {
                if let Some(listener) = self.listener(&change.listener) {
                    self.now.add(listener, &change.certificate, index);
                }
            }
            Operation::RemoveListenerCertificate(change) => {
                let Some(listener) = self.listener(&change.listener) else { return };
                if self.now.default_of(listener) == Some(&change.certificate) {
                    self.changes.defaults_removed.push((index, &change.certificate));
                } else if self.now.lists(listener, &change.certificate) {
                    self.leaves(index, &change.listener, &change.certificate, Way::Removed);
                }
                self.now.remove(listener, &change.certificate);
            }
            Operation::ModifyListener(change) if change.protocol == Some(Protocol::Http) => {
                let Some(listener) = self.listener(&change.listener) else { return };
                let gone = self.now.clear(listener);
                self.leave_with_listener(index, &change.listener, &gone);
            }
            Operation::ModifyListener(change) => {
                let (Some(listener), Some(new)) =
                    (self.listener(&change.listener), change.default_certificate.as_deref())
                else {
                    return;
                };
                let old = self.now.default_of(listener);
                self.now.set_default(listener, new, index);
                if let Some(old) = old.filter(|old| *old != new && !self.now.lists(listener, old)) {
                    self.leaves(index, &change.listener, old, Way::ReplacedAsDefault);
                }
            }
            Operation::DeleteListener(reference) => self.delete_listener(index, reference),
            Operation::DeleteLoadBalancer(reference) => {
                if let Some(load_balancer) = self.load_balancer(reference) {
                    self.now.delete_load_balancer(load_balancer);
                }
            }
            _ => {}
        }
    }

    fn delete_listener(&mut self, index: usize, reference: &'a ResourceReference) {
        let Some(listener) = self.listener(reference) else { return };
        let gone = self.now.delete_listener(listener);
        self.leave_with_listener(index, reference, &gone);
    }

    /// A listener ends, or serves HTTP from now on. Its certificates leave the load balancer, unless another listener has them.
    fn leave_with_listener(&mut self, index: usize, reference: &'a ResourceReference, gone: &[&'a str]) {
        let Some(from) = self.view.listener(reference) else { return };
        let left = self.now.on(Resource::Existing(&from.load_balancer.arn)).unwrap_or_default();
        for arn in gone.iter().filter(|arn| !left.contains_key(*arn)) {
            self.leaves(index, reference, arn, Way::WithListener);
        }
    }

    /// Notes that a certificate leaves a listener of the inventory, unless the load balancer is deleted: deletions have guard
    /// rules of their own.
    fn leaves(&mut self, action: usize, listener: &ResourceReference, arn: &'a str, way: Way) {
        let Some(from) = self.view.listener(listener) else { return };
        if self.actions.deletion(&from.load_balancer.arn).is_some() {
            return;
        }
        let snapshot = self.view.snapshot;
        let unneeded_since = certificate_unneeded_since(from.load_balancer, arn);
        let after_grace = unneeded_since
            .is_some_and(|since| since.saturating_add(snapshot.settings.grace) <= snapshot.time);
        let key = Resource::Existing(&from.load_balancer.arn);
        let beside = if after_grace { None } else { self.now.on(key) }.unwrap_or_default();
        let count = self.now.count(key);
        let removal = Removal { action, from, arn, way, unneeded_since, after_grace, beside, count };
        self.changes.removals.push(removal);
    }

    /// The load balancer that a reference names; from here on its certificates are tracked.
    fn load_balancer(&mut self, reference: &'a ResourceReference) -> Option<Resource<'a>> {
        if let Some(load_balancer) = self.view.load_balancer(reference) {
            self.now.observe(load_balancer);
        }
        self.resource(reference)
    }

    /// The listener that a reference names; from here on the certificates of its load balancer are tracked.
    fn listener(&mut self, reference: &'a ResourceReference) -> Option<Resource<'a>> {
        if let Some(found) = self.view.listener(reference) {
            self.now.observe(found.load_balancer);
        }
        self.resource(reference)
    }

    fn resource(&self, reference: &'a ResourceReference) -> Option<Resource<'a>> {
        match reference {
            ResourceReference::Existing(arn) => Some(Resource::Existing(arn)),
            ResourceReference::CreatedBy(id) => self.actions.index(id).map(Resource::Made),
        }
    }
}
