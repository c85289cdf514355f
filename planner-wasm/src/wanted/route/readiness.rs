//! Whether a load balancer serves its members, so that their statuses may name it.

use albatross_contract::TAG_INGRESS;

use super::{
    super::{Destination, build::Builder},
    listeners::Port,
    rules::{Rule, Rules},
};
use crate::{grouping::Group, identity::tag_value, observed::Health, overlap::overlap, source::ObjectName};

impl<'a> Builder<'a, '_> {
    /// Notes that it is not known whether a load balancer has the rules of its members.
    pub(in crate::wanted) fn is_not_known_to_serve(&mut self, group: &Group<'a>) {
        let objects: Vec<ObjectName<'a>> =
            self.claims_on(group).into_iter().map(|claim| claim.object).collect();
        self.lacking.rules.extend(objects);
    }

    /// Notes which objects of a listener that stays as it is have no rule on it.
    pub(super) fn note_unserved(&mut self, port: &Port<'a, '_>, group: &Group<'a>) {
        let rules = || port.there.into_iter().flat_map(|there| &there.rules);
        let has_rule = |object: ObjectName<'a>| {
            rules()
                .any(|rule| tag_value(&rule.tags, TAG_INGRESS).and_then(ObjectName::of_tag) == Some(object))
        };
        let id = group.id();
        let is_published = |object| {
            let claim = self.claim(object);
            let published = claim.and_then(|claim| self.sources.observed.published(claim));
            published.is_some_and(|it| it.id == id)
        };
        let objects = port.routes.iter().map(|it| it.member.claim.object);
        let lacking: Vec<ObjectName<'a>> =
            objects.filter(|it| !has_rule(*it) && !is_published(*it)).collect();
        self.lacking.rules.extend(lacking);
    }

    /// Notes which objects lack rules or healthy targets, if they are not published here yet. Where rules may match the same
    /// requests, each of their objects needs all of them.
    pub(super) fn note_readiness(&mut self, rules: &Rules<'a>, group: &Group<'a>) {
        let Some(owned) = group.owned() else { return };
        let is_published = |rule: &&Rule<'a>| {
            let claim = self.claim(rule.object);
            let published = claim.and_then(|claim| self.sources.observed.published(claim));
            published.is_some_and(|it| it.id == owned.id)
        };
        let waiting: Vec<&Rule<'a>> = rules.wanted.iter().filter(|rule| !is_published(rule)).collect();
        if waiting.is_empty() {
            return;
        }
        let is_healthy = |to: &Destination<'_>| {
            let found = owned.target_groups.iter().find(|it| *to == Destination::Existing(&it.arn));
            found.is_some_and(|found| Health::of(found).can_take_over())
        };
        let forwarding = waiting.iter().filter(|rule| !rule.answer.forwards().is_empty());
        self.lacking.forwarding.extend(forwarding.map(|rule| rule.object));
        for rule in &rules.wanted {
            let is_missing = rule.there.is_none();
            let is_sick = rule.answer.forwards().iter().any(|it| it.weight > 0 && !is_healthy(&it.to));
            if !is_missing && !is_sick {
                continue;
            }
            for it in waiting.iter().filter(|it| overlap(&it.conditions, &rule.conditions)) {
                if is_missing {
                    self.lacking.rules.insert(it.object);
                }
                if is_sick {
                    self.lacking.health.insert(it.object);
                }
            }
        }
    }
}
