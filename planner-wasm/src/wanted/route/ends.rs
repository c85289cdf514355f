//! Ends: what happens to the rules of ours that no route asks for.

use std::collections::BTreeSet;

use albatross_contract::{Rule, RuleCondition};

use super::{
    super::build::Builder,
    present::PresentRule,
    rules::{Asking, Rule as WantedRule, RuleEnd},
};
use crate::{
    observed::{Concern, rule_unneeded_since},
    overlap::overlap,
    words,
};

impl<'a> Builder<'a, '_> {
    /// Whether a rule stays as it is: its Ingress cannot be planned, or is published on this load balancer and has its place
    /// elsewhere. No other Ingress gets a rule with the same conditions.
    pub(super) fn is_held(&self, rule: &PresentRule<'a>, asking: &Asking<'a, '_>) -> bool {
        let Some(claim) = rule.claim else { return false };
        if rule.is_member {
            return !claim.diagnostics.is_empty() || asking.left_out.contains(&claim.object);
        }
        let published = self.sources.observed.published(claim);
        published.is_some_and(|published| published.id == asking.group.id())
    }

    /// What happens to a rule of ours that no route asks for. `None`: it stays for now.
    pub(super) fn end(
        &mut self,
        found: &PresentRule<'a>,
        wanted: &[WantedRule<'a>],
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
        if wanted.iter().any(|it| it.waits && overlap(&it.conditions, &rule.conditions)) {
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
