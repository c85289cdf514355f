//! Node ports, which the API server allocates for Services of the types NodePort and LoadBalancer.

use std::collections::BTreeSet;

use albatross_contract::{Service, ServiceKind, ServicePort};

/// The default range (kube-apiserver, `--service-node-port-range`).
const RANGE: std::ops::RangeInclusive<u16> = 30_000..=32_767;

/// Keeps what an API server has allocated for a Service and its manifest does not name: the cluster address, and as long as the
/// Service needs them, the node ports and the port of its health check.
pub(crate) fn keep(service: &mut Service, before: &Service) {
    if service.kind != ServiceKind::ExternalName && service.cluster_ip.is_none() {
        service.cluster_ip.clone_from(&before.cluster_ip);
    }
    if !needs_node_ports(service) {
        return;
    }
    if service.external_traffic_policy == before.external_traffic_policy && service.kind == before.kind {
        service.health_check_node_port = service.health_check_node_port.or(before.health_check_node_port);
    }
    let is_same =
        |left: &ServicePort, right: &ServicePort| (left.port, left.protocol) == (right.port, right.protocol);
    for port in service.ports.iter_mut().filter(|port| port.node_port.is_none()) {
        port.node_port = before.ports.iter().find(|it| is_same(it, port)).and_then(|it| it.node_port);
    }
}

/// Gives a free node port to every port that needs one and has none. The API server chooses at random; here it is the
/// smallest free one, so that a simulation gives the same answer each time.
pub(crate) fn allocate(services: &mut [Service]) {
    let ports = services.iter().flat_map(|service| &service.ports);
    let mut taken: BTreeSet<u16> = ports.filter_map(|port| port.node_port).collect();
    for service in services.iter_mut().filter(|service| needs_node_ports(service)) {
        for port in service.ports.iter_mut().filter(|port| port.node_port.is_none()) {
            port.node_port = RANGE.clone().find(|number| taken.insert(*number));
        }
    }
}

fn needs_node_ports(service: &Service) -> bool {
    matches!(service.kind, ServiceKind::NodePort | ServiceKind::LoadBalancer)
}
