//! The budget for rules that become unneeded.

use std::collections::BTreeSet;

use albatross_contract::{Budget, Mode, Rule, TAG_INGRESS, Withheld};

use super::super::{LoadBalancer, build::Sources};
use crate::{
    budgets::{Request, unneeded_limit},
    identity::tag_value,
    observed::{Owned, rule_unneeded_since},
    source::ObjectName,
    terms::Terms,
    unasked::is_in_use,
    words,
};

/// Withholds the removal of rules that would become unneeded, if there are too many. Rules of Ingresses that have a place, or
/// wait for one, do not count: these Ingresses have changed their rules themselves. Nor do rules in proxy mode, which belong to
/// no Ingress.
pub fn withhold<'a>(wanted: &mut [LoadBalancer<'a>], sources: &Sources<'a, '_>) -> Option<Withheld> {
    let observed = sources.observed;
    let unneeded = wanted
        .iter()
        .filter(|it| it.mode == Mode::Route)
        .flat_map(|it| &it.listeners)
        .flat_map(|it| &it.rules)
        .flat_map(|it| &it.unneeded);
    let newly: Vec<&Rule> =
        unneeded.map(|(rule, _)| *rule).filter(|rule| rule_unneeded_since(rule).is_none()).collect();
    if newly.is_empty() {
        return None;
    }
    let kept: BTreeSet<ObjectName<'_>> = sources.grouping.kept().map(|claim| claim.object).collect();
    let is_gone = |rule: &&Rule| {
        let object = tag_value(&rule.tags, TAG_INGRESS).and_then(ObjectName::of_tag);
        object.is_none_or(|object| !kept.contains(&object))
    };
    let ids: Vec<String> = newly.into_iter().filter(is_gone).map(|rule| rule.arn.clone()).collect();
    if ids.is_empty() {
        return None;
    }
    let is_in_route_mode =
        |owned: &&Owned<'_>| owned.load_balancer.is_some_and(|found| Terms::of(found).mode == Mode::Route);
    let in_use = observed.owned.iter().filter(|owned| is_in_use(owned)).filter(is_in_route_mode);
    let rules = in_use.flat_map(|owned| {
        let listeners = owned.load_balancer.into_iter().flat_map(|found| &found.listeners);
        let rules = listeners.flat_map(|listener| &listener.rules);
        rules.filter(|rule| observed.owns(&rule.tags, owned.id) && rule_unneeded_since(rule).is_none())
    });
    let total = rules.count();
    let withheld = Request {
        budget: Budget::UnneededRules,
        flag: "--allow-unneeded",
        message: |arns: &[String]| {
            format!(
                "{} of {} would become unneeded, since their Ingresses are gone",
                arns.len(),
                words::count(total, "listener rule in use", "listener rules in use")
            )
        },
        ids,
        allowed: &observed.settings.allowances.unneeded,
        total,
        limit: unneeded_limit(total),
    }
    .judge()?;
    let held_back: BTreeSet<&str> = withheld.ids.iter().map(String::as_str).collect();
    let rules = wanted.iter_mut().flat_map(|it| &mut it.listeners).flat_map(|it| &mut it.rules);
    rules.for_each(|rules| rules.unneeded.retain(|(rule, _)| !held_back.contains(rule.arn.as_str())));
    Some(withheld)
}
