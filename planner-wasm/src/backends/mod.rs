//! Backends: what a listener can forward to. In proxy mode these are the nodes, or the pods of the proxy; each load balancer has
//! a target group of them. In route mode these are ports of Services.

mod addresses;
mod form;
mod gates;
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

use albatross_contract::{
    Cluster, Diagnostic, DiagnosticCode, LoadBalancerKind, Mode, TargetGroup, TargetType,
};

pub use form::TargetGroupForm;
pub use nodes::Nodes;
pub use services::{PORT_OF_EACH_TARGET, Resolved, ServiceTargets, Services};
pub use targets::{Joiner, Leaver, Room, TargetChanges};

use crate::{
    budgets::number,
    diagnostics::WAIT,
    grouping::{Demand, Demands, Obstacle, Use},
    observed::{Concern, Observed},
    source::Claim,
};
use instances::Instances;
use pods::Pods;

/// What load balancers can forward to, and the forms of target groups.
pub struct Backends<'a> {
    /// The nodes.
    pub nodes: Nodes<'a>,
    application: Forms<'a>,
    network: Forms<'a>,
    /// The Service ports that routes name.
    pub services: Services<'a>,
    instances: Instances<'a>,
    /// The pods of the proxy. `None`: the nodes are the targets.
    pods: Option<Pods<'a>>,
}

/// The forms of the target groups behind a kind of load balancer.
struct Forms<'a> {
    main: TargetGroupForm<'a>,
    http: Option<TargetGroupForm<'a>>,
    http_only: TargetGroupForm<'a>,
}

impl<'a> Backends<'a> {
    /// Reads the nodes from the inventory, and the pods of the proxy and the Services that the claims name from the cluster.
    pub fn new(claims: &'a [Claim<'a>], cluster: &'a Cluster, observed: &Observed<'a>) -> Self {
        let nodes = nodes::read(observed);
        let instances = Instances::new(&nodes, observed);
        let services = Services::new(claims, cluster, observed);
        let forms = |kind| Forms {
            main: TargetGroupForm::new(kind, observed),
            http: TargetGroupForm::of_http(kind, observed),
            http_only: TargetGroupForm::of_http_only(kind, observed),
        };
        let (application, network) = (forms(LoadBalancerKind::Application), forms(LoadBalancerKind::Network));
        let asked = observed.settings.proxy.pods.as_ref();
        let pods = asked.map(|asked| pods::read(asked, cluster, &application.main, observed));
        Backends { nodes, application, network, services, instances, pods }
    }

    /// What all target groups of the proxy behind a kind of load balancer have in common.
    pub fn form(&self, kind: LoadBalancerKind) -> &TargetGroupForm<'a> {
        &self.forms(kind).main
    }

    /// The same for target groups that get only the requests of port 80. `None`: there are none.
    pub fn http_form(&self, kind: LoadBalancerKind) -> Option<&TargetGroupForm<'a>> {
        self.forms(kind).http.as_ref()
    }

    /// The same for all target groups behind a load balancer of a kind that serves HTTP only.
    pub fn http_only_form(&self, kind: LoadBalancerKind) -> &TargetGroupForm<'a> {
        &self.forms(kind).http_only
    }

    fn forms(&self, kind: LoadBalancerKind) -> &Forms<'a> {
        match kind {
            LoadBalancerKind::Network => &self.network,
            LoadBalancerKind::Application | LoadBalancerKind::Gateway => &self.application,
        }
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
        group.map_or(self.application.main.target_type, |group| group.target_type)
    }

    /// What new load balancers need to forward requests.
    pub fn demands(&self, observed: &Observed<'_>) -> Demands<'a> {
        let of_proxy = |kind, form: &TargetGroupForm<'_>| Demand {
            obstacle: self.obstacle(kind, observed),
            auto_scaling_groups: self.auto_scaling_groups().collect(),
            target_group_suffix: Some(form.suffix.clone()),
            makes_security_groups: false,
        };
        let unknown = observed.completeness.explain(Concern::ReadServices);
        let of_services =
            Demand { obstacle: unknown.map(not_known), makes_security_groups: true, ..Demand::default() };
        let of_kind = |family| {
            [(false, self.form(family)), (true, self.http_only_form(family))].map(|(http_only, form)| {
                (Use { mode: Mode::Proxy, family, http_only }, of_proxy(family, form))
            })
        };
        let of_proxy =
            [LoadBalancerKind::Application, LoadBalancerKind::Network].into_iter().flat_map(of_kind);
        let in_route_mode =
            Use { mode: Mode::Route, family: LoadBalancerKind::Application, http_only: false };
        of_proxy.chain([(in_route_mode, of_services)]).collect()
    }

    fn obstacle(&self, kind: LoadBalancerKind, observed: &Observed<'_>) -> Option<Obstacle> {
        if let Some(pods) = &self.pods {
            let unknown = pods.unknown.clone().map(not_known);
            let count = number(pods.ready.len());
            return unknown.or_else(|| {
                let exceeded = exceeded(count, "ready pods of the proxy", kind, observed)?;
                Some(too_many(&exceeded, "proxy.pods"))
            });
        }
        if !self.nodes.usable {
            return Some(Obstacle {
                code: DiagnosticCode::NodeFiltersInvalid,
                message: "the node filters are not valid".to_owned(),
                remedy: "correct proxy.node-filters".to_owned(),
                waits: true,
            });
        }
        let exceeded = exceeded(self.nodes.count, "nodes", kind, observed)
            .or_else(|| self.exceeded_in_a_zone(kind, observed))?;
        Some(too_many(&exceeded, "proxy.node-filters"))
    }

    /// In words, the quota for the targets of a Network Load Balancer in a zone that the nodes exceed (Network Load Balancers
    /// user guide, "Quotas").
    fn exceeded_in_a_zone(&self, kind: LoadBalancerKind, observed: &Observed<'_>) -> Option<String> {
        let limit = observed.inventory.quotas.targets_per_zone_per_network_load_balancer;
        let in_zone = |zone: &str| number(self.nodes.running.iter().filter(|it| it.zone == zone).count());
        let zones = self.nodes.zones.iter().filter(|_| kind == LoadBalancerKind::Network);
        let (zone, count) = zones.map(|zone| (*zone, in_zone(zone))).find(|(_, count)| *count > limit)?;
        Some(format!(
            "{count} nodes in {zone}, but a network load balancer may have only {limit} targets in a zone"
        ))
    }
}

