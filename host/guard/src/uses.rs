//! Which listeners and rules use a target group, before the plan and after it.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{LoadBalancer, Operation, TargetGroup};

use crate::{
    actions::{Actions, forwards},
    view::{View, existing},
};

/// Use of a target group by a listener or a rule, as observed.
pub(crate) struct Use<'a> {
    pub(crate) load_balancer: &'a LoadBalancer,
    /// ARN of the listener or rule.
    pub(crate) by: &'a str,
    /// Actions after which that one no longer forwards as it did.
    pub(crate) ended: Vec<usize>,
}

/// Uses of target groups.
pub(crate) struct Uses<'a> {
    observed: BTreeMap<&'a str, Vec<Use<'a>>>,
    planned: BTreeSet<&'a str>,
    deleted: BTreeMap<&'a str, usize>,
}

impl<'a> Uses<'a> {
    pub(crate) fn new(view: &View<'a>, actions: &Actions<'a>) -> Self {
        let mut planned = BTreeSet::new();
        let mut ended: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (index, action) in actions.iter() {
            let (ends, forwarding) = match &action.operation {
                Operation::CreateListener(create) => (None, create.default_actions.as_slice()),
                Operation::CreateRule(create) => (None, create.actions.as_slice()),
                Operation::ModifyListener(change) => {
                    (Some(&change.listener), change.default_actions.as_slice())
                }
                Operation::ModifyRule(change) => (Some(&change.rule), change.actions.as_slice()),
                Operation::DeleteLoadBalancer(reference)
                | Operation::DeleteListener(reference)
                | Operation::DeleteRule(reference) => {
                    ended.entry(existing(reference).unwrap_or_default()).or_default().push(index);
                    continue;
                }
                _ => continue,
            };
            planned.extend(forwards(forwarding).filter_map(|(group, _)| existing(group)));
            // Without actions in the request the present ones stay.
            if let Some(place) = ends.and_then(existing)
                && !forwarding.is_empty()
            {
                ended.entry(place).or_default().push(index);
            }
        }
        let ended_by =
            |arns: &[&str]| arns.iter().filter_map(|arn| ended.get(arn)).flatten().copied().collect();
        let mut observed: BTreeMap<&str, Vec<Use<'_>>> = BTreeMap::new();
        for place in view.listeners.values() {
            let (load_balancer, listener) = (place.load_balancer, place.listener);
            for (group, _) in forwards(&listener.default_actions) {
                let ended = ended_by(&[&load_balancer.arn, &listener.arn]);
                let by = listener.arn.as_str();
                observed.entry(existing(group).unwrap_or_default()).or_default().push(Use {
                    load_balancer,
                    by,
                    ended,
                });
            }
            for rule in &listener.rules {
                for (group, _) in forwards(&rule.actions) {
                    let ended = ended_by(&[&load_balancer.arn, &listener.arn, &rule.arn]);
                    let by = rule.arn.as_str();
                    observed.entry(existing(group).unwrap_or_default()).or_default().push(Use {
                        load_balancer,
                        by,
                        ended,
                    });
                }
            }
        }
        Uses { observed, planned, deleted: actions.deleted_load_balancers() }
    }

    /// Uses of a target group as observed.
    pub(crate) fn of(&self, target_group: &str) -> &[Use<'a>] {
        self.observed.get(target_group).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether the plan makes a listener or rule forward to a target group.
    pub(crate) fn is_planned(&self, target_group: &str) -> bool {
        self.planned.contains(target_group)
    }

    /// The action that deletes a load balancer.
    pub(crate) fn deletion(&self, load_balancer: &str) -> Option<usize> {
        self.deleted.get(load_balancer).copied()
    }

    /// Whether no load balancer that stays uses a target group, neither by what AWS says of it (which includes rules
    /// and load balancers that a list lacks) nor by the listeners and rules that are known.
    pub(crate) fn is_idle(&self, group: &TargetGroup) -> bool {
        let goes = |arn: &str| self.deletion(arn).is_some();
        !self.is_planned(&group.arn)
            && group.load_balancer_arns.iter().all(|arn| goes(arn))
            && self.of(&group.arn).iter().all(|used| goes(&used.load_balancer.arn))
    }
}
