//! Certificates: what leaves a listener, what stays, and that every host has its own after the plan.
//!
//! The plan is walked in its order: a certificate may have to go before the next one fits, and what matters then is
//! what is on the load balancer at that moment. Design: decisions, certificates.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{Certificate, LoadBalancer, Operation, ResourceReference, TAG_ID, ViewPart};

use crate::{
    Case,
    marks::certificate_unneeded_since,
    shelves::{Key, Origin, Shelves},
    tags::tag,
    view::{existing, our_id},
    violation::{Findings, Rule},
};

/// A certificate that leaves a load balancer without a grace: it counts as becoming unneeded now.
pub(crate) struct Leaving<'a> {
    pub(crate) action: usize,
    pub(crate) load_balancer: &'a LoadBalancer,
    pub(crate) arn: &'a str,
}

/// A certificate that goes, or is to go, with the action that says so.
type Going<'a> = (usize, &'a LoadBalancer, &'a str);

/// How a certificate leaves a listener.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Removed,
    ReplacedAsDefault,
    WithListener,
}

pub(crate) fn check<'a>(case: &Case<'a>, found: &mut Findings) -> Vec<Leaving<'a>> {
    let mut walk =
        Walk { case, shelves: Shelves::observed(&case.view), going: Vec::new(), leaving: Vec::new(), found };
    for (index, action) in case.actions.iter() {
        walk.step(index, &action.operation);
    }
    let Walk { shelves, going, leaving, .. } = walk;
    for (index, load_balancer, arn) in going {
        if let Some(message) = needed(case, &shelves, load_balancer, arn, |_| true) {
            found.action(index, &case.actions.list[index], Rule::CertificateNeeded, message);
        }
    }
    hosts_are_served(case, &shelves, found);
    leaving
}

/// Who needs a certificate on a load balancer, in words. `counts` says whether another one that is there can be relied
/// on.
fn needed(
    case: &Case<'_>,
    shelves: &Shelves<'_>,
    load_balancer: &LoadBalancer,
    arn: &str,
    counts: impl Fn(Origin) -> bool,
) -> Option<String> {
    let on = Key::Existing(&load_balancer.arn);
    let certificate = case.view.certificates.get(arn).copied();
    let serves = |other: &str| other != arn && shelves.origin(on, other).is_some_and(&counts);
    let by_place = || {
        let placed = case.outcomes.on(our_id(load_balancer)).iter();
        placed.filter_map(|fate| Some((fate, fate.needs(arn, certificate, &serves)?))).next()
    };
    // Who moves is served here until its status names the other load balancer.
    let by_status = || {
        let others: Vec<&Certificate> = shelves
            .on(on)
            .filter(|other| serves(other))
            .filter_map(|other| case.view.certificates.get(other).copied())
            .collect();
        let leaving = case.outcomes.published_elsewhere(&load_balancer.arn).iter();
        leaving.filter_map(|fate| Some((fate, fate.still_needs(certificate?, &others)?))).next()
    };
    let (fate, host) = by_place().or_else(by_status)?;
    Some(format!(
        "{} needs {arn} on {} for {host}, which no other certificate serves",
        fate.name(),
        load_balancer.name
    ))
}

/// Every certificate that an outcome names is on its load balancer after the plan.
fn hosts_are_served(case: &Case<'_>, shelves: &Shelves<'_>, found: &mut Findings) {
    let parts = [ViewPart::LoadBalancers, ViewPart::Listeners, ViewPart::TargetGroups, ViewPart::Tags];
    if case.view.missing(&parts).is_some() {
        return; // what is on the load balancers is not known as a whole, or their listeners cannot be changed
    }
    let mut on: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for load_balancer in case.view.owned() {
        on.entry(our_id(load_balancer)).or_default().extend(shelves.on(Key::Existing(&load_balancer.arn)));
    }
    for (index, action) in case.actions.iter() {
        if let Operation::CreateLoadBalancer(create) = &action.operation {
            let id = tag(&create.tags, TAG_ID).unwrap_or_default();
            on.entry(id).or_default().extend(shelves.on(Key::Made(index)));
        }
    }
    for fate in case.outcomes.list.iter().filter(|fate| fate.has_place()) {
        let id = fate.outcome.load_balancer.as_deref().unwrap_or_default();
        let Some(there) = on.get(id) else { continue };
        for chosen in
            fate.outcome.certificates.iter().filter(|chosen| !there.contains(chosen.certificate.as_str()))
        {
            found.plan(
                Rule::CertificateNeeded,
                format!(
                    "{} is to be served with {} for {}, which is not on its load balancer {id} after the plan",
                    fate.name(),
                    chosen.certificate,
                    chosen.host
                ),
            );
        }
    }
}

/// The walk through the plan.
struct Walk<'w, 'a> {
    case: &'w Case<'a>,
    /// What is on the listeners at this moment.
    shelves: Shelves<'a>,
    /// What goes after its grace.
    going: Vec<Going<'a>>,
    leaving: Vec<Leaving<'a>>,
    found: &'w mut Findings,
}

