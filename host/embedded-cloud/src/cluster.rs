//! A small Kubernetes cluster, which accepts manifests and statuses.

use std::collections::BTreeMap;

use albatross_contract::{
    Cluster, EndpointSlice, Ingress, IngressAddress, IngressClass, Metadata, Node, ObjectName, Plan, Pod,
    RouteGroup, Service, SourceObject, StatusChange, ViewPart,
};
use sha2::{Digest, Sha256};

use crate::{node_ports, pods};

/// A cluster whose objects and statuses are all known.
#[derive(Clone, Debug)]
pub struct SimulatedCluster {
    cluster: Cluster,
    /// How many objects were created. It distinguishes two successive objects of the same name.
    made: u64,
}

/// A status that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusWrite {
    /// The object.
    pub object: ObjectName,
    /// The hostname before. Absent: none.
    pub before: Option<String>,
    /// The hostname after. Absent: none.
    pub after: Option<String>,
}

impl SimulatedCluster {
    /// A cluster that holds these objects as they are, with their statuses.
    pub fn new(cluster: Cluster) -> SimulatedCluster {
        SimulatedCluster { cluster: Cluster { incomplete: Vec::new(), ..cluster }, made: 0 }
    }

    /// Applies the manifests, like `kubectl apply` with pruning: an existing object keeps its status, uid and age; a new
    /// object gets the age `now`, a uid and no status; an object that the manifests lack is deleted. Objects of a kind that
    /// is incomplete in the manifests are not deleted.
    pub fn apply(&mut self, manifests: Cluster, now: u64) {
        let Cluster {
            incomplete,
            ingresses,
            ingress_classes,
            services,
            nodes,
            endpoint_slices,
            pods,
            route_groups,
        } = manifests;
        let keep = |part: ViewPart| incomplete.iter().any(|it| it.part == part);
        let made = &mut self.made;
        replace(&mut self.cluster.ingresses, ingresses, keep(ViewPart::Ingresses), now, made);
        replace(
            &mut self.cluster.ingress_classes,
            ingress_classes,
            keep(ViewPart::IngressClasses),
            now,
            made,
        );
        replace(&mut self.cluster.services, services, keep(ViewPart::Services), now, made);
        node_ports::allocate(&mut self.cluster.services);
        replace(&mut self.cluster.nodes, nodes, keep(ViewPart::Nodes), now, made);
        if let Some(endpoint_slices) = endpoint_slices {
            let present = self.cluster.endpoint_slices.get_or_insert_default();
            replace(present, endpoint_slices, keep(ViewPart::EndpointSlices), now, made);
        }
        if let Some(pods) = pods {
            let present = self.cluster.pods.get_or_insert_default();
            replace(present, pods, keep(ViewPart::Pods), now, made);
        }
        pods::settle(&mut self.cluster);
        if route_groups.is_some() || self.cluster.route_groups.is_some() {
            let present = self.cluster.route_groups.get_or_insert_default();
            replace(present, route_groups.unwrap_or_default(), keep(ViewPart::RouteGroups), now, made);
        }
    }

    /// Writes the statuses that the outcomes of a plan request, and returns those that changed.
    pub fn write_statuses(&mut self, plan: &Plan) -> Vec<StatusWrite> {
        let mut wanted: BTreeMap<&ObjectName, Option<&String>> = BTreeMap::new();
        for outcome in &plan.outcomes {
            let hostname = match &outcome.status {
                StatusChange::Keep => continue,
                StatusChange::Publish(hostname) => Some(hostname),
                StatusChange::Withdraw => None,
            };
            wanted.insert(&outcome.object, hostname);
        }
        let mut writes = Vec::new();
        let mut write = |object: ObjectName, status: &mut Vec<IngressAddress>| {
            let Some(after) = wanted.get(&object).copied() else { return };
            let new: Vec<IngressAddress> =
                after.iter().map(|it| IngressAddress { hostname: Some((*it).clone()), ip: None }).collect();
            if *status != new {
                let before = status.iter().find_map(|it| it.hostname.clone());
                writes.push(StatusWrite { object, before, after: after.cloned() });
                *status = new;
            }
        };
        for ingress in &mut self.cluster.ingresses {
            write(ObjectName::of_ingress(ingress), &mut ingress.status);
        }
        for route_group in self.cluster.route_groups.iter_mut().flatten() {
            write(ObjectName::of(SourceObject::RouteGroup(route_group)), &mut route_group.status);
        }
        writes
    }

    /// Writes the conditions of Pods with our readiness gate that the outcomes of a plan request, and returns the names of those
    /// that changed, as `namespace/name`. Then the kubelet and Kubernetes do their part: Pods and their endpoints become ready.
    pub fn write_gates(&mut self, plan: &Plan) -> Vec<String> {
        let changed = pods::write(&mut self.cluster, plan);
        pods::settle(&mut self.cluster);
        changed
    }

