//! Backends: what a listener can forward to. In proxy mode these are the nodes, or the pods of the proxy; each load balancer has
//! a target group of them. In route mode these are ports of Services.

mod addresses;
mod form;
mod instances;
mod leaving;
mod nodes;
mod pods;
mod registered;
mod service_targets;
mod services;
mod targets;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use albatross_contract::{Cluster, Diagnostic, DiagnosticCode, Mode, TargetGroup, TargetType};

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
use pods::Pods;

/// What load balancers can forward to, and the form of target groups.
pub struct Backends<'a> {
    /// The nodes.
    pub nodes: Nodes<'a>,
    /// What all target groups of nodes, or of pods of the proxy, have in common.
    pub form: TargetGroupForm<'a>,
    /// The Service ports that routes name.
    pub services: Services<'a>,
    instances: Instances<'a>,
    /// The pods of the proxy. `None`: the nodes are the targets.
    pods: Option<Pods<'a>>,
}

impl<'a> Backends<'a> {
    /// Reads the nodes from the inventory, and the pods of the proxy and the Services that the claims name from the cluster.
    pub fn new(claims: &'a [Claim<'a>], cluster: &'a Cluster, observed: &Observed<'a>) -> Self {
        let nodes = nodes::read(observed);
        let instances = Instances::new(&nodes, observed);
        let services = Services::new(claims, cluster, observed);
        let form = TargetGroupForm::new(observed);
        let asked = observed.settings.proxy.pods.as_ref();
        let pods = asked.map(|asked| pods::read(asked, cluster, &form, observed));
        Backends { nodes, form, services, instances, pods }
    }

    /// The changes to the targets of a target group of proxy mode with this name. `group` is `None` if it does not exist yet.
    pub fn changes(
        &self,
        name: &str,
        group: Option<&'a TargetGroup>,
        room: &mut Room<'a>,
        observed: &Observed<'a>,
    ) -> TargetChanges<'a> {
        match (self.target_type(group), &self.pods) {
            (TargetType::Instance, _) => self.node_changes(name, group, room, observed),
            (_, Some(pods)) => pods.changes(name, group, observed),
            // It still serves after the setting was removed, until the target group of the nodes is healthy.
            (_, None) => TargetChanges::default(),
        }
    }

    /// The addresses that a target group of proxy mode should have. `None`: it has nodes.
    pub fn addresses(&self, group: Option<&TargetGroup>) -> Option<&BTreeSet<&'a str>> {
        static NONE: BTreeSet<&str> = BTreeSet::new();
        let is_of_nodes = self.target_type(group) == TargetType::Instance;
        (!is_of_nodes).then(|| self.pods.as_ref().map_or(&NONE, |pods| &pods.ready))
    }

    /// The Auto Scaling Groups that a target group of the wanted form is attached to.
    pub fn auto_scaling_groups(&self) -> impl Iterator<Item = &'a str> {
        let of_nodes = self.pods.is_none().then_some(&self.nodes.auto_scaling_groups);
        of_nodes.into_iter().flatten().copied()
    }

    /// Problems with the nodes, and with the pods of the proxy.
    pub fn diagnostics(&self) -> impl Iterator<Item = &Diagnostic> {
        self.nodes.diagnostics.iter().chain(self.pods.iter().flat_map(|pods| &pods.diagnostics))
    }

    fn target_type(&self, group: Option<&TargetGroup>) -> TargetType {
        group.map_or(self.form.target_type, |group| group.target_type)
    }

    /// What a new load balancer of each mode needs to forward requests.
    pub fn demands(&self, observed: &Observed<'_>) -> Demands<'a> {
        let of_proxy = Demand {
            obstacle: self.obstacle(observed),
            auto_scaling_groups: self.auto_scaling_groups().collect(),
            target_group_suffix: Some(self.form.suffix.clone()),
            makes_security_groups: false,
        };
        let unknown = observed.completeness.explain(Concern::ReadServices);
        let of_services =
            Demand { obstacle: unknown.map(not_known), makes_security_groups: true, ..Demand::default() };
        [(Mode::Proxy, of_proxy), (Mode::Route, of_services)].into()
    }

    fn obstacle(&self, observed: &Observed<'_>) -> Option<Obstacle> {
        if let Some(pods) = &self.pods {
            let unknown = pods.unknown.clone().map(not_known);
            return unknown
                .or_else(|| too_many(pods.ready.len(), "ready pods of the proxy", "proxy.pods", observed));
        }
        if !self.nodes.usable {
            return Some(Obstacle {
                code: DiagnosticCode::NodeFiltersInvalid,
                message: "the node filters are not valid".to_owned(),
                remedy: "correct proxy.node-filters".to_owned(),
                waits: true,
            });
        }
        too_many(self.nodes.count as usize, "nodes", "proxy.node-filters", observed)
    }
}

fn not_known(reason: String) -> Obstacle {
    Obstacle { code: DiagnosticCode::ViewIncomplete, message: reason, remedy: WAIT.to_owned(), waits: true }
}

/// The obstacle if there are more targets than a load balancer may have.
fn too_many(count: usize, of: &str, setting: &str, observed: &Observed<'_>) -> Option<Obstacle> {
    let limit = observed.inventory.quotas.targets_per_load_balancer;
    (count > limit as usize).then(|| Obstacle {
        code: DiagnosticCode::QuotaExhausted,
        message: format!("the cluster has {count} {of}, but a load balancer may have only {limit} targets"),
        remedy: format!("narrow {setting}, or raise the quota for targets per load balancer"),
        waits: false,
    })
}
