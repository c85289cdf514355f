//! Services: what a listener rule of route mode can forward to.
//!
//! For each Service port that a route names there is a target group on each load balancer that needs it. A backend that
//! cannot receive requests is invalid, with a reason: its rule answers with 503, and no other rule is affected.

mod endpoints;
mod form;
mod nodes;
mod ports;
mod previous;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use albatross_contract::{
    Cluster, Pod, Service, ServiceKind, ServicePort, ServicePortReference, Tag, TargetType, TrafficPolicy,
};

use super::{Joiner, TargetGroupForm, addresses::VpcAddresses, pods};
use crate::{
    observed::Observed,
    source::{self, BackendReference, Claim, InvalidBackend, ObjectName, StringMap, TargetWishes},
};
use nodes::Nodes;
pub use ports::OF_EACH_TARGET as PORT_OF_EACH_TARGET;

/// A Service port and its targets.
pub struct ServiceTargets<'a> {
    /// The form of its target groups.
    pub form: TargetGroupForm<'a>,
    /// The wanted targets.
    pub targets: BTreeSet<Joiner<'a>>,
    /// The ids of the targets, for people.
    pub ids: BTreeSet<&'a str>,
    /// What is known of the pods. `None`: the targets are instances.
    pub addresses: Option<Rc<Addresses<'a>>>,
    /// Addresses that stay if they are targets already: it is not known whether their pods wait for our readiness gate.
    pub unclear: BTreeSet<&'a str>,
    /// Addresses of the Service that the VPC does not have. AWS refuses a call that registers one of them.
    pub outside: BTreeSet<&'a str>,
    /// Whether nodes without the labels that annotations ask for are targets too, since the labels of nodes are not known.
    pub ignores_labels: bool,
    /// Tags that the Service asks for.
    pub tags: StringMap,
}

/// The addresses of the pods of all Services.
pub struct Addresses<'a> {
    /// Of all endpoints, ready or not, and of pods that run: a pod may leave the Service and still run.
    pub all: BTreeSet<&'a str>,
    /// Of pods that are being terminated.
    pub ending: BTreeSet<&'a str>,
}

/// A backend after the lookup: the index of its Service port, or the reason why it cannot receive requests.
pub type Resolved = Result<usize, InvalidBackend>;

/// All Service ports to which route mode can forward.
pub struct Services<'a> {
    /// Every Service port that a route names or that rules still forward to, once.
    pub all: Vec<ServiceTargets<'a>>,
    /// For each object its routes, and for each route its backends.
    of_objects: BTreeMap<ObjectName<'a>, Vec<Vec<Resolved>>>,
    by_name: source::Services<'a>,
    slices: endpoints::Slices<'a>,
}

/// The identity of a Service port with the form of its target group.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key<'a> {
    namespace: &'a str,
    service: &'a str,
    /// A hash of the properties of the target group that AWS cannot change, and its other properties.
    suffix: String,
    changeable: String,
}

impl<'a> Services<'a> {
    /// Looks up the backends of all claims in route mode.
    pub fn new(claims: &'a [Claim<'a>], cluster: &'a Cluster, observed: &Observed<'a>) -> Self {
        let slices = endpoints::Slices::new(cluster, observed);
        let running = pods::running(cluster).flat_map(|pod| &pod.addresses).map(String::as_str);
        let addresses = Addresses {
            all: slices.addresses().into_iter().chain(running).collect(),
            ending: slices.ending(),
        };
        let mut finder = Finder {
            services: source::services_by_name(cluster),
            nodes: Nodes::new(cluster, observed),
            addresses: Rc::new(addresses),
            slices,
            cluster,
            vpc: &observed.inventory.vpc.id,
            vpc_addresses: VpcAddresses::new(observed.inventory),
            all: Vec::new(),
            places: BTreeMap::new(),
            known: BTreeMap::new(),
        };
        let mut of_objects = BTreeMap::new();
        for claim in claims {
            let Some(routing) = &claim.routing else { continue };
            let namespace = claim.object.namespace;
            let routes = routing.routes.iter().map(|route| {
                route.backends.iter().map(|it| finder.find(namespace, &it.to, &routing.targets)).collect()
            });
            of_objects.insert(claim.object, routes.collect());
        }
        finder.add_previous(observed);
        Services { all: finder.all, of_objects, by_name: finder.services, slices: finder.slices }
    }

    /// Whether a Service port, written as `namespace/name:port`, will have a Pod as an endpoint: its Service selects the Pod, but
    /// no EndpointSlice has an address of it yet.
    pub fn expects(&self, port: &str, pod: &Pod) -> bool {
        let name = port.rsplit_once(':').and_then(|(service, _)| service.split_once('/'));
        let name = name.filter(|(namespace, _)| *namespace == pod.full_name().0);
        name.and_then(|name| self.by_name.get(&name)).is_some_and(|service| {
            let is_endpoint = |address: &String| self.slices.have(service, address);
            // Only IPv4 addresses become targets.
            selects(service, pod)
                && !self.slices.have_only_others(service)
                && pod.addresses.iter().any(|address| !address.contains(':'))
                && !pod.addresses.iter().any(is_endpoint)
        })
    }

    /// The backends of all routes of an object after the lookup, in their order.
    pub fn of(&self, object: ObjectName<'a>) -> &[Vec<Resolved>] {
        self.of_objects.get(&object).map(Vec::as_slice).unwrap_or_default()
    }

    /// The Service port behind a target group of a load balancer, by the suffix of its name.
    pub fn behind(&self, suffix: &str) -> Option<&ServiceTargets<'a>> {
        self.all.iter().find(|it| it.form.suffix == suffix)
    }
}

