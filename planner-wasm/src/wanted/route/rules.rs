//! The rules of a listener: each route is matched with the observed rule that has the same conditions.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{
    ForwardAction, ListenerAction, ResourceReference, RuleCondition, RuleTransform, TAG_INGRESS,
    WeightedTargetGroup,
};

use super::{
    super::{Answer, Destination, Forward, build::Builder},
    Answered, conditions, priorities,
};
use crate::{
    grouping::Group,
    identity::tag_value,
    observed::{Concern, Health, rule_unneeded_since},
    source::ObjectName,
    words,
};

/// The rules of a listener.
#[derive(Default)]
pub struct Rules<'a> {
    /// The wanted rules, in the order of their priorities.
    pub wanted: Vec<Rule<'a>>,
    /// Rules of ours that no Ingress needs.
    pub unneeded: Vec<(&'a albatross_contract::Rule, RuleEnd)>,
}

impl Rules<'_> {
    /// Ends all unneeded rules now, since the listener itself answers their requests.
    pub(super) fn end_at_once(&mut self, reason: &str) {
        for (_, end) in &mut self.unneeded {
            *end = RuleEnd::Goes { reason: reason.to_owned() };
        }
    }
}

/// The wanted state of a rule.
pub struct Rule<'a> {
    /// Its priority.
    pub priority: u32,
    /// A request matches if all conditions hold.
    pub conditions: Vec<RuleCondition>,
    /// The answer to matching requests.
    pub answer: Answer<'a>,
    /// How requests are rewritten before they are forwarded.
    pub transforms: Vec<RuleTransform>,
    /// The object that asks for it.
    pub object: ObjectName<'a>,
    /// The observed rule. `None`: it is created.
    pub there: Option<&'a albatross_contract::Rule>,
}

/// What happens to an unneeded rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuleEnd {
    /// It is marked, or has its mark already, and is deleted a grace period later.
    Marked {
        /// Its priority meanwhile: behind all wanted rules, so that it takes no request from them.
        priority: u32,
    },
    /// It is deleted now.
    Goes {
        /// The reason for the deletion.
        reason: String,
    },
}

