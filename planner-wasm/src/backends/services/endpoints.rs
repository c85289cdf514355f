//! The endpoint addresses of a Service port.

use std::collections::BTreeSet;

use albatross_contract::{
    Cluster, Endpoint, EndpointAddressType, EndpointSlice, Service, ServicePort, TransportProtocol,
};

use crate::{backends::Joiner, identity::tag_value};

/// The label of an EndpointSlice that names its Service.
const SERVICE: &str = "kubernetes.io/service-name";

/// The ready endpoints of a port. If no endpoint is ready, all endpoints that are not terminating: some of them may answer,
/// while an empty target group answers every request with 503.
pub fn of<'a>(service: &Service, port: &ServicePort, cluster: &'a Cluster) -> BTreeSet<Joiner<'a>> {
    let slices = cluster.endpoint_slices.iter().flatten().filter(|slice| is_of(slice, service));
    let found = slices.flat_map(|slice| {
        let number =
            slice.ports.iter().find(|it| it.name == port.name && it.protocol == TransportProtocol::Tcp);
        let number = number.and_then(|it| it.port);
        slice.endpoints.iter().filter_map(move |endpoint| Some((endpoint, number?)))
    });
    let found: Vec<(&Endpoint, u16)> = found.collect();
    let some_are_ready = found.iter().any(|(endpoint, _)| is_ready(endpoint));
    let chosen = found.into_iter().filter(|(endpoint, _)| match some_are_ready {
        true => is_ready(endpoint),
        false => !endpoint.terminating.unwrap_or_default(),
    });
    let joiner = |(endpoint, port): (&'a Endpoint, u16)| {
        Some(Joiner { id: endpoint.addresses.first()?, port: Some(port) })
    };
    chosen.filter_map(joiner).collect()
}

/// All addresses of a Service, ready or not.
pub fn addresses<'a>(service: &Service, cluster: &'a Cluster) -> BTreeSet<&'a str> {
    let slices = cluster.endpoint_slices.iter().flatten().filter(|slice| is_of(slice, service));
    let endpoints = slices.flat_map(|slice| &slice.endpoints);
    endpoints.flat_map(|endpoint| &endpoint.addresses).map(String::as_str).collect()
}

fn is_of(slice: &EndpointSlice, service: &Service) -> bool {
    slice.metadata.namespace == service.metadata.namespace
        && slice.address_type == EndpointAddressType::Ipv4
        && tag_value(&slice.metadata.labels, SERVICE) == Some(&service.metadata.name)
}

/// An absent condition counts as ready (Kubernetes API, EndpointConditions).
fn is_ready(endpoint: &Endpoint) -> bool {
    endpoint.ready.unwrap_or(true)
}
