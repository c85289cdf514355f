//! Service.

use albatross_contract::{Service, ServiceKind, ServicePort, TrafficPolicy, TransportProtocol};

use crate::{failure::Failure, field::Field, metadata};

const KINDS: &[(&str, ServiceKind)] = &[
    ("ClusterIP", ServiceKind::ClusterIp),
    ("NodePort", ServiceKind::NodePort),
    ("LoadBalancer", ServiceKind::LoadBalancer),
    ("ExternalName", ServiceKind::ExternalName),
];

const TRAFFIC_POLICIES: &[(&str, TrafficPolicy)] =
    &[("Cluster", TrafficPolicy::Cluster), ("Local", TrafficPolicy::Local)];

pub(crate) const PROTOCOLS: &[(&str, TransportProtocol)] =
    &[("TCP", TransportProtocol::Tcp), ("UDP", TransportProtocol::Udp), ("SCTP", TransportProtocol::Sctp)];

pub(crate) fn read(object: &Field<'_>) -> Result<Service, Failure> {
    let metadata = metadata::namespaced(object)?;
    let spec = object.get("spec")?;
    Ok(Service {
        metadata,
        kind: spec.get("type")?.one_of(KINDS)?.unwrap_or(ServiceKind::ClusterIp),
        ports: spec.get("ports")?.items()?.iter().map(port).collect::<Result<_, _>>()?,
        selector: spec.get("selector")?.tags()?,
        cluster_ip: spec.get("clusterIP")?.owned_text()?,
        external_name: spec.get("externalName")?.owned_text()?,
        external_traffic_policy: spec.get("externalTrafficPolicy")?.one_of(TRAFFIC_POLICIES)?,
        internal_traffic_policy: spec.get("internalTrafficPolicy")?.one_of(TRAFFIC_POLICIES)?,
        health_check_node_port: spec.get("healthCheckNodePort")?.port()?,
        publish_not_ready_addresses: spec.get("publishNotReadyAddresses")?.boolean()?,
    })
}

fn port(entry: &Field<'_>) -> Result<ServicePort, Failure> {
    let port = entry.get("port")?;
    Ok(ServicePort {
        name: entry.get("name")?.owned_text()?,
        port: port.port()?.ok_or_else(|| port.fail("is missing"))?,
        protocol: entry.get("protocol")?.one_of(PROTOCOLS)?.unwrap_or(TransportProtocol::Tcp),
        target_port: entry.get("targetPort")?.port_reference()?,
        node_port: entry.get("nodePort")?.port()?,
        app_protocol: entry.get("appProtocol")?.owned_text()?,
    })
}
