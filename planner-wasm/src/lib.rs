//! The planner of Albatross: a pure function from a snapshot to a plan.
//!
//! No clock, no randomness, no hash map iteration, no floating point, no I/O: the same snapshot results in the same bytes,
//! whatever the order of its lists. The modules are the steps, in the order in which data flows:
//!
//! | step | module |
//! |---|---|
//! | unusable settings are refused | `settings` |
//! | every source object becomes a claim | `source` |
//! | the inventory is indexed: what is ours, what is known | `observed` |
//! | what the settings do not allow is refused, and paused objects stay as they are | `tenancy` |
//! | backends, subnets and security groups are determined | `backends`, `network` |
//! | every host gets a certificate | `certificates` |
//! | groups of route mode are split if they need more than a load balancer may have | `split` |
//! | every claim keeps or gets a load balancer | `grouping`, by `terms` |
//! | unneeded resources are marked or removed, within budgets | `unasked`, `lifecycle`, `budgets` |
//! | the wanted state of every load balancer is described | `wanted` |
//! | the difference becomes actions | `diff` |
//! | every Ingress gets an outcome | `outcomes` |
//! | records in Route 53 follow the statuses | `dns` |
//! | the load balancers are described for people | `desired` |
//! | instead of all changes: load balancers are adopted or forgotten, where a person names them | `handover` |

#[cfg(test)]
mod arrows;
mod attributes;
mod backends;
mod budgets;
mod certificates;
mod cidr;
mod desired;
mod diagnostics;
mod diff;
mod dns;
mod explain;
mod foreign_cluster;
mod grouping;
mod handover;
mod identity;
mod index;
mod kind;
mod lifecycle;
mod nearest;
mod network;
mod observed;
mod outcomes;
mod overlap;
mod planning;
mod policies;
mod ports;
mod readiness;
mod remarks;
mod selector;
mod settings;
mod source;
mod split;
mod standstill;
mod tenancy;
mod terms;
#[cfg(test)]
mod testing;
mod unasked;
mod wanted;
mod wildcards;
mod words;

#[cfg(target_arch = "wasm32")]
mod component;

use albatross_contract::{Explanation, Plan, PlanningError, Question, Snapshot};

pub use policies::{NoPolicies, Policies};

/// Makes a plan.
///
/// # Errors
/// [`PlanningError`] when no plan can be made: settings that cannot be used, a snapshot that contradicts itself, a policy
/// that answered with an error.
pub fn plan(snapshot: &Snapshot, policies: &dyn Policies) -> Result<Plan, PlanningError> {
    planning::plan(snapshot, policies)
}

/// Explains the decisions of the same plan.
///
/// # Errors
/// As [`plan`], and when the subject of the question is unknown.
pub fn explain(
    snapshot: &Snapshot,
    question: &Question,
    policies: &dyn Policies,
) -> Result<Explanation, PlanningError> {
    explain::explain(snapshot, question, policies)
}
