//! The rules of a listener: each route is matched with the observed rule that has the same conditions.

use std::{borrow::Cow, collections::BTreeSet};

use albatross_contract::{RuleCondition, RuleTransform};

use super::{
    super::{Answer, build::Builder},
    Answered,
    asked::Asked,
    cover::covers,
    ends::make_room,
    handover::{answer_now, gives},
    merged::contains,
    places,
    present::{Present, PresentRule},
    priorities,
};
use crate::{grouping::Group, observed::Owned, source::ObjectName};

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
    pub conditions: Cow<'a, [RuleCondition]>,
    /// The answer to matching requests.
    pub answer: Answer<'a>,
    /// Whether this is not the answer that is asked for, since new target groups are not healthy yet.
    pub waits: bool,
    /// How requests are rewritten before they are forwarded.
    pub transforms: Vec<RuleTransform>,
    /// The object that asks for it. `None`: the settings do.
    pub object: Option<ObjectName<'a>>,
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
        asked: Vec<Answered<'a, '_>>,
        present: &Present<'a>,
        asking: &Asking<'a, '_>,
        room: &mut usize,
    ) -> Rules<'a> {
        let Matched { mut wanted, rest } = self.matched(asked, present, asking);
        let ends = rest.iter().map(|found| (found.rule, self.end(found, &wanted, &present.ours, asking)));
        let mut ends: Vec<_> = ends.collect();
        let new = wanted.iter().filter(|it| it.there.is_none()).count();
        let going = |ends: &[(_, Option<RuleEnd>)]| {
            ends.iter().filter(|(_, end)| matches!(end, Some(RuleEnd::Goes { .. }))).count()
        };
        let free = *room + going(&ends);
        make_room(&mut ends, new.saturating_sub(free));
        *room = (*room + going(&ends)).saturating_sub(new);

        let rest: Vec<&'a albatross_contract::Rule> = rest.into_iter().map(|found| found.rule).collect();
        let taken: BTreeSet<u32> = present.foreign.iter().map(|found| found.rule.priority).collect();
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

    /// The wanted rules, each with the rule of ours that has its conditions. Of several, that is the first. A rule that would
    /// have to change its place among the others is created again: it moves at the moment when all rules before it are there.
    fn matched<'b>(
        &self,
        asked: Vec<Answered<'a, '_>>,
        present: &'b Present<'a>,
        asking: &Asking<'a, '_>,
    ) -> Matched<'a, 'b> {
        let by_content = self.by_content(present, asking);
        let mut wanted: Vec<Rule<'a>> = Vec::with_capacity(asked.len());
        let mut places: Vec<Option<usize>> = Vec::with_capacity(asked.len());
        let owned = asking.group.owned();
        let asked = asked.into_iter().flat_map(|it| self.by_answer_now(it, &by_content, present, asking));
        for asked in asked {
            let place = match by_content.get(asked.content).copied().unwrap_or(Slot::Free) {
                Slot::Held => continue,
                Slot::Free => None,
                Slot::Has(place) => Some(place),
            };
            let there = place.map(|place| &present.ours[place]);
            if there.is_none() && self.is_held_with(asked.conditions, present, asking) {
                continue;
            }
            if there.is_none() && present.foreign.iter().any(|found| is_without_tags(found, &asked)) {
                continue;
            }
            let before = there.or_else(|| answering(asked.conditions, present));
            wanted.push(wanted_rule(asked, there, before, owned));
            places.push(place);
        }
        let there: Vec<Option<u32>> = wanted.iter().map(|it| it.there.map(|there| there.priority)).collect();
        let mut is_wanted = vec![false; present.ours.len()];
        for ((rule, place), stays) in
            wanted.iter_mut().zip(places).zip(priorities::longest_increasing(&there))
        {
            rule.there = rule.there.filter(|_| stays);
            if let Some(place) = place.filter(|_| stays) {
                is_wanted[place] = true;
            }
        }
        let rest = present.ours.iter().zip(is_wanted).filter(|(_, is_wanted)| !is_wanted);
        Matched { wanted, rest: rest.map(|(found, _)| found).collect() }
    }

    /// A rule, or rules for parts of it if those cannot have the same answer now: some are held, or their requests go to
    /// different target groups until the new ones are healthy.
    fn by_answer_now<'b>(
        &self,
        asked: Answered<'a, 'b>,
        by_content: &[Slot],
        present: &Present<'a>,
        asking: &Asking<'a, '_>,
    ) -> Vec<Answered<'a, 'b>> {
        let is_new = matches!(by_content.get(asked.content), None | Some(Slot::Free));
        if !is_new || asked.rule.others.is_empty() {
            return vec![asked];
        }
        let now = |part: &Asked<'a>| {
            let before = answering(&part.conditions, present)?.rule;
            let now = answer_now(&asked.answer, Some(before), asking.group.owned())?;
            Some((now, &before.transforms))
        };
        let first = now(asked.rule.first);
        let is_same = asked.rule.others.iter().all(|part| now(part) == first);
        let is_held = asked.rule.parts().any(|part| self.is_held_with(&part.conditions, present, asking));
        if !is_held && is_same && (first.is_none() || answering(asked.conditions, present).is_some()) {
            return vec![asked];
        }
        let base = asked.rule.base.as_deref();
        let in_base =
            |part: &Asked<'a>| base.is_some_and(|base| base.parts().any(|other| std::ptr::eq(other, part)));
        let others = asked.rule.parts().filter(|part| !in_base(part));
        let others = others.map(|part| (part.conditions.as_slice(), part.content));
        let others = others.map(|(conditions, content)| Answered {
            conditions,
            content,
            answer: asked.answer.clone(),
            transforms: asked.transforms.clone(),
            ..asked
        });
        let of_base = base.map(|base| Answered {
            rule: base,
            conditions: &base.conditions,
            content: base.content,
            answer: asked.answer.clone(),
            transforms: asked.transforms.clone(),
            ..asked
        });
        let of_base = of_base.into_iter().flat_map(|it| self.by_answer_now(it, by_content, present, asking));
        of_base.chain(others).collect()
    }

    /// Whether a rule that stays as it is says what a new rule would say.
    fn is_held_with(
        &self,
        conditions: &[RuleCondition],
        present: &Present<'a>,
        asking: &Asking<'a, '_>,
    ) -> bool {
        let mut says = present.ours.iter().filter(|found| contains(&found.conditions, conditions));
        says.any(|found| self.is_held(found, asking))
    }

    /// For each number of conditions the rule of ours that has these conditions. Larger numbers have none.
    fn by_content(&self, present: &Present<'a>, asking: &Asking<'a, '_>) -> Vec<Slot> {
        let count = present.ours.iter().filter_map(|found| found.content).max().map_or(0, |last| last + 1);
        let mut slots = vec![Slot::Free; count];
        for (place, found) in present.ours.iter().enumerate() {
            let Some(slot) = found.content.and_then(|content| slots.get_mut(content)) else { continue };
            if self.is_held(found, asking) {
                *slot = Slot::Held;
            } else if matches!(slot, Slot::Free) {
                *slot = Slot::Has(place);
            }
        }
        slots
    }
}

