//! What a plan does to listener rules: which are removed or changed, and which exist after it.

use albatross_contract::{AddTags, LoadBalancer, Operation, RemoveTags, RuleCondition, TAG_INGRESS, Tag};

use super::{
    actions::Actions,
    index::Map,
    names::ObjectName,
    tags::tag,
    view::{ListenerOn, RuleOn, View, existing, rules_on},
};

/// How a rule is removed or changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// It is deleted.
    Deleted,
    /// Its listener is deleted.
    WithListener,
    /// It stays, with other conditions or for another Ingress.
    Changed,
}

/// A rule of the inventory that is removed or changed, on a load balancer that stays.
#[derive(Clone, Copy)]
pub(crate) struct Removal<'a> {
    pub(crate) action: usize,
    pub(crate) rule: RuleOn<'a>,
    pub(crate) way: Way,
}

/// A rule of ours on a load balancer of the inventory after the plan.
#[derive(Clone, Copy)]
pub(crate) struct RuleAfter<'a> {
    /// The ARN of its listener. Absent: an action creates the listener.
    pub(crate) listener: Option<&'a str>,
    pub(crate) conditions: &'a [RuleCondition],
    /// The Ingress that it is for.
    pub(crate) ingress: Option<ObjectName<'a>>,
    /// The last action that creates or changes it. Absent: the plan does not change it.
    pub(crate) since: Option<usize>,
}

/// What a plan does to listener rules.
#[derive(Default)]
pub(crate) struct ListenerRules<'a> {
    /// Removed and changed rules, in the order of the plan.
    pub(crate) removals: Vec<Removal<'a>>,
    /// Removed and changed rules by ARN, as they are after the plan. Absent: removed.
    changed: Map<&'a str, Option<RuleAfter<'a>>>,
    /// Rules that actions create, by the ARN of the load balancer.
    made: Map<&'a str, Vec<RuleAfter<'a>>>,
}

impl<'a> ListenerRules<'a> {
    pub(crate) fn new(view: &View<'a>, actions: &Actions<'a>) -> Self {
        let mut rules = ListenerRules::default();
        for (index, action) in actions.iter() {
            rules.step(index, &action.operation, view, actions);
        }
        rules
    }

    fn step(&mut self, index: usize, operation: &'a Operation, view: &View<'a>, actions: &Actions<'a>) {
        let mut changes = |reference, change: &dyn Fn(&mut RuleAfter<'a>)| {
            if let Some(rule) = view.rule(reference)
                && actions.deletion(&rule.load_balancer.arn).is_none()
            {
                self.removals.push(Removal { action: index, rule, way: Way::Changed });
                let after = self.changed.entry(&rule.rule.arn).or_insert_with(|| Some(observed(rule)));
                after.iter_mut().for_each(|after| {
                    change(after);
                    after.since = Some(index);
                });
            }
        };
        match operation {
            Operation::ModifyRule(change) if !change.conditions.is_empty() => {
                changes(&change.rule, &|after| after.conditions = &change.conditions);
            }
            Operation::AddTags(AddTags { resource, tags }) if tag(tags, TAG_INGRESS).is_some() => {
                changes(resource, &|after| after.ingress = ingress_of(tags));
            }
            Operation::RemoveTags(RemoveTags { resource, keys })
                if keys.iter().any(|key| key == TAG_INGRESS) =>
            {
                changes(resource, &|after| after.ingress = None);
            }
            Operation::DeleteRule(reference) => {
                view.rule(reference)
                    .into_iter()
                    .for_each(|rule| self.goes(index, rule, Way::Deleted, actions));
            }
            Operation::DeleteListener(reference) => {
                let rules = view.listener(reference).into_iter().flat_map(rules_on);
                rules.for_each(|rule| self.goes(index, rule, Way::WithListener, actions));
            }
            Operation::CreateRule(create) => {
                let on = view.listener(&create.listener).map(|found| found.load_balancer);
                let on_made = || view.load_balancer(actions.load_balancer_of_made(&create.listener)?);
                if let Some(load_balancer) = on.or_else(on_made) {
                    let made = RuleAfter {
                        listener: existing(&create.listener),
                        conditions: &create.conditions,
                        ingress: ingress_of(&create.tags),
                        since: Some(index),
                    };
                    self.made.entry(&load_balancer.arn).or_default().push(made);
                }
            }
            _ => {}
        }
    }

    /// Notes a removed rule, unless its load balancer is deleted: deletions have guard rules of their own.
    fn goes(&mut self, action: usize, rule: RuleOn<'a>, way: Way, actions: &Actions<'_>) {
        if actions.deletion(&rule.load_balancer.arn).is_none() {
            self.removals.push(Removal { action, rule, way });
            self.changed.insert(&rule.rule.arn, None);
        }
    }

    /// Whether a load balancer would have more rules than AWS allows if the plan only created rules.
    pub(crate) fn exceeds_quota(&self, load_balancer: &LoadBalancer, view: &View<'_>) -> bool {
        let there: usize = load_balancer.listeners.iter().map(|listener| listener.rules.len()).sum();
        let made = self.made.get(load_balancer.arn.as_str()).map_or(0, Vec::len);
        made > 0 && there + made > view.snapshot.inventory.quotas.rules_per_load_balancer as usize
    }

    /// Our rules on a load balancer of the inventory after the plan.
    pub(crate) fn after(&self, load_balancer: &'a LoadBalancer, view: &View<'_>) -> Vec<RuleAfter<'a>> {
        let listeners = load_balancer.listeners.iter().map(|listener| ListenerOn { load_balancer, listener });
        let rules = listeners.flat_map(rules_on);
        let stay = rules.filter(|rule| view.owns_rule(*rule)).filter_map(|rule| {
            self.changed.get(rule.rule.arn.as_str()).copied().unwrap_or_else(|| Some(observed(rule)))
        });
        let made = self.made.get(load_balancer.arn.as_str()).into_iter().flatten().copied();
        stay.chain(made).collect()
    }
}

/// A rule as it was before the plan.
fn observed(found: RuleOn<'_>) -> RuleAfter<'_> {
    RuleAfter {
        listener: Some(&found.listener.arn),
        conditions: &found.rule.conditions,
        ingress: ingress_of(&found.rule.tags),
        since: None,
    }
}

/// The Ingress of a rule with these tags.
pub(crate) fn ingress_of(tags: &[Tag]) -> Option<ObjectName<'_>> {
    tag(tags, TAG_INGRESS).and_then(ObjectName::of_tag)
}
