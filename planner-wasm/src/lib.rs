//! The planner of Albatross: a pure function from a snapshot to a plan.
//!
//! No clock, no randomness, no hash map iteration, no floating point, no I/O: the same snapshot gives the same bytes,
//! in whatever order its lists are. The modules are the steps, in the order in which data flows:
//!
//! | step | module |
//! |---|---|
//! | settings that no plan could be made with are refused | `settings` |
//! | every source object becomes a claim | `source` |
//! | the inventory is indexed: what is ours, what is known | `observed` |
//! | what can be forwarded to, where load balancers can stand | `backends`, `network` |
//! | every host gets a certificate | `certificates` |
//! | every claim keeps or gets its place | `grouping`, by `terms` |
//! | what nobody needs is marked or removed, within budgets | `unasked`, `lifecycle`, `budgets` |
//! | every load balancer is described as it should be | `wanted` |
//! | the difference becomes actions | `diff` |
//! | every Ingress gets an outcome | `outcomes` |
//! | the load balancers are told to people | `desired` |

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
mod explain;
mod foreign_cluster;
mod grouping;
mod identity;
mod index;
mod lifecycle;
mod network;
mod observed;
mod outcomes;
mod planning;
mod policies;
mod ports;
mod remarks;
mod settings;
mod source;
mod terms;
#[cfg(test)]
mod testing;
mod unasked;
mod wanted;
mod words;

#[cfg(target_arch = "wasm32")]
mod component;

use albatross_contract::{Explanation, Plan, PlanningError, Question, Snapshot};

pub use policies::{NoPolicies, Policies};

/// Says what to do.
///
/// # Errors
/// [`PlanningError`] when there can be no plan at all: settings that cannot be used, a snapshot that contradicts
/// itself, a policy whose own answer was an error.
pub fn plan(snapshot: &Snapshot, policies: &dyn Policies) -> Result<Plan, PlanningError> {
    planning::plan(snapshot, policies)
}

/// Says why: the same decisions, told.
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