    /// The objects; none is incomplete.
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// The objects, for changes by others.
    pub fn cluster_mut(&mut self) -> &mut Cluster {
        &mut self.cluster
    }
}

/// An object that manifests describe.
trait Object {
    /// The kind, as in a manifest.
    const KIND: &'static str;

    fn metadata(&mut self) -> &mut Metadata;

    /// Takes over the status of the existing object. Absent: the object is new and has no status, whatever its manifest says,
    /// because an API server ignores a status there.
    fn take_status(&mut self, before: Option<&Self>);
}

impl Object for Ingress {
    const KIND: &'static str = "Ingress";

    fn metadata(&mut self) -> &mut Metadata {
        &mut self.metadata
    }

    fn take_status(&mut self, before: Option<&Self>) {
        self.status = before.map(|it| it.status.clone()).unwrap_or_default();
    }
}

impl Object for RouteGroup {
    const KIND: &'static str = "RouteGroup";

    fn metadata(&mut self) -> &mut Metadata {
        &mut self.metadata
    }

    fn take_status(&mut self, before: Option<&Self>) {
        self.status = before.map(|it| it.status.clone()).unwrap_or_default();
    }
}

impl Object for IngressClass {
    const KIND: &'static str = "IngressClass";

    fn metadata(&mut self) -> &mut Metadata {
        &mut self.metadata
    }

    fn take_status(&mut self, _before: Option<&Self>) {}
}

impl Object for Service {
    const KIND: &'static str = "Service";

    fn metadata(&mut self) -> &mut Metadata {
        &mut self.metadata
    }

    fn take_status(&mut self, before: Option<&Self>) {
        before.into_iter().for_each(|before| node_ports::keep(self, before));
    }
}

impl Object for Node {
    const KIND: &'static str = "Node";

    fn metadata(&mut self) -> &mut Metadata {
        &mut self.metadata
    }

    // Readiness and addresses are part of the status in Kubernetes, but no controller writes them here: the manifest counts.
    fn take_status(&mut self, _before: Option<&Self>) {}
}

impl Object for EndpointSlice {
    const KIND: &'static str = "EndpointSlice";

    fn metadata(&mut self) -> &mut Metadata {
        &mut self.metadata
    }

    fn take_status(&mut self, _before: Option<&Self>) {}
}

impl Object for Pod {
    const KIND: &'static str = "Pod";

    fn metadata(&mut self) -> &mut Metadata {
        &mut self.metadata
    }

    // As for a Node: no kubelet writes statuses here. The condition of our readiness gate is what we have written.
    fn take_status(&mut self, before: Option<&Self>) {
        let before = before.and_then(|before| before.gate.as_ref());
        if let (Some(gate), Some(before)) = (&mut self.gate, before) {
            gate.condition.clone_from(&before.condition);
        }
    }
}

/// Replaces the objects of one kind by those of the manifests. `keep`: objects that the manifests lack stay.
fn replace<T: Object>(present: &mut Vec<T>, manifests: Vec<T>, keep: bool, now: u64, made: &mut u64) {
    let mut before: BTreeMap<(Option<String>, String), T> =
        std::mem::take(present).into_iter().map(|mut object| (key(object.metadata()), object)).collect();
    let mut after = BTreeMap::new();
    for mut object in manifests {
        let key = key(object.metadata());
        let mut old = before.remove(&key);
        object.take_status(old.as_ref());
        let (uid, created_at, deleted_at) = match old.as_mut().map(Object::metadata) {
            Some(old) => (old.uid.clone(), old.created_at, old.deleted_at),
            None => {
                *made += 1;
                (Some(uid(T::KIND, &key, now, *made)), Some(now), None)
            }
        };
        let metadata = object.metadata();
        metadata.uid = uid;
        metadata.created_at = created_at;
        metadata.deleted_at = deleted_at;
        after.insert(key, object);
    }
    if keep {
        after.extend(before);
    }
    present.extend(after.into_values());
}

fn key(metadata: &Metadata) -> (Option<String>, String) {
    (metadata.namespace.clone(), metadata.name.clone())
}

/// A uid in the form that an API server gives it; the same history gives the same uid.
fn uid(kind: &str, (namespace, name): &(Option<String>, String), now: u64, made: u64) -> String {
    let namespace = namespace.as_deref().unwrap_or_default();
    let digest = Sha256::digest(format!("{kind}/{namespace}/{name}/{now}/{made}"));
    let hexadecimal: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let part = |from: usize, to: usize| hexadecimal.get(from..to).unwrap_or_default();
    format!("{}-{}-4{}-8{}-{}", part(0, 8), part(8, 12), part(12, 15), part(15, 18), part(18, 30))
}
