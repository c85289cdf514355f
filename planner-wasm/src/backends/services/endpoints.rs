//! The endpoint addresses of a Service port.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{
    Cluster, Endpoint, EndpointAddressType, EndpointSlice, Service, ServicePort, TransportProtocol,
};

use crate::{
    backends::{Joiner, gates::Gates},
    identity::tag_value,
    observed::Observed,
};

/// The label of an EndpointSlice that names its Service.
const SERVICE: &str = "kubernetes.io/service-name";

/// The EndpointSlices with IPv4 addresses, by the namespace and name of their Service.
pub struct Slices<'a> {
    by_service: BTreeMap<(Option<&'a str>, &'a str), Vec<&'a EndpointSlice>>,
    /// The Services that have EndpointSlices with other addresses.
    with_others: BTreeSet<(Option<&'a str>, &'a str)>,
    gates: Gates<'a>,
}

impl<'a> Slices<'a> {
    /// Indexes the EndpointSlices of a cluster.
    pub fn new(cluster: &'a Cluster, observed: &Observed<'_>) -> Self {
        let mut by_service: BTreeMap<_, Vec<&EndpointSlice>> = BTreeMap::new();
        let mut with_others = BTreeSet::new();
        for slice in cluster.endpoint_slices.iter().flatten() {
            let Some(service) = tag_value(&slice.metadata.labels, SERVICE) else { continue };
            let key = (slice.metadata.namespace.as_deref(), service);
            if slice.address_type == EndpointAddressType::Ipv4 {
                by_service.entry(key).or_default().push(slice);
            } else {
                with_others.insert(key);
            }
        }
        Slices { by_service, with_others, gates: Gates::new(cluster, observed) }
    }

    /// The addresses of all endpoints, ready or not: of the pods that may still answer requests.
    pub fn addresses(&self) -> BTreeSet<&'a str> {
        self.addresses_of(|_| true)
    }

    /// The addresses of endpoints that are terminating, and of no other endpoint: Kubernetes is about to end their pods.
    pub fn ending(&self) -> BTreeSet<&'a str> {
        let staying = self.addresses_of(|endpoint| !is_terminating(endpoint));
        self.addresses_of(is_terminating).difference(&staying).copied().collect()
    }

    /// Whether an endpoint of a Service, ready or not, has an address.
    pub fn have(&self, service: &Service, address: &str) -> bool {
        let mut endpoints = self.of(service).flat_map(|slice| &slice.endpoints);
        endpoints.any(|endpoint| endpoint.addresses.iter().any(|it| it == address))
    }

    /// Whether all EndpointSlices of a Service have other addresses than IPv4.
    pub fn have_only_others(&self, service: &Service) -> bool {
        let key = (service.metadata.namespace.as_deref(), service.metadata.name.as_str());
        !self.by_service.contains_key(&key) && self.with_others.contains(&key)
    }

    fn addresses_of(&self, is_one: fn(&Endpoint) -> bool) -> BTreeSet<&'a str> {
        let endpoints = self.by_service.values().flatten().flat_map(|slice| &slice.endpoints);
        let endpoints = endpoints.filter(|endpoint| is_one(endpoint));
        endpoints.flat_map(|endpoint| &endpoint.addresses).map(String::as_str).collect()
    }

    fn of<'b>(&'b self, service: &'b Service) -> impl Iterator<Item = &'a EndpointSlice> + 'b {
        let key = (service.metadata.namespace.as_deref(), service.metadata.name.as_str());
        self.by_service.get(&key).into_iter().flatten().copied()
    }
}

/// The endpoints of a port as targets.
pub struct Found<'a> {
    /// Those that become targets.
    pub targets: BTreeSet<Joiner<'a>>,
    /// The addresses of those that stay if they are targets already: it is not known whether they wait for our readiness gate.
    pub unclear: BTreeSet<&'a str>,
}

/// The endpoints of a port as targets. Those whose pods wait only for our readiness gate count as ready.
pub fn of<'a>(service: &'a Service, port: &ServicePort, slices: &Slices<'a>) -> Found<'a> {
    let all = with_port(service, port, slices);
    let unclear = all
        .iter()
        .filter(|it| slices.gates.are_unknown && !is_ready(it.endpoint) && !is_terminating(it.endpoint));
    let unclear = unclear.filter_map(|it| it.endpoint.addresses.first()).map(String::as_str).collect();
    let chosen = chosen(all, |it| is_ready(it.endpoint) || slices.gates.let_join(it.slice, it.endpoint));
    let joiner = |it: OnPort<'a>| Some(Joiner { id: it.endpoint.addresses.first()?, port: Some(it.port) });
    Found { targets: chosen.filter_map(joiner).collect(), unclear }
}

/// The names of the nodes on which the endpoints of a port run. Nodes forward nothing to a pod that waits for a readiness gate.
pub fn nodes<'a>(service: &'a Service, port: &ServicePort, slices: &Slices<'a>) -> BTreeSet<&'a str> {
    let chosen = chosen(with_port(service, port, slices), |it| is_ready(it.endpoint));
    chosen.filter_map(|it| it.endpoint.node_name.as_deref()).collect()
}

/// An endpoint, and the port on which it listens.
struct OnPort<'a> {
    slice: &'a EndpointSlice,
    endpoint: &'a Endpoint,
    port: u16,
}

fn with_port<'a>(service: &'a Service, port: &ServicePort, slices: &Slices<'a>) -> Vec<OnPort<'a>> {
    let found = slices.of(service).flat_map(|slice| {
        let number =
            slice.ports.iter().find(|it| it.name == port.name && it.protocol == TransportProtocol::Tcp);
        let number = number.and_then(|it| it.port);
        slice.endpoints.iter().filter_map(move |endpoint| Some(OnPort { slice, endpoint, port: number? }))
    });
    found.collect()
}

/// The ready endpoints. If no endpoint is ready, all endpoints that are not terminating: some of them may answer, while an empty
/// target group answers every request with 503.
fn chosen<'a>(
    all: Vec<OnPort<'a>>,
    is_ready: impl Fn(&OnPort<'a>) -> bool,
) -> impl Iterator<Item = OnPort<'a>> {
    let some_are_ready = all.iter().any(&is_ready);
    all.into_iter().filter(move |it| match some_are_ready {
        true => is_ready(it),
        false => !is_terminating(it.endpoint),
    })
}

/// All addresses of a Service, ready or not.
pub fn addresses<'a>(service: &'a Service, slices: &Slices<'a>) -> BTreeSet<&'a str> {
    let endpoints = slices.of(service).flat_map(|slice| &slice.endpoints);
    endpoints.flat_map(|endpoint| &endpoint.addresses).map(String::as_str).collect()
}

/// An absent condition counts as ready (Kubernetes API, EndpointConditions). With `publishNotReadyAddresses`, an endpoint is ready
/// until its Pod is gone.
fn is_ready(endpoint: &Endpoint) -> bool {
    endpoint.ready.unwrap_or(true) && !is_terminating(endpoint)
}

/// An absent condition counts as not terminating (Kubernetes API, EndpointConditions).
fn is_terminating(endpoint: &Endpoint) -> bool {
    endpoint.terminating.unwrap_or_default()
}