impl<'a> Builder<'a, '_> {
    /// The rules of an observed or new listener for these routes.
    pub(super) fn rules(
        &mut self,
        asked: &[Answered<'a, '_>],
        listener: Option<&'a albatross_contract::Listener>,
        group: &Group<'a>,
    ) -> Rules<'a> {
        let there = listener.map(|listener| listener.rules.as_slice()).unwrap_or_default();
        let id = group.id();
        let (ours, others): (Vec<_>, Vec<_>) = there.iter().partition(|rule| self.owns_rule(rule, id));
        let mut by_content: BTreeMap<Vec<RuleCondition>, &'a albatross_contract::Rule> = BTreeMap::new();
        for rule in &ours {
            by_content.entry(conditions::in_order(&rule.conditions)).or_insert(rule);
        }
        let mut wanted: Vec<Rule<'a>> = asked
            .iter()
            .map(|asked| {
                let conditions = asked.conditions.to_vec();
                let there = by_content.remove(&conditions::in_order(&conditions));
                let answer = self.answer_now(&asked.answer, there, group);
                // As long as the present target groups get the requests, requests are rewritten for them.
                let waits = there.filter(|_| answer != asked.answer);
                let transforms = waits.map_or(&asked.transforms, |there| &there.transforms).clone();
                Rule { priority: 0, conditions, answer, transforms, object: asked.object, there }
            })
            .collect();
        let is_wanted = |rule: &albatross_contract::Rule| {
            wanted.iter().any(|it| it.there.is_some_and(|it| it.arn == rule.arn))
        };
        let mut rest: Vec<&'a albatross_contract::Rule> =
            ours.into_iter().filter(|rule| !is_wanted(rule)).collect();
        rest.sort_by_key(|rule| rule.priority);
        let ends: Vec<_> = rest.iter().map(|rule| (*rule, self.end(rule, &wanted, group))).collect();
        let is_marked = |end: &Option<RuleEnd>| matches!(end, Some(RuleEnd::Marked { .. }));
        let stays = ends.iter().filter(|(_, end)| !is_marked(end)).map(|(rule, _)| rule.priority);
        let taken: BTreeSet<u32> = others.iter().map(|rule| rule.priority).chain(stays).collect();
        let has = wanted.iter().map(|rule| rule.there.map(|it| it.priority));
        let marked = ends.iter().filter(|(_, end)| is_marked(end)).map(|(rule, _)| Some(rule.priority));
        let has: Vec<Option<u32>> = has.chain(marked).collect();
        let mut assigned = priorities::assign(&has, &taken).into_iter();
        for rule in &mut wanted {
            rule.priority = assigned.next().unwrap_or_default();
        }
        let mut unneeded = Vec::new();
        for (rule, end) in ends {
            let end = match end {
                Some(RuleEnd::Marked { priority }) => {
                    Some(RuleEnd::Marked { priority: assigned.next().unwrap_or(priority) })
                }
                other => other,
            };
            unneeded.extend(end.map(|end| (rule, end)));
        }
        Rules { wanted, unneeded }
    }

    fn owns_rule(&self, rule: &albatross_contract::Rule, id: &str) -> bool {
        self.sources.observed.owns(&rule.tags, id)
    }

    /// What happens to a rule of ours that no route asks for. `None`: it stays, since its Ingress is held, or the status
    /// of its Ingress still names this load balancer.
    fn end(
        &mut self,
        rule: &'a albatross_contract::Rule,
        wanted: &[Rule<'a>],
        group: &Group<'a>,
    ) -> Option<RuleEnd> {
        let observed = self.sources.observed;
        let owned = group.owned()?;
        if !observed.completeness.allows_for(Concern::Remove, Some(owned)) {
            return None;
        }
        let name = tag_value(&rule.tags, TAG_INGRESS).and_then(ObjectName::of_tag);
        let claim = name.and_then(|name| {
            // Claims have the order of their names.
            let place = self.sources.claims.binary_search_by(|claim| claim.object.cmp(&name)).ok()?;
            self.sources.claims.get(place)
        });
        let Some(claim) = claim else {
            let reason = match name {
                Some(name) => format!("{name} is gone"),
                None => "it has no tag that names its Ingress".to_owned(),
            };
            return Some(RuleEnd::Goes { reason });
        };
        let is_member =
            group.members().iter().any(|it| self.sources.grouping.members[*it].claim.object == claim.object);
        let is_published = observed.published(claim).is_some_and(|it| it.id == owned.id);
        let is_held = !claim.diagnostics.is_empty();
        if (is_member && is_held) || (!is_member && is_published) {
            return None;
        }
        let takes_over = wanted.iter().any(|it| is_within(&rule.conditions, &it.conditions));
        if takes_over {
            return Some(RuleEnd::Goes { reason: "another rule answers its requests".to_owned() });
        }
        let since = rule_unneeded_since(rule);
        let until = since.unwrap_or(observed.time).saturating_add(observed.settings.grace);
        if until <= observed.time && since.is_some() {
            let unneeded = words::duration(observed.time.saturating_sub(since.unwrap_or_default()));
            return Some(RuleEnd::Goes { reason: format!("no Ingress has needed it for {unneeded}") });
        }
        self.note_change(until);
        Some(RuleEnd::Marked { priority: rule.priority })
    }

    /// The answer of a rule in this pass: the present target groups get the requests until the new target groups are healthy.
    /// AWS checks only target groups that a rule or listener uses, so the new target groups are added with weight 0.
    fn answer_now(
        &self,
        asked: &Answer<'a>,
        there: Option<&'a albatross_contract::Rule>,
        group: &Group<'a>,
    ) -> Answer<'a> {
        let (Answer::Forward { groups: next, stickiness }, Some(rule), Some(owned)) =
            (asked, there, group.owned())
        else {
            return asked.clone();
        };
        let health = |to: &Destination<'_>| {
            let found = owned.target_groups.iter().find(|it| *to == Destination::Existing(&it.arn));
            found.map(|it| Health::of(it))
        };
        let now: Vec<Forward<'a>> = rule
            .actions
            .iter()
            .flat_map(forwards)
            .filter(|it| it.weight > 0 || rule.actions.iter().flat_map(forwards).count() == 1)
            .filter_map(|it| match &it.target_group {
                ResourceReference::Existing(arn) => {
                    Some(Forward { to: Destination::Existing(arn), weight: it.weight.max(1) })
                }
                ResourceReference::CreatedBy(_) => None,
            })
            .collect();
        let is_new = |it: &Forward<'a>| !now.iter().any(|old| old.to == it.to);
        let all_can_take_over = next
            .iter()
            .filter(|it| it.weight > 0 && is_new(it))
            .all(|it| health(&it.to).is_some_and(|health| health.can_take_over()));
        let some_serve = now.iter().any(|it| health(&it.to).is_some_and(|health| health.checked > 0));
        if all_can_take_over || !some_serve {
            return asked.clone();
        }
        let waiting = next.iter().filter(|it| is_new(it)).map(|it| Forward { to: it.to.clone(), weight: 0 });
        let groups = now.iter().cloned().chain(waiting).collect();
        Answer::Forward { groups, stickiness: *stickiness }
    }
}

/// The target groups to which an action forwards.
pub fn forwards(action: &ListenerAction) -> std::slice::Iter<'_, WeightedTargetGroup> {
    match action {
        ListenerAction::Forward(ForwardAction { target_groups, .. }) => target_groups.iter(),
        _ => [].iter(),
    }
}

/// Whether every request that matches the narrow conditions also matches the wide ones. Only hosts and paths are compared.
fn is_within(narrow: &[RuleCondition], wide: &[RuleCondition]) -> bool {
    wide.iter().all(|wide| {
        narrow.iter().any(|narrow| match (wide, narrow) {
            (RuleCondition::HostHeader(wide), RuleCondition::HostHeader(narrow)) => {
                let is_there = |host: &String| wide.values.iter().any(|it| it.eq_ignore_ascii_case(host));
                narrow.regular_expressions.is_empty() && narrow.values.iter().all(is_there)
            }
            (RuleCondition::PathPattern(wide), RuleCondition::PathPattern(narrow)) => {
                narrow.regular_expressions.is_empty()
                    && narrow.values.iter().all(|it| wide.values.contains(it))
            }
            _ => false,
        })
    })
}
