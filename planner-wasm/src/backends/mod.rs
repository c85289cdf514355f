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

use albatross_contract::{Cluster, DiagnosticCode, LoadBalancerKind, Mode};

pub use form::TargetGroupForm;
pub use nodes::Nodes;
pub use services::{PORT_OF_EACH_TARGET, Resolved, ServiceTargets, Services};
pub use targets::{Joiner, Leaver, Room, TargetChanges};

use crate::{
    budgets::number,
    diagnostics::WAIT,
    grouping::{Demand, Demands, Obstacle},
    observed::{Concern, Observed},
    source::Claim,
};
use instances::Instances;

/// The nodes, and the forms of target groups.
pub struct Backends<'a> {
    /// The nodes.
    pub nodes: Nodes<'a>,
    application: Forms<'a>,
    network: Forms<'a>,
    /// The Service ports that routes name.
    pub services: Services<'a>,
    instances: Instances<'a>,
}

/// The forms of the target groups behind a kind of load balancer.
struct Forms<'a> {
    main: TargetGroupForm<'a>,
    http: Option<TargetGroupForm<'a>>,
}

impl<'a> Backends<'a> {
    /// Reads the nodes from the inventory, and the Services that the claims name from the cluster.
    pub fn new(claims: &'a [Claim<'a>], cluster: &'a Cluster, observed: &Observed<'a>) -> Self {
        let nodes = nodes::read(observed);
        let instances = Instances::new(&nodes, observed);
        let services = Services::new(claims, cluster, observed);
        let forms = |kind| Forms {
            main: TargetGroupForm::new(kind, observed),
            http: TargetGroupForm::of_http(kind, observed),
        };
        let (application, network) = (forms(LoadBalancerKind::Application), forms(LoadBalancerKind::Network));
        Backends { nodes, application, network, services, instances }
    }

    /// What all target groups of nodes behind a kind of load balancer have in common.
    pub fn form(&self, kind: LoadBalancerKind) -> &TargetGroupForm<'a> {
        &self.forms(kind).main
    }

    /// The same for target groups that get only the requests of port 80. `None`: there are none.
    pub fn http_form(&self, kind: LoadBalancerKind) -> Option<&TargetGroupForm<'a>> {
        self.forms(kind).http.as_ref()
    }

    fn forms(&self, kind: LoadBalancerKind) -> &Forms<'a> {
        match kind {
            LoadBalancerKind::Network => &self.network,
            LoadBalancerKind::Application | LoadBalancerKind::Gateway => &self.application,
        }
    }

    /// What a new load balancer of each mode and kind needs to forward requests.
    pub fn demands(&self, observed: &Observed<'_>) -> Demands<'a> {
        let of_nodes = |kind| Demand {
            obstacle: self.obstacle(kind, observed),
            auto_scaling_groups: self.nodes.auto_scaling_groups.iter().copied().collect(),
            target_group_suffix: Some(self.form(kind).suffix.clone()),
            makes_security_groups: false,
        };
        let unknown = observed.completeness.explain(Concern::ReadServices).map(|missing| Obstacle {
            code: DiagnosticCode::ViewIncomplete,
            message: missing,
            remedy: WAIT.to_owned(),
            waits: true,
        });
        let of_services = Demand { obstacle: unknown, makes_security_groups: true, ..Demand::default() };
        let (application, network) = (LoadBalancerKind::Application, LoadBalancerKind::Network);
        [
            ((Mode::Proxy, application), of_nodes(application)),
            ((Mode::Proxy, network), of_nodes(network)),
            ((Mode::Route, application), of_services),
        ]
        .into()
    }

    fn obstacle(&self, kind: LoadBalancerKind, observed: &Observed<'_>) -> Option<Obstacle> {
        if !self.nodes.usable {
            return Some(Obstacle {
                code: DiagnosticCode::NodeFiltersInvalid,
                message: "the node filters are not valid".to_owned(),
                remedy: "correct proxy.node-filters".to_owned(),
                waits: true,
            });
        }
        let exceeded = match kind {
            LoadBalancerKind::Network => self.exceeded_by_network(observed),
            _ => {
                let limit = observed.inventory.quotas.targets_per_load_balancer;
                (self.nodes.count > limit).then(|| {
                    format!("{} nodes, but a load balancer may have only {limit} targets", self.nodes.count)
                })
            }
        };
        exceeded.map(|what| Obstacle {
            code: DiagnosticCode::QuotaExhausted,
            message: format!("the cluster has {what}"),
            remedy: "narrow proxy.node-filters, or raise the quota for targets per load balancer".to_owned(),
            waits: false,
        })
    }

    /// In words, the quota for the targets of a Network Load Balancer that the nodes exceed. With cross-zone load balancing, all
    /// of them count as in one zone (Network Load Balancers user guide, "Quotas").
    fn exceeded_by_network(&self, observed: &Observed<'_>) -> Option<String> {
        let quotas = &observed.inventory.quotas;
        let (all, of_zone) =
            (quotas.targets_per_network_load_balancer, quotas.targets_per_zone_per_network_load_balancer);
        let crosses_zones = observed.settings.proxy.network.as_ref().and_then(|network| network.cross_zone);
        let limit = if crosses_zones == Some(true) { all.min(of_zone) } else { all };
        let count = self.nodes.count;
        if count > limit {
            return Some(format!("{count} nodes, but a network load balancer may have only {limit} targets"));
        }
        let in_zone = |zone: &str| number(self.nodes.running.iter().filter(|it| it.zone == zone).count());
        let mut zones = self.nodes.zones.iter().map(|zone| (*zone, in_zone(zone)));
        zones.find(|(_, count)| *count > of_zone).map(|(zone, count)| {
            format!(
                "{count} nodes in {zone}, but a network load balancer may have only {of_zone} targets in a zone"
            )
        })
    }
}
