//! Which listeners and rules use a target group, before the plan and after it.

use albatross_contract::{ListenerAction, LoadBalancer, Operation, TargetGroup};

use super::{
    actions::Actions,
    index::{Map, Set},
    operations::forwards,
    view::{View, existing},
};

/// Use of a target group by a listener or a rule, as observed.
pub(crate) struct Use<'a> {
    pub(crate) load_balancer: &'a LoadBalancer,
    /// ARN of the listener or rule.
    pub(crate) by: &'a str,
    /// Actions after which the listener or rule no longer forwards as before.
    pub(crate) ended: Vec<usize>,
}

/// Whether an operation takes something from a target group, so that its users matter.
const fn takes_from_a_target_group(operation: &Operation) -> bool {
    matches!(
        operation,
        Operation::DeleteTargetGroup(_) | Operation::DeregisterTargets(_) | Operation::DetachTargetGroup(_)
    )
}

/// Uses of target groups. Observed uses are looked up only for plans that take something from a target group.
#[derive(Default)]
pub(crate) struct TargetGroupUses<'a> {
    observed: Map<&'a str, Vec<Use<'a>>>,
    planned: Set<&'a str>,
}

impl<'a> TargetGroupUses<'a> {
    pub(crate) fn new(view: &View<'a>, actions: &Actions<'a>) -> Self {
        let mut uses = TargetGroupUses::default();
        let ended = uses.plan(actions);
        if !actions.list.iter().any(|action| takes_from_a_target_group(&action.operation)) {
            return uses; // no rule needs the observed uses
        }
        for load_balancer in &view.snapshot.inventory.load_balancers {
            for listener in &load_balancer.listeners {
                let mut used = |by: &'a str, actions: &'a [ListenerAction]| {
                    for (group, _) in forwards(actions) {
                        let arns = [&load_balancer.arn, &listener.arn, by];
                        let ended =
                            arns.iter().filter_map(|arn| ended.get(*arn)).flatten().copied().collect();
                        let found = Use { load_balancer, by, ended };
                        uses.observed.entry(existing(group).unwrap_or_default()).or_default().push(found);
                    }
                };
                used(&listener.arn, &listener.default_actions);
                listener.rules.iter().for_each(|rule| used(&rule.arn, &rule.actions));
            }
        }
        uses
    }

    /// Notes which target groups the plan uses. Returns, by ARN of the user, the actions that end its use.
    fn plan(&mut self, actions: &Actions<'a>) -> Map<&'a str, Vec<usize>> {
        let mut ended: Map<&str, Vec<usize>> = Map::default();
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
            self.planned.extend(forwards(forwarding).filter_map(|(group, _)| existing(group)));
            // Without actions in the request, the present actions stay.
            if let Some(place) = ends.and_then(existing)
                && !forwarding.is_empty()
            {
                ended.entry(place).or_default().push(index);
            }
        }
        ended
    }

    /// Uses of a target group as observed.
    pub(crate) fn of(&self, target_group: &str) -> &[Use<'a>] {
        self.observed.get(target_group).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether the plan makes a listener or rule forward to a target group.
    pub(crate) fn is_planned(&self, target_group: &str) -> bool {
        self.planned.contains(target_group)
    }

    /// Whether no load balancer that stays uses a target group, neither as AWS says (which includes rules and load balancers
    /// that an incomplete list omits) nor by the listeners and rules that are known.
    pub(crate) fn is_idle(&self, group: &TargetGroup, actions: &Actions<'_>) -> bool {
        let goes = |arn: &str| actions.deletion(arn).is_some();
        !self.is_planned(&group.arn)
            && group.load_balancer_arns.iter().all(|arn| goes(arn))
            && self.of(&group.arn).iter().all(|used| goes(&used.load_balancer.arn))
    }
}