impl<'a> Walk<'_, 'a> {
    fn step(&mut self, index: usize, operation: &'a Operation) {
        match operation {
            Operation::CreateLoadBalancer(_) => self.shelves.put_load_balancer(index),
            Operation::CreateListener(create) => {
                if let Some(on) = self.key(&create.load_balancer) {
                    self.shelves.put_listener(index, on, create.default_certificate.as_deref());
                }
            }
            Operation::AddListenerCertificate(change) => {
                if let Some(listener) = self.key(&change.listener) {
                    self.shelves.add(listener, &change.certificate, index);
                }
            }
            Operation::RemoveListenerCertificate(change) => {
                let Some(listener) = self.key(&change.listener) else { return };
                if self.shelves.default_of(listener) == Some(&change.certificate) {
                    let message =
                        format!("{} is the default certificate of its listener", change.certificate);
                    self.found.action(
                        index,
                        &self.case.actions.list[index],
                        Rule::CertificateDefault,
                        message,
                    );
                } else if self.shelves.lists(listener, &change.certificate) {
                    self.leaves(index, &change.listener, &change.certificate, Way::Removed);
                }
                self.shelves.remove(listener, &change.certificate);
            }
            Operation::ModifyListener(change) => {
                let (Some(listener), Some(new)) =
                    (self.key(&change.listener), change.default_certificate.as_deref())
                else {
                    return;
                };
                let old = self.shelves.default_of(listener);
                self.shelves.set_default(listener, new, index);
                if let Some(old) = old.filter(|old| *old != new && !self.shelves.lists(listener, old)) {
                    self.leaves(index, &change.listener, old, Way::ReplacedAsDefault);
                }
            }
            Operation::DeleteListener(reference) => {
                let Some(listener) = self.key(reference) else { return };
                let gone = self.shelves.delete_listener(listener);
                let Some(place) = self.case.view.listener(reference) else { return };
                for arn in gone {
                    if !self.shelves.holds(Key::Existing(&place.load_balancer.arn), arn) {
                        self.leaves(index, reference, arn, Way::WithListener);
                    }
                }
            }
            Operation::DeleteLoadBalancer(reference) => {
                if let Some(load_balancer) = self.key(reference) {
                    self.shelves.delete_load_balancer(load_balancer);
                }
            }
            _ => {}
        }
    }

    fn key(&self, reference: &'a ResourceReference) -> Option<Key<'a>> {
        match reference {
            ResourceReference::Existing(arn) => Some(Key::Existing(arn)),
            ResourceReference::CreatedBy(id) => self.case.actions.index(id).map(Key::Made),
        }
    }

    /// Judges a certificate that leaves a listener of the inventory.
    fn leaves(&mut self, index: usize, listener: &ResourceReference, arn: &'a str, way: Way) {
        let case = self.case;
        let Some(place) = case.view.listener(listener) else { return };
        let load_balancer = place.load_balancer;
        if case.uses.deletion(&load_balancer.arn).is_some() {
            return; // it goes with the load balancer, which has rules of its own
        }
        let snapshot = case.view.snapshot;
        let since = certificate_unneeded_since(load_balancer, arn);
        if since.is_some_and(|since| since.saturating_add(snapshot.settings.grace) <= snapshot.time) {
            self.going.push((index, load_balancer, arn));
            return;
        }
        self.leaving.push(Leaving { action: index, load_balancer, arn });
        let message = if !self.gives_way(index, load_balancer, place.listener.arn.as_str(), way) {
            let since = since
                .map_or("no tag says since when".to_owned(), |since| format!("it is marked since {since}"));
            format!(
                "{arn} leaves {} before its grace of {} s is over ({since}), and not to make room for another one at the limit",
                load_balancer.name, snapshot.settings.grace
            )
        } else {
            // What serves its hosts instead was there before, or was added by an action that must have succeeded.
            let counts = |origin: Origin| {
                origin.is_none_or(|added| added == index || case.actions.depends(index, added))
            };
            match needed(case, &self.shelves, load_balancer, arn, counts) {
                Some(message) => message,
                None => return,
            }
        };
        self.found.action(index, &case.actions.list[index], Rule::CertificateGrace, message);
    }

    /// Whether a certificate makes room for another one: its load balancer is at the limit, of which one slot is kept
    /// free, and an action that adds one comes right before or after. AWS does not count default certificates.
    fn gives_way(&self, index: usize, load_balancer: &LoadBalancer, listener: &str, way: Way) -> bool {
        let limit = self.case.view.snapshot.inventory.quotas.certificates_per_load_balancer as usize;
        let full = self.shelves.count(Key::Existing(&load_balancer.arn)) + 1 >= limit;
        let chained = || {
            self.case.actions.neighbours(index).any(|action| match &action.operation {
                Operation::AddListenerCertificate(change) => existing(&change.listener) == Some(listener),
                _ => false,
            })
        };
        match way {
            Way::Removed => full && chained(),
            Way::ReplacedAsDefault => full,
            Way::WithListener => false,
        }
    }
}
