//! Ends: what happens to the rules of ours that no route asks for.

use std::collections::BTreeSet;

use albatross_contract::{Rule, RuleCondition, TargetHealth, TextMatch};

use super::{
    super::{Destination, build::Builder},
    conditions::others_of,
    cover::covers,
    present::PresentRule,
    rules::{Asking, Rule as WantedRule, RuleEnd},
};
use crate::{
    observed::{Concern, Owned, rule_unneeded_since},
    overlap::overlap,
    words,
};

impl<'a> Builder<'a, '_> {
    /// Whether a rule stays as it is: its Ingress cannot be planned, is now in proxy mode and could not move, or is published on
    /// this load balancer and has its place elsewhere. No other Ingress gets a rule with the same conditions.
    pub(super) fn is_held(&self, rule: &PresentRule<'a>, asking: &Asking<'a, '_>) -> bool {
        let Some(claim) = rule.claim else { return false };
        if rule.is_member {
            let is_unplanned = !claim.diagnostics.is_empty() || claim.routing.is_none();
            return is_unplanned || asking.left_out.contains(&claim.object);
        }
        let published = self.sources.observed.published(claim);
        published.is_some_and(|published| published.id == asking.group.id())
    }

    /// What happens to a rule of ours that no route asks for. `None`: it stays for now.
    pub(super) fn end(
        &mut self,
        found: &PresentRule<'a>,
        wanted: &[WantedRule<'a>],
        ours: &[PresentRule<'a>],
        asking: &Asking<'a, '_>,
    ) -> Option<RuleEnd> {
        let (rule, group) = (found.rule, asking.group);
        let observed = self.sources.observed;
        let owned = group.owned()?;
        if !observed.completeness.allows_for(Concern::Remove, Some(owned)) {
            return None;
        }
        // A rule that waits for a handover answers some of its requests as before. Without this rule, it would also answer
        // requests of this rule as before, which is neither what they got nor what they should get.
        if wanted
            .iter()
            .any(|it| (it.waits || starts(it, owned)) && overlap(&it.conditions, &rule.conditions))
        {
            return None;
        }
        if found.claim.is_none() {
            let reason = match found.object {
                Some(name) => format!("{name} is gone"),
                None => "it has no tag that names its Ingress".to_owned(),
            };
            return Some(RuleEnd::Goes { reason });
        }
        if self.is_held(found, asking) {
            return None;
        }
        let earlier: Vec<&PresentRule<'a>> =
            ours.iter().take_while(|other| other.rule.priority < rule.priority).collect();
        let takes_over = |part: &Vec<RuleCondition>| {
            wanted.iter().any(|it| is_within(part, &it.conditions)) || is_hidden(part, &earlier, wanted)
        };
        if parts(&rule.conditions).iter().all(takes_over) {
            return Some(RuleEnd::Goes { reason: "another rule answers its requests".to_owned() });
        }
        // A listener of its Ingress that is only created now serves nobody yet.
        let listeners =
            found.claim.and_then(|claim| claim.routing.as_ref()).map(|routing| &routing.listeners);
        if listeners.into_iter().flatten().any(|listener| owned.listener(listener.port).is_none()) {
            return Some(RuleEnd::Marked { priority: rule.priority });
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
}

/// Whether an existing rule gets target groups that AWS has not checked yet. Requests of a deleted rule would go there.
fn starts(rule: &WantedRule<'_>, owned: &Owned<'_>) -> bool {
    let starts = |to: &Destination<'_>| match to {
        Destination::Made(_) => true,
        Destination::Existing(arn) => {
            let group = owned.target_groups.iter().find(|group| group.arn == *arn);
            let any = |health| {
                group.is_some_and(|group| group.targets.iter().any(|target| target.health == health))
            };
            any(TargetHealth::Initial) && !any(TargetHealth::Healthy)
        }
    };
    rule.there.is_some() && rule.answer.forwards().iter().any(|it| it.weight > 0 && starts(&it.to))
}

/// Deletes unneeded rules before their grace period is over, the longest unneeded first, if the load balancer has no room for
/// new rules otherwise. `missing` is how many rules have no room.
pub fn make_room(ends: &mut [(&Rule, Option<RuleEnd>)], missing: usize) {
    let is_marked = |end: &Option<RuleEnd>| matches!(end, Some(RuleEnd::Marked { .. }));
    let marked = ends.iter().filter(|(_, end)| is_marked(end)).map(|(rule, _)| *rule);
    let mut marked: Vec<&Rule> = marked.collect();
    marked.sort_by_key(|rule| (rule_unneeded_since(rule).unwrap_or(u64::MAX), &rule.arn));
    let go: BTreeSet<&str> = marked.into_iter().take(missing).map(|rule| rule.arn.as_str()).collect();
    for (_, end) in ends.iter_mut().filter(|(rule, _)| go.contains(rule.arn.as_str())) {
        let reason = "no Ingress needs it, and the load balancer has no room for more rules".to_owned();
        *end = Some(RuleEnd::Goes { reason });
    }
}

/// The conditions of a rule for each of its hosts with each of its paths.
fn parts(conditions: &[RuleCondition]) -> Vec<Vec<RuleCondition>> {
    let mut parts = vec![Vec::new()];
    for condition in conditions {
        let alternatives: Vec<RuleCondition> = match condition {
            RuleCondition::HostHeader(text) => each(text).map(RuleCondition::HostHeader).collect(),
            RuleCondition::PathPattern(text) => each(text).map(RuleCondition::PathPattern).collect(),
            other => vec![other.clone()],
        };
        let with = |part: &Vec<RuleCondition>| {
            let part = part.clone();
            alternatives.iter().map(move |it| [part.as_slice(), std::slice::from_ref(it)].concat())
        };
        parts = parts.iter().flat_map(with).collect();
    }
    parts
}

fn each(text: &TextMatch) -> impl Iterator<Item = TextMatch> {
    let only = |values, regular_expressions| TextMatch { values, regular_expressions };
    let values = text.values.iter().map(move |it| only(vec![it.clone()], Vec::new()));
    values.chain(text.regular_expressions.iter().map(move |it| only(Vec::new(), vec![it.clone()])))
}

/// Whether requests do not reach a rule: an earlier rule answers them, and goes on to do so.
fn is_hidden(part: &[RuleCondition], earlier: &[&PresentRule<'_>], wanted: &[WantedRule<'_>]) -> bool {
    let hides = |wide: &[RuleCondition]| {
        covers(wide, part) && others_of(wide).all(|wide| others_of(part).any(|it| it == wide))
    };
    let goes_on = |before: &PresentRule<'_>| {
        wanted.iter().any(|it| it.object == before.object && hides(&it.conditions))
    };
    earlier.iter().any(|it| hides(&it.conditions) && goes_on(it))
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
