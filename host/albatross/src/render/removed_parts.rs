//! What a plan removes besides load balancers.

use std::collections::BTreeSet;

use albatross_contract::{Operation, Plan};
use serde::Serialize;

use super::{summary::is_deleted, words::count};

/// Numbers of resources that are deleted without their load balancer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct RemovedParts {
    /// Listeners.
    pub listeners: usize,
    /// Listener rules.
    pub rules: usize,
    /// Target groups.
    pub target_groups: usize,
    /// Certificates that are removed from a listener.
    pub certificates: usize,
    /// Security groups.
    pub security_groups: usize,
}

impl RemovedParts {
    /// Counts the resources that a plan removes from load balancers that stay, and leftovers.
    pub fn of(plan: &Plan) -> RemovedParts {
        let deleted = plan.load_balancers.iter().filter(|found| is_deleted(found));
        let deleted: BTreeSet<&str> = deleted.map(|found| found.id.as_str()).collect();
        let mut parts = RemovedParts::default();
        for action in plan.actions.iter().filter(|it| !deleted.contains(it.load_balancer.as_str())) {
            match &action.operation {
                Operation::DeleteListener(_) => parts.listeners += 1,
                Operation::DeleteRule(_) => parts.rules += 1,
                Operation::DeleteTargetGroup(_) => parts.target_groups += 1,
                Operation::RemoveListenerCertificate(_) => parts.certificates += 1,
                Operation::DeleteSecurityGroup(_) => parts.security_groups += 1,
                _ => {}
            }
        }
        parts
    }

    /// `2 rules, 1 target group`. `None`: nothing is removed.
    pub fn words(&self) -> Option<String> {
        let numbers = [
            (self.listeners, "listener"),
            (self.rules, "rule"),
            (self.certificates, "certificate"),
            (self.target_groups, "target group"),
            (self.security_groups, "security group"),
        ];
        let said = numbers.into_iter().filter(|(number, _)| *number > 0);
        let said: Vec<String> = said.map(|(number, noun)| count(number, noun)).collect();
        (!said.is_empty()).then(|| said.join(", "))
    }
}
