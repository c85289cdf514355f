//! The endpoint addresses of a Service port.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{
    Cluster, Endpoint, EndpointAddressType, EndpointSlice, Service, ServicePort, TransportProtocol,
};

use crate::{backends::Joiner, identity::tag_value};

/// The label of an EndpointSlice that names its Service.
const SERVICE: &str = "kubernetes.io/service-name";

/// The EndpointSlices with IPv4 addresses, by the namespace and name of their Service.
pub struct Slices<'a> {
    by_service: BTreeMap<(Option<&'a str>, &'a str), Vec<&'a EndpointSlice>>,
}

impl<'a> Slices<'a> {
    /// Indexes the EndpointSlices of a cluster.
    pub fn new(cluster: &'a Cluster) -> Self {
        let mut by_service: BTreeMap<_, Vec<&EndpointSlice>> = BTreeMap::new();
        let slices = cluster.endpoint_slices.iter().flatten();
        for slice in slices.filter(|slice| slice.address_type == EndpointAddressType::Ipv4) {
            if let Some(service) = tag_value(&slice.metadata.labels, SERVICE) {
                by_service.entry((slice.metadata.namespace.as_deref(), service)).or_default().push(slice);
            }
        }
        Slices { by_service }
    }

    /// The addresses of all endpoints, ready or not: of the pods that may still answer requests.
    pub fn addresses(&self) -> BTreeSet<&'a str> {
        let endpoints = self.by_service.values().flatten().flat_map(|slice| &slice.endpoints);
        endpoints.flat_map(|endpoint| &endpoint.addresses).map(String::as_str).collect()
    }

    fn of(&self, service: &'a Service) -> impl Iterator<Item = &'a EndpointSlice> + '_ {
        let key = (service.metadata.namespace.as_deref(), service.metadata.name.as_str());
        self.by_service.get(&key).into_iter().flatten().copied()
    }
}

/// The addresses of the endpoints of a port.
pub fn of<'a>(service: &'a Service, port: &ServicePort, slices: &Slices<'a>) -> BTreeSet<Joiner<'a>> {
    let joiner = |(endpoint, port): (&'a Endpoint, u16)| {
        Some(Joiner { id: endpoint.addresses.first()?, port: Some(port) })
    };
    chosen(service, port, slices).into_iter().filter_map(joiner).collect()
}

/// The names of the nodes on which the endpoints of a port run.
pub fn nodes<'a>(service: &'a Service, port: &ServicePort, slices: &Slices<'a>) -> BTreeSet<&'a str> {
    let chosen = chosen(service, port, slices).into_iter();
    chosen.filter_map(|(endpoint, _)| endpoint.node_name.as_deref()).collect()
}

/// The ready endpoints of a port. If no endpoint is ready, all endpoints that are not terminating: some of them may answer,
/// while an empty target group answers every request with 503.
fn chosen<'a>(service: &'a Service, port: &ServicePort, slices: &Slices<'a>) -> Vec<(&'a Endpoint, u16)> {
    let found = slices.of(service).flat_map(|slice| {
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
    chosen.collect()
}

/// All addresses of a Service, ready or not.
pub fn addresses<'a>(service: &'a Service, slices: &Slices<'a>) -> BTreeSet<&'a str> {
    let endpoints = slices.of(service).flat_map(|slice| &slice.endpoints);
    endpoints.flat_map(|endpoint| &endpoint.addresses).map(String::as_str).collect()
}

/// An absent condition counts as ready (Kubernetes API, EndpointConditions).
fn is_ready(endpoint: &Endpoint) -> bool {
    endpoint.ready.unwrap_or(true)
}
