//! Whether a load balancer serves its members, so that their statuses may name it.

use std::collections::BTreeSet;

use super::{
    super::{Destination, build::Builder},
    rules::{Rule, Rules},
};
use crate::{
    grouping::Group,
    observed::Health,
    overlap::overlap,
    source::{Claim, ObjectName},
};

impl<'a> Builder<'a, '_> {
    /// Notes that it is not known whether a load balancer has the rules of its members.
    pub(in crate::wanted) fn is_not_known_to_serve(&mut self, group: &Group<'a>) {
        let objects: Vec<ObjectName<'a>> =
            self.claims_on(group).into_iter().map(|claim| claim.object).collect();
        self.lacking.rules.extend(objects);
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

    /// Notes which objects lack rules or healthy targets, if they are not published here yet. Where rules may match the same
    /// requests, each of their objects needs all of them.
    pub(super) fn note_readiness(
        &mut self,
        rules: &Rules<'a>,
        group: &Group<'a>,
        unpublished: &BTreeSet<ObjectName<'a>>,
    ) {
        let Some(owned) = group.owned() else { return };
        let waiting: Vec<&Rule<'a>> =
            rules.wanted.iter().filter(|rule| unpublished.contains(&rule.object)).collect();
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
