//! Whether a load balancer serves its members, so that their statuses may name it.

use std::collections::BTreeSet;

use albatross_contract::TAG_INGRESS;

use super::{
    super::{Destination, Listener, build::Builder},
    listeners::Port,
    merged::Merged,
    rules::{Rule, Rules},
    shadowed::Behind,
};
use crate::{
    grouping::Group,
    identity::tag_value,
    observed::Health,
    overlap::{overlap, share_hosts},
    source::{Claim, ObjectName},
};

impl<'a> Builder<'a, '_> {
    /// Notes that it is not known whether a load balancer has the rules of its members.
    pub(in crate::wanted) fn is_not_known_to_serve(&mut self, group: &Group<'a>) {
        let objects: Vec<ObjectName<'a>> =
            self.claims_on(group).into_iter().map(|claim| claim.object).collect();
        self.lacking.rules.extend(objects);
    }

    /// Notes which members of a listener that stays as it is have no rule on it.
    pub(super) fn note_unserved(&mut self, port: &Port<'a, '_>, group: &Group<'a>) {
        let rules = port.there.into_iter().flat_map(|there| &there.rules);
        let served = rules.filter_map(|rule| ObjectName::of_tag(tag_value(&rule.tags, TAG_INGRESS)?));
        let served: BTreeSet<ObjectName<'_>> = served.collect();
        let unpublished = self.unpublished(group);
        let asking = port.rules.iter().map(Merged::object);
        self.lacking.rules.extend(asking.filter(|it| unpublished.contains(it) && !served.contains(it)));
    }

    /// The members whose statuses do not name the load balancer yet.
    pub(super) fn unpublished(&self, group: &Group<'a>) -> BTreeSet<ObjectName<'a>> {
        let is_published = |claim: &&Claim<'_>| {
            let published = self.sources.observed.published(claim);
            published.is_some_and(|published| published.id == group.id())
        };
        let claims = self.claims_on(group).into_iter().filter(|claim| !is_published(claim));
        claims.map(|claim| claim.object).collect()
    }

    /// Notes which objects wait for the rules of others, since these get the requests of their own routes.
    pub(super) fn note_hidden(
        &mut self,
        behind: &Behind<'a>,
        listeners: &[Listener<'a>],
        unpublished: &BTreeSet<ObjectName<'a>>,
    ) {
        let wanted = listeners.iter().filter_map(|it| it.rules.as_ref()).flat_map(|rules| &rules.wanted);
        let missing = wanted.filter(|rule| rule.there.is_none()).filter_map(|rule| rule.object);
        let missing: BTreeSet<ObjectName<'a>> = missing.collect();
        let waiting =
            behind.iter().filter(|(object, other)| unpublished.contains(object) && missing.contains(other));
        self.lacking.rules.extend(waiting.map(|(object, _)| *object));
    }

    /// Notes which objects lack rules or healthy targets, if they are not published here yet. Where rules may match the same
    /// requests, each of their objects needs all of them. Objects that move here together need all rules for their hosts: as
    /// long as one of them stays, DNS would point to two load balancers.
    pub(super) fn note_readiness(
        &mut self,
        rules: &Rules<'a>,
        group: &Group<'a>,
        unpublished: &BTreeSet<ObjectName<'a>>,
    ) {
        let Some(owned) = group.owned() else { return };
        let of_objects = rules.wanted.iter().filter_map(|rule| Some((rule.object?, rule)));
        let waiting: Vec<(ObjectName<'a>, &Rule<'a>)> =
            of_objects.filter(|(object, _)| unpublished.contains(object)).collect();
        if waiting.is_empty() {
            return;
        }
        let moves = |object: &ObjectName<'a>| {
            let claim = self.claim(*object);
            claim.is_some_and(|claim| self.sources.observed.published(claim).is_some())
        };
        let moving: BTreeSet<ObjectName<'a>> =
            waiting.iter().map(|(object, _)| *object).filter(moves).collect();
        let is_healthy = |to: &Destination<'_>| {
            let found = owned.target_groups.iter().find(|it| *to == Destination::Existing(&it.arn));
            found.is_some_and(|found| Health::of(found).can_take_over())
        };
        let forwarding = waiting.iter().filter(|(_, rule)| !rule.answer.forwards().is_empty());
        self.lacking.forwarding.extend(forwarding.map(|(object, _)| *object));
        for rule in &rules.wanted {
            let is_missing = rule.there.is_none();
            let is_sick = rule.answer.forwards().iter().any(|it| it.weight > 0 && !is_healthy(&it.to));
            if !is_missing && !is_sick {
                continue;
            }
            let depends = |(object, it): &&(ObjectName<'a>, &Rule<'a>)| {
                overlap(&it.conditions, &rule.conditions)
                    || (moving.contains(object)
                        && rule.object.is_some_and(|other| moving.contains(&other))
                        && share_hosts(&it.conditions, &rule.conditions))
            };
            for (object, _) in waiting.iter().filter(depends) {
                if is_missing {
                    self.lacking.rules.insert(*object);
                }
                if is_sick {
                    self.lacking.health.insert(*object);
                }
            }
        }
    }
}
