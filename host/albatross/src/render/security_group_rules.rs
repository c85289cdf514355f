//! The rules that a plan adds to and removes from security groups that belong to no load balancer: those of the targets.

use std::collections::BTreeSet;

use albatross_contract::{Operation, Plan};
use serde::Serialize;

use super::words::count;

/// Numbers of rules.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct SecurityGroupRules {
    /// Rules that are added.
    pub added: usize,
    /// Rules that are removed.
    pub removed: usize,
}

impl SecurityGroupRules {
    /// Counts the rules.
    pub fn of(plan: &Plan) -> SecurityGroupRules {
        let load_balancers: BTreeSet<&str> =
            plan.load_balancers.iter().map(|found| found.id.as_str()).collect();
        let mut rules = SecurityGroupRules::default();
        for action in plan.actions.iter().filter(|it| !load_balancers.contains(it.load_balancer.as_str())) {
            match &action.operation {
                Operation::AuthorizeSecurityGroupRules(change) => rules.added += change.rules.len(),
                Operation::RevokeSecurityGroupRules(change) => rules.removed += change.rules.len(),
                _ => {}
            }
        }
        rules
    }

    /// `Security groups of the targets: 2 rules added, 1 rule removed`. `None`: no rule changes.
    pub fn words(&self) -> Option<String> {
        let said =
            [(self.added, "added"), (self.removed, "removed")].into_iter().filter(|(number, _)| *number > 0);
        let said: Vec<String> =
            said.map(|(number, what)| format!("{} {what}", count(number, "rule"))).collect();
        (!said.is_empty()).then(|| format!("Security groups of the targets: {}", said.join(", ")))
    }
}
