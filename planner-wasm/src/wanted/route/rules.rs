//! The rules of a listener: each route is matched with the observed rule that has the same conditions.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{Listener, RuleCondition, RuleTransform};

use super::{
    super::{Answer, build::Builder},
    Answered, conditions,
    ends::make_room,
    handover::{answer_now, gives},
    places, priorities,
};
use crate::{grouping::Group, source::ObjectName};

/// The rules of a listener.
#[derive(Default)]
pub struct Rules<'a> {
    /// The wanted rules, in the order of their priorities.
    pub wanted: Vec<Rule<'a>>,
    /// Rules of ours that no Ingress needs.
    pub unneeded: Vec<(&'a albatross_contract::Rule, RuleEnd)>,
    /// All rules of ours that are not wanted, in the order of their priorities, with the priorities that they get so that new
    /// rules have room. Only unneeded rules are changed otherwise.
    pub others: Vec<(&'a albatross_contract::Rule, u32)>,
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
    /// Whether this is not the answer that is asked for, since new target groups are not healthy yet.
    pub waits: bool,
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

/// The load balancer whose members ask for rules.
pub struct Asking<'a, 'b> {
    /// The load balancer.
    pub group: &'b Group<'a>,
    /// Members whose rules stay as they are, since there is no room for all of them.
    pub left_out: &'b BTreeSet<ObjectName<'a>>,
}

impl<'a> Builder<'a, '_> {
    /// The rules of an observed or new listener for these routes. `room`: how many rules the load balancer can still get.
    pub(super) fn rules(
        &mut self,
        asked: &[Answered<'a, '_>],
        listener: Option<&'a Listener>,
        asking: &Asking<'a, '_>,
        room: &mut usize,
    ) -> Rules<'a> {
        let there = listener.map(|listener| listener.rules.as_slice()).unwrap_or_default();
        let id = asking.group.id();
        let (mut ours, foreign): (Vec<_>, Vec<_>) =
            there.iter().partition(|rule| self.sources.observed.owns(&rule.tags, id));
        ours.sort_by_key(|rule| rule.priority);
        let held = self.held(&ours, asking);
        let mut wanted = matched(asked, &ours, &foreign, &held, asking);
        let is_wanted: BTreeSet<&str> =
            wanted.iter().filter_map(|it| it.there).map(|it| it.arn.as_str()).collect();
        let rest = ours.into_iter().filter(|rule| !is_wanted.contains(rule.arn.as_str()));
        let rest: Vec<&'a albatross_contract::Rule> = rest.collect();
        let mut ends: Vec<_> = rest.iter().map(|rule| (*rule, self.end(rule, &wanted, asking))).collect();
        let new = wanted.iter().filter(|it| it.there.is_none()).count();
        let going = |ends: &[(_, Option<RuleEnd>)]| {
            ends.iter().filter(|(_, end)| matches!(end, Some(RuleEnd::Goes { .. }))).count()
        };
        let free = *room + going(&ends);
        make_room(&mut ends, new.saturating_sub(free));
        *room = (*room + going(&ends)).saturating_sub(new);

        let taken: BTreeSet<u32> = foreign.iter().map(|rule| rule.priority).collect();
        let to_place = wanted.iter().map(|it| places::Wanted {
            conditions: &it.conditions,
            priority: it.there.map(|there| there.priority),
        });
        let places = places::arrange(&to_place.collect::<Vec<_>>(), &rest, &taken);
        for (rule, priority) in wanted.iter_mut().zip(places.wanted) {
            rule.priority = priority;
        }
        let unneeded = placed_behind(ends, &wanted, &places.others, &taken);
        Rules { wanted, unneeded, others: rest.into_iter().zip(places.others).collect() }
    }
}

/// The wanted rules, each with the rule of ours that has its conditions. Of several, that is the first. A rule that would
/// have to change its place among the others is created again: it moves at the moment when all rules before it are there.
fn matched<'a>(
    asked: &[Answered<'a, '_>],
    ours: &[&'a albatross_contract::Rule],
    foreign: &[&'a albatross_contract::Rule],
    held: &BTreeSet<Vec<RuleCondition>>,
    asking: &Asking<'a, '_>,
) -> Vec<Rule<'a>> {
    let mut by_content: BTreeMap<Vec<RuleCondition>, &'a albatross_contract::Rule> = BTreeMap::new();
    for rule in ours {
        by_content.entry(conditions::in_order(&rule.conditions)).or_insert(rule);
    }
    let wanted = asked.iter().filter_map(|asked| {
        let content = conditions::in_order(asked.conditions);
        if held.contains(&content) {
            return None;
        }
        let there = by_content.remove(&content);
        // The tags of a rule that has just been created may not be visible yet.
        let is_it = |rule: &&&albatross_contract::Rule| {
            rule.tags.is_empty()
                && rule.transforms == asked.transforms
                && conditions::in_order(&rule.conditions) == content
                && gives(rule, &asked.answer)
        };
        if there.is_none() && foreign.iter().find(is_it).is_some() {
            return None;
        }
        let answer = answer_now(&asked.answer, there, asking.group.owned());
        let waits = answer != asked.answer;
        // As long as the present target groups get the requests, requests are rewritten for them.
        let transforms = there.filter(|_| waits).map_or(&asked.transforms, |there| &there.transforms).clone();
        let conditions = asked.conditions.to_vec();
        Some(Rule { priority: 0, conditions, answer, waits, transforms, object: asked.object, there })
    });
    let mut wanted: Vec<Rule<'a>> = wanted.collect();
    let there: Vec<Option<u32>> = wanted.iter().map(|it| it.there.map(|there| there.priority)).collect();
    for (rule, stays) in wanted.iter_mut().zip(priorities::longest_increasing(&there)) {
        rule.there = rule.there.filter(|_| stays);
    }
    wanted
}

/// The unneeded rules; those that are only marked get places behind all rules that are needed.
fn placed_behind<'a>(
    ends: Vec<(&'a albatross_contract::Rule, Option<RuleEnd>)>,
    wanted: &[Rule<'a>],
    places: &[u32],
    taken: &BTreeSet<u32>,
) -> Vec<(&'a albatross_contract::Rule, RuleEnd)> {
    let held = ends.iter().zip(places).filter(|((_, end), _)| end.is_none()).map(|(_, place)| *place);
    let last = wanted.iter().map(|it| it.priority).chain(held).max().unwrap_or_default();
    let marked = ends.iter().zip(places).filter(|((_, end), _)| matches!(end, Some(RuleEnd::Marked { .. })));
    let marked: Vec<u32> = marked.map(|(_, place)| *place).collect();
    // A rule may stay where it is after all, since a budget holds it back.
    let taken: BTreeSet<u32> = taken.iter().chain(places).copied().collect();
    let mut behind = places::behind(last, &marked, &taken).into_iter();
    let placed = ends.into_iter().filter_map(|(rule, end)| match end? {
        RuleEnd::Marked { priority } => {
            Some((rule, RuleEnd::Marked { priority: behind.next().unwrap_or(priority) }))
        }
        goes @ RuleEnd::Goes { .. } => Some((rule, goes)),
    });
    placed.collect()
}