/// The wanted rules, and the rules of ours that are not wanted, in the order of their priorities.
struct Matched<'a, 'b> {
    wanted: Vec<Rule<'a>>,
    rest: Vec<&'b PresentRule<'a>>,
}

/// What a listener has for some conditions.
#[derive(Clone, Copy)]
enum Slot {
    /// No rule of ours.
    Free,
    /// The rule of ours with this index.
    Has(usize),
    /// A rule of ours that stays as it is.
    Held,
}

/// The existing rule of ours that answers the requests of a new rule until now.
fn answering<'b, 'a>(conditions: &[RuleCondition], present: &'b Present<'a>) -> Option<&'b PresentRule<'a>> {
    let says = |found: &&PresentRule<'a>| contains(&found.conditions, conditions);
    present.ours.iter().find(|found| says(found) || covers(&found.conditions, conditions)).filter(says)
}

/// Whether a rule without tags is what is asked for. The tags of a rule that has just been created may not be visible yet.
fn is_without_tags(found: &PresentRule<'_>, asked: &Answered<'_, '_>) -> bool {
    found.rule.tags.is_empty()
        && found.content == Some(asked.content)
        && found.rule.transforms == asked.transforms
        && gives(found.rule, &asked.answer)
}

/// `before`: the existing rule that answers its requests until now.
fn wanted_rule<'a>(
    asked: Answered<'a, '_>,
    there: Option<&PresentRule<'a>>,
    before: Option<&PresentRule<'a>>,
    owned: Option<&Owned<'a>>,
) -> Rule<'a> {
    let Answered { object, conditions, transforms, .. } = asked;
    let found = there.map(|there| there.rule);
    let before = before.map(|before| before.rule);
    let now = answer_now(&asked.answer, before, owned);
    let waits = now.is_some();
    Rule {
        priority: 0,
        conditions: there.map_or_else(|| Cow::Owned(conditions.to_vec()), |there| there.conditions.clone()),
        answer: now.unwrap_or(asked.answer),
        waits,
        // As long as the present target groups get the requests, requests are rewritten for them.
        transforms: before.filter(|_| waits).map_or(transforms, |before| before.transforms.clone()),
        object: Some(object),
        there: found,
    }
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
