//! Backends: what a listener can forward to. In proxy mode these are the nodes; each load balancer has a target group of
//! them. In route mode these are ports of Services.

mod form;
mod instances;
mod leaving;
mod nodes;
mod service_targets;
mod services;
mod targets;
#[cfg(test)]
mod tests;

use albatross_contract::{Cluster, DiagnosticCode, Mode};

pub use form::TargetGroupForm;
pub use nodes::Nodes;
pub use services::{PORT_OF_EACH_TARGET, Resolved, ServiceTargets, Services};
pub use targets::{Joiner, Leaver, Room, TargetChanges};

use crate::{
    diagnostics::WAIT,
    grouping::{Demand, Demands, Obstacle},
    observed::{Concern, Observed},
    source::Claim,
};
use instances::Instances;

/// The nodes, and the form of target groups.
pub struct Backends<'a> {
    /// The nodes.
    pub nodes: Nodes<'a>,
    /// What all target groups of nodes have in common.
    pub form: TargetGroupForm<'a>,
    /// The Service ports that routes name.
    pub services: Services<'a>,
    instances: Instances<'a>,
}

impl<'a> Backends<'a> {
    /// Reads the nodes from the inventory, and the Services that the claims name from the cluster.
    pub fn new(claims: &'a [Claim<'a>], cluster: &'a Cluster, observed: &Observed<'a>) -> Self {
        let nodes = nodes::read(observed);
        let instances = Instances::new(&nodes, observed);
        let services = Services::new(claims, cluster, observed);
        Backends { nodes, form: TargetGroupForm::new(observed), services, instances }
    }

    /// What a new load balancer of each mode needs to forward requests.
    pub fn demands(&self, observed: &Observed<'_>) -> Demands<'a> {
        let of_nodes = Demand {
            obstacle: self.obstacle(observed),
            auto_scaling_groups: self.nodes.auto_scaling_groups.iter().copied().collect(),
            target_group_suffix: Some(self.form.suffix.clone()),
            makes_security_groups: false,
        };
        let unknown = observed.completeness.explain(Concern::ReadServices).map(|missing| Obstacle {
            code: DiagnosticCode::ViewIncomplete,
            message: missing,
            remedy: WAIT.to_owned(),
            waits: true,
        });
        let of_services = Demand { obstacle: unknown, makes_security_groups: true, ..Demand::default() };
        [(Mode::Proxy, of_nodes), (Mode::Route, of_services)].into()
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
