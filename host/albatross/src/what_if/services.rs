//! Services of their own for new Ingresses.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{
    Cluster, EndpointSlice, Ingress, IngressBackend, Metadata, Service, ServiceBackend,
};

/// The label of an EndpointSlice with the name of its Service.
const LABEL_SERVICE: &str = "kubernetes.io/service-name";

/// Namespace and name.
type Key = (String, String);

/// The Services of a cluster with their EndpointSlices.
pub struct Services<'a> {
    services: BTreeMap<Key, &'a Service>,
    slices: BTreeMap<Key, Vec<&'a EndpointSlice>>,
}

impl<'a> Services<'a> {
    /// Those of a cluster.
    pub fn of(cluster: &'a Cluster) -> Services<'a> {
        let key = |metadata: &Metadata, name: &str| (namespace(metadata), name.to_owned());
        let mut slices: BTreeMap<Key, Vec<&EndpointSlice>> = BTreeMap::new();
        for slice in cluster.endpoint_slices.iter().flatten() {
            if let Some(label) = slice.metadata.labels.iter().find(|label| label.key == LABEL_SERVICE) {
                slices.entry(key(&slice.metadata, &label.value)).or_default().push(slice);
            }
        }
        let services = cluster.services.iter();
        Services { services: services.map(|it| (key(&it.metadata, &it.metadata.name), it)).collect(), slices }
    }

    /// Makes an Ingress forward to Services of its own, with the endpoints of the old ones, and adds them to `new`. `rename`: the
    /// new name of a Service or EndpointSlice. Services that the cluster does not have stay as they are.
    pub fn copy_for(&self, ingress: &mut Ingress, new: &mut Cluster, rename: impl Fn(&str) -> String) {
        let namespace = namespace(&ingress.metadata);
        let mut made: BTreeSet<String> = BTreeSet::new();
        for backend in backends(ingress) {
            let old = backend.name.clone();
            let key = (namespace.clone(), old.clone());
            let Some(service) = self.services.get(&key) else { continue };
            backend.name = rename(&old);
            if !made.insert(old) {
                continue;
            }
            new.services.push(copy(service, &backend.name));
            for slice in self.slices.get(&key).into_iter().flatten() {
                let slice = copy_slice(slice, rename(&slice.metadata.name), &backend.name);
                new.endpoint_slices.get_or_insert_default().push(slice);
            }
        }
    }
}

fn namespace(metadata: &Metadata) -> String {
    metadata.namespace.clone().unwrap_or_else(|| "default".to_owned())
}

fn backends(ingress: &mut Ingress) -> impl Iterator<Item = &mut ServiceBackend> {
    let paths = ingress.rules.iter_mut().flat_map(|rule| &mut rule.paths).map(|path| &mut path.backend);
    paths.chain(&mut ingress.default_backend).filter_map(|backend| match backend {
        IngressBackend::Service(service) => Some(service),
        IngressBackend::Object(_) => None,
    })
}

/// A new Service, for which nothing is allocated yet.
fn copy(like: &Service, name: &str) -> Service {
    let mut service = like.clone();
    name.clone_into(&mut service.metadata.name);
    // `None` makes a Service headless.
    service.cluster_ip.take_if(|address| address != "None");
    service.health_check_node_port = None;
    service.ports.iter_mut().for_each(|port| port.node_port = None);
    service
}

fn copy_slice(like: &EndpointSlice, name: String, service: &str) -> EndpointSlice {
    let mut slice = like.clone();
    slice.metadata.name = name;
    for label in slice.metadata.labels.iter_mut().filter(|label| label.key == LABEL_SERVICE) {
        service.clone_into(&mut label.value);
    }
    slice
}