/// Whether a Service selects a Pod of its namespace. A Service without a selector selects none.
fn selects(service: &Service, pod: &Pod) -> bool {
    let has = |label: &Tag| pod.metadata.labels.contains(label);
    !service.selector.is_empty() && service.selector.iter().all(has)
}

struct Finder<'a> {
    services: source::Services<'a>,
    nodes: Nodes<'a>,
    slices: endpoints::Slices<'a>,
    addresses: Rc<Addresses<'a>>,
    cluster: &'a Cluster,
    vpc: &'a str,
    vpc_addresses: VpcAddresses,
    all: Vec<ServiceTargets<'a>>,
    places: BTreeMap<Key<'a>, usize>,
    /// What was found before, for the different wishes of objects: most objects of a Service wish the same.
    known: BTreeMap<Named<'a>, Vec<(&'a TargetWishes<'a>, Resolved)>>,
}

/// A backend as an object names it: namespace, Service and port.
type Named<'a> = (&'a str, &'a str, &'a ServicePortReference);

impl<'a> Finder<'a> {
    /// Looks up a backend of an object with these wishes.
    fn find(
        &mut self,
        namespace: &'a str,
        to: &'a BackendReference<'a>,
        wishes: &'a TargetWishes<'a>,
    ) -> Resolved {
        let (name, reference) = match to {
            BackendReference::Service { name, port } => (name.as_ref(), port.as_ref()),
            BackendReference::Invalid(invalid) => return Err(invalid.clone()),
        };
        let key = (namespace, name, reference);
        let known = self.known.get(&key).into_iter().flatten().find(|(same, _)| *same == wishes);
        if let Some((_, resolved)) = known {
            return resolved.clone();
        }
        let resolved = self.resolve(key, wishes);
        self.known.entry(key).or_default().push((wishes, resolved.clone()));
        resolved
    }

    fn resolve(&mut self, (namespace, name, reference): Named<'a>, wishes: &TargetWishes<'a>) -> Resolved {
        let service = self.services.get(&(namespace, name)).copied();
        let service = service.ok_or_else(|| {
            let reason = format!("Service {namespace}/{name} does not exist");
            InvalidBackend::new(reason, "create the Service, or correct the name of the backend")
        })?;
        let port = ports::find(service, reference)?;
        let wishes = source::service_wishes(service).or(wishes);
        let target_type = wishes.target_type.unwrap_or(TargetType::Instance);
        let endpoints::Found { targets, unclear } = self.targets(service, port, target_type, &wishes)?;
        let form = form::of(service, port, target_type, &wishes, self.vpc)?;
        let key = Key {
            namespace,
            service: name,
            suffix: form.suffix.clone(),
            changeable: form::changeable_in_words(&form, &wishes),
        };
        let place = *self.places.entry(key).or_insert(self.all.len());
        if place == self.all.len() {
            let ids = targets.iter().map(|target| target.id).collect();
            let is_ip = target_type == TargetType::Ip;
            let addresses = is_ip.then(|| Rc::clone(&self.addresses));
            let tags = wishes.tags;
            let outside = if is_ip { self.outside(service) } else { BTreeSet::new() };
            let ignores_labels = !is_ip && !wishes.node_labels.is_empty() && self.cluster.nodes.is_empty();
            self.all.push(ServiceTargets {
                form,
                targets,
                ids,
                addresses,
                unclear,
                outside,
                ignores_labels,
                tags,
            });
        }
        Ok(place)
    }

    fn targets(
        &self,
        service: &'a Service,
        port: &'a ServicePort,
        target_type: TargetType,
        wishes: &TargetWishes<'a>,
    ) -> Result<endpoints::Found<'a>, InvalidBackend> {
        if service.kind == ServiceKind::ExternalName {
            let name = ports::name(service);
            let reason = format!(
                "Service {name} has the type ExternalName, so it has no address that a target group could have"
            );
            return Err(InvalidBackend::new(
                reason,
                "use a Service with pods, or redirect to the external name",
            ));
        }
        match target_type {
            TargetType::Ip if self.cluster.endpoint_slices.is_none() => {
                let reason = "EndpointSlices are not known, and target type ip needs them";
                Err(InvalidBackend::new(reason, "wait until the EndpointSlices can be read"))
            }
            TargetType::Ip => {
                let mut found = endpoints::of(service, port, &self.slices);
                found.targets.retain(|target| self.vpc_addresses.hold(target.id));
                Ok(found)
            }
            _ => {
                let with_endpoints = self.local_nodes(service, port);
                let ids = self.nodes.with(&wishes.node_labels, with_endpoints.as_ref());
                let targets = ids.map(|id| Joiner { id, port: None }).collect();
                Ok(endpoints::Found { targets, unclear: BTreeSet::new() })
            }
        }
    }

    /// The addresses of a Service that the VPC does not have.
    fn outside(&self, service: &'a Service) -> BTreeSet<&'a str> {
        let addresses = endpoints::addresses(service, &self.slices).into_iter();
        addresses.filter(|address| !self.vpc_addresses.hold(address)).collect()
    }

    /// The nodes that answer requests to the node port. With the external traffic policy `Local`, a node forwards only to
    /// its own pods, and all other nodes would be unhealthy targets: then the targets that stay are never all healthy, and no
    /// target could leave. `None`: every node.
    fn local_nodes(&self, service: &'a Service, port: &ServicePort) -> Option<BTreeSet<&'a str>> {
        let is_local = service.external_traffic_policy == Some(TrafficPolicy::Local);
        let nodes = is_local.then(|| endpoints::nodes(service, port, &self.slices));
        nodes.filter(|nodes| !nodes.is_empty())
    }
}
