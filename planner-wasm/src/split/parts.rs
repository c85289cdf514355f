//! What AWS has of the load balancers of a group.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{RuleCondition, Scheme, TAG_INGRESS};

use crate::{
    identity::tag_value,
    observed::{Observed, rule_unneeded_since},
    source::{EVERY_HOST, ObjectName, lower_case, wildcard_host},
    terms::Terms,
};

/// The load balancers of a group, by part.
#[derive(Default)]
pub struct Parts<'a> {
    by_part: BTreeMap<u32, Part<'a>>,
}

/// Rules of a load balancer that no unit asks for.
#[derive(Clone, Copy, Default)]
pub struct Others {
    /// How many are not ours.
    pub foreign: usize,
    /// How many are unneeded, and stay for the grace period.
    pub unneeded: usize,
}

#[derive(Default)]
struct Part<'a> {
    /// Rules that no unit asks for.
    others: Others,
    /// The rules of ours, by the object that asks for them.
    of_objects: BTreeMap<ObjectName<'a>, Served>,
}

/// The rules of an object on a load balancer.
#[derive(Default)]
struct Served {
    /// How many there are.
    rules: usize,
    /// Their hosts.
    hosts: BTreeSet<String>,
}

impl<'a> Parts<'a> {
    /// Reads the load balancers of a group.
    pub fn new(group: &str, scheme: Scheme, observed: &Observed<'a>) -> Self {
        let mut parts = Parts::default();
        for owned in &observed.owned {
            let Some(found) = owned.load_balancer else { continue };
            let terms = Terms::of(found);
            if !terms.belongs_to(group, scheme) {
                continue;
            }
            let part = parts.by_part.entry(terms.part).or_default();
            for rule in found.listeners.iter().flat_map(|listener| &listener.rules) {
                if !observed.owns(&rule.tags, owned.id) {
                    part.others.foreign += 1;
                } else if rule_unneeded_since(rule).is_some() {
                    part.others.unneeded += 1;
                } else if let Some(object) = tag_value(&rule.tags, TAG_INGRESS).and_then(ObjectName::of_tag) {
                    let served = part.of_objects.entry(object).or_default();
                    served.rules += 1;
                    served.hosts.extend(hosts(&rule.conditions));
                }
            }
        }
        parts
    }

    /// The hosts for which a load balancer has rules of an object.
    pub fn hosts(&self, part: u32, object: ObjectName<'a>) -> BTreeSet<String> {
        let served = self.by_part.get(&part).and_then(|part| part.of_objects.get(&object));
        served.map(|served| served.hosts.clone()).unwrap_or_default()
    }

    /// For each part that has rules of some objects, how many.
    pub fn rules(&self, objects: &BTreeSet<ObjectName<'a>>) -> BTreeMap<u32, usize> {
        let of_part = |part: &Part<'a>| -> usize {
            let served = objects.iter().filter_map(|object| part.of_objects.get(object));
            served.map(|served| served.rules).sum()
        };
        let rules = self.by_part.iter().map(|(part, it)| (*part, of_part(it)));
        rules.filter(|(_, rules)| *rules > 0).collect()
    }

    /// For each part, the rules that no unit asks for.
    pub fn others(&self) -> BTreeMap<u32, Others> {
        self.by_part.iter().map(|(part, it)| (*part, it.others)).collect()
    }
}

/// The hosts of a rule, as objects share them.
fn hosts(conditions: &[RuleCondition]) -> BTreeSet<String> {
    let text = conditions.iter().find_map(|condition| match condition {
        RuleCondition::HostHeader(text) => Some(text),
        _ => None,
    });
    let Some(text) = text else { return [EVERY_HOST.to_owned()].into() };
    let every = || EVERY_HOST.to_owned();
    let values = text.values.iter().map(|value| match value.contains(['*', '?']) {
        true => every(),
        false => lower_case(value).into_owned(),
    });
    let expressions = text.regular_expressions.iter().map(|it| wildcard_host(it).unwrap_or_else(every));
    values.chain(expressions).collect()
}
