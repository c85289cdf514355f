//! Backends: what a listener can forward to. In proxy mode these are the nodes; each load balancer has a target group of
//! them.

mod form;
mod instances;
mod nodes;
mod targets;
#[cfg(test)]
mod tests;

use albatross_contract::DiagnosticCode;

pub use form::TargetGroupForm;
pub use nodes::Nodes;
pub use targets::{Leaver, Room, TargetChanges};

use crate::{
    grouping::{Demand, Obstacle},
    observed::Observed,
};
use instances::Instances;

/// The nodes, and the form of target groups.
pub struct Backends<'a> {
    /// The nodes.
    pub nodes: Nodes<'a>,
    /// What all target groups of nodes have in common.
    pub form: TargetGroupForm<'a>,
    instances: Instances<'a>,
}

impl<'a> Backends<'a> {
    /// Reads the nodes from the inventory.
    pub fn new(observed: &Observed<'a>) -> Self {
        let nodes = nodes::read(observed);
        let instances = Instances::new(&nodes, observed);
        Backends { nodes, form: TargetGroupForm::new(observed), instances }
    }

    /// What a new load balancer needs to forward to the nodes.
    pub fn demand(&self, observed: &Observed<'_>) -> Demand<'a> {
        Demand {
            obstacle: self.obstacle(observed),
            auto_scaling_groups: self.nodes.auto_scaling_groups.iter().copied().collect(),
            target_group_suffix: self.form.suffix.clone(),
        }
    }

    fn obstacle(&self, observed: &Observed<'_>) -> Option<Obstacle> {
        if !self.nodes.usable {
            return Some(Obstacle {
                code: DiagnosticCode::NodeFiltersInvalid,
                message: "the node filters are not valid".to_owned(),
                remedy: "correct proxy.node-filters".to_owned(),
                waits: true,
            });
        }
        let limit = observed.inventory.quotas.targets_per_load_balancer;
        (self.nodes.count > limit).then(|| Obstacle {
            code: DiagnosticCode::QuotaExhausted,
            message: format!(
                "the cluster has {} nodes, but a load balancer may have only {limit} targets",
                self.nodes.count
            ),
            remedy: "narrow proxy.node-filters, or raise the quota for targets per load balancer".to_owned(),
            waits: false,
        })
    }
}
