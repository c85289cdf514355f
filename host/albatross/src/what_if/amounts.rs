//! How much there is once a plan is executed.

use albatross_contract::{DesiredLoadBalancer, DiagnosticCode, Outcome, OutcomeState, Plan, Snapshot};
use serde::Serialize;

use crate::comparison::stays;

/// Numbers of what Albatross manages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Amounts {
    /// Nodes.
    pub nodes: usize,
    /// Ingresses and RouteGroups that are placed on a load balancer.
    pub placed: usize,
    /// Ingresses and RouteGroups that get no load balancer, not yet or not at all.
    pub unplaced: usize,
    /// Ingresses and RouteGroups for which a quota leaves no room, or not for all of their rules.
    pub without_room: usize,
    /// Load balancers, including those in their grace period.
    pub load_balancers: usize,
    /// Listener rules.
    pub rules: usize,
    /// Target groups.
    pub target_groups: usize,
    /// Targets of all target groups.
    pub targets: usize,
    /// Certificates of all load balancers.
    pub certificates: usize,
}

impl Amounts {
    /// Of the plan of a snapshot.
    pub fn new(snapshot: &Snapshot, plan: &Plan) -> Amounts {
        let load_balancers: Vec<&DesiredLoadBalancer> =
            plan.load_balancers.iter().filter(|found| stays(found)).collect();
        let sum = |of: fn(&DesiredLoadBalancer) -> usize| load_balancers.iter().map(|it| of(it)).sum();
        let state = |wanted: &[OutcomeState]| {
            plan.outcomes.iter().filter(|outcome| wanted.contains(&outcome.state)).count()
        };
        Amounts {
            nodes: snapshot.inventory.instances.len(),
            placed: state(&[OutcomeState::Placed, OutcomeState::Held]),
            unplaced: state(&[OutcomeState::Waiting, OutcomeState::Rejected]),
            without_room: plan.outcomes.iter().filter(|outcome| lacks_room(outcome)).count(),
            load_balancers: load_balancers.len(),
            rules: sum(rules),
            target_groups: sum(|found| found.target_groups.len()),
            targets: sum(targets),
            certificates: sum(|found| found.certificates.len()),
        }
    }
}

/// Whether a quota leaves no room for a part of what an object asks for.
fn lacks_room(outcome: &Outcome) -> bool {
    let codes = [
        DiagnosticCode::QuotaExhausted,
        DiagnosticCode::CapacityExceeded,
        DiagnosticCode::AutoScalingGroupFull,
    ];
    outcome.diagnostics.iter().any(|diagnostic| codes.contains(&diagnostic.code))
}

/// The listener rules of a load balancer.
pub(super) fn rules(load_balancer: &DesiredLoadBalancer) -> usize {
    load_balancer.listeners.iter().map(|listener| listener.rules.len()).sum()
}

/// The targets of all target groups of a load balancer.
pub(super) fn targets(load_balancer: &DesiredLoadBalancer) -> usize {
    load_balancer.target_groups.iter().map(of_target_group).sum()
}

/// The targets of a target group: nodes, or addresses of Pods.
pub(super) fn of_target_group(group: &albatross_contract::DesiredTargetGroup) -> usize {
    usize::try_from(group.nodes).unwrap_or(usize::MAX).max(group.targets.len())
}