fn not_known(reason: String) -> Obstacle {
    Obstacle { code: DiagnosticCode::ViewIncomplete, message: reason, remedy: WAIT.to_owned(), waits: true }
}

/// In words, the quota for the targets of a load balancer that so many targets exceed. With cross-zone load balancing, all
/// targets of a Network Load Balancer count as in one zone (Network Load Balancers user guide, "Quotas").
fn exceeded(count: u32, of: &str, kind: LoadBalancerKind, observed: &Observed<'_>) -> Option<String> {
    let quotas = &observed.inventory.quotas;
    let network = observed.settings.proxy.network.as_ref();
    let crosses_zones = network.and_then(|network| network.cross_zone) == Some(true);
    let (limit, load_balancer) = match kind {
        LoadBalancerKind::Network => {
            let (all, of_zone) =
                (quotas.targets_per_network_load_balancer, quotas.targets_per_zone_per_network_load_balancer);
            (if crosses_zones { all.min(of_zone) } else { all }, "network load balancer")
        }
        _ => (quotas.targets_per_load_balancer, "load balancer"),
    };
    (count > limit).then(|| format!("{count} {of}, but a {load_balancer} may have only {limit} targets"))
}

/// The obstacle if there are more targets than a load balancer may have.
fn too_many(exceeded: &str, setting: &str) -> Obstacle {
    Obstacle {
        code: DiagnosticCode::QuotaExhausted,
        message: format!("the cluster has {exceeded}"),
        remedy: format!("narrow {setting}, or raise the quota for targets per load balancer"),
        waits: false,
    }
}
