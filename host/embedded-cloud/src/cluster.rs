//! A small Kubernetes cluster: it takes manifests and statuses.

use std::collections::BTreeMap;

use albatross_contract::{
    Cluster, EndpointSlice, Ingress, IngressAddress, IngressClass, Metadata, Node, Plan, Service,
    StatusChange, ViewPart,
};
use sha2::{Digest, Sha256};

/// The objects of a cluster, whose statuses are all known.
#[derive(Clone, Debug)]
pub struct SimulatedCluster {
    cluster: Cluster,
    /// How many objects were made: two of one name, one after the other, are two objects.
    made: u64,
}

/// A status that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusWrite {
    /// Namespace of the Ingress.
    pub namespace: String,
    /// Name of the Ingress.
    pub name: String,
    /// The hostname that it had. Absent: none.
    pub before: Option<String>,
    /// The hostname that it has. Absent: none.
    pub after: Option<String>,
}

impl SimulatedCluster {
    /// A cluster that holds these objects as they are, with their statuses.
    pub fn new(cluster: Cluster) -> SimulatedCluster {
        SimulatedCluster { cluster: Cluster { incomplete: Vec::new(), ..cluster }, made: 0 }
    }

    /// Makes the objects those of the manifests, as `kubectl apply` with pruning does: one that is there already keeps its
    /// status, uid and age, a new one gets the age `now`, a uid and no status, and one that the manifests lack goes. Of a
    /// kind that the manifests call incomplete nothing goes.
    pub fn apply(&mut self, manifests: Cluster, now: u64) {
        let Cluster { incomplete, ingresses, ingress_classes, services, nodes, endpoint_slices } = manifests;
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
        replace(&mut self.cluster.nodes, nodes, keep(ViewPart::Nodes), now, made);
        if let Some(endpoint_slices) = endpoint_slices {
            let present = self.cluster.endpoint_slices.get_or_insert_default();
            replace(present, endpoint_slices, keep(ViewPart::EndpointSlices), now, made);
        }
    }

    /// Writes the statuses that the outcomes of a plan ask for, and says which of them changed.
    pub fn write_statuses(&mut self, plan: &Plan) -> Vec<StatusWrite> {
        let mut wanted: BTreeMap<(&str, &str), Option<&String>> = BTreeMap::new();
        for outcome in &plan.outcomes {
            let hostname = match &outcome.status {
                StatusChange::Keep => continue,
                StatusChange::Publish(hostname) => Some(hostname),
                StatusChange::Withdraw => None,
            };
            wanted.insert((&outcome.namespace, &outcome.name), hostname);
        }
        let mut writes = Vec::new();
        for ingress in &mut self.cluster.ingresses {
            let namespace = ingress.metadata.namespace.as_deref().unwrap_or_default();
            let Some(after) = wanted.get(&(namespace, ingress.metadata.name.as_str())).copied() else {
                continue;
            };
            let status: Vec<IngressAddress> =
                after.iter().map(|it| IngressAddress { hostname: Some((*it).clone()), ip: None }).collect();
            if ingress.status != status {
                writes.push(StatusWrite {
                    namespace: namespace.to_owned(),
                    name: ingress.metadata.name.clone(),
                    before: ingress.status.iter().find_map(|it| it.hostname.clone()),
                    after: after.cloned(),
                });
                ingress.status = status;
            }
        }
        writes
    }

    /// The objects; nothing of them is incomplete.
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// The objects, to be changed by somebody else.
    pub fn cluster_mut(&mut self) -> &mut Cluster {
        &mut self.cluster
    }
}

/// An object that manifests describe.
trait Object {
    /// Its kind, as in a manifest.
    const KIND: &'static str;

    fn metadata(&mut self) -> &mut Metadata;

    /// Takes the status over from the object as it was. Absent: a new object, which has none whatever its manifest says,
    /// since an API server ignores the status there.
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

    fn take_status(&mut self, _before: Option<&Self>) {}
}

impl Object for Node {
    const KIND: &'static str = "Node";

    fn metadata(&mut self) -> &mut Metadata {
        &mut self.metadata
    }

    // Readiness and addresses are status in Kubernetes too, but no controller here writes them: the manifest's count.
    fn take_status(&mut self, _before: Option<&Self>) {}
}

impl Object for EndpointSlice {
    const KIND: &'static str = "EndpointSlice";

    fn metadata(&mut self) -> &mut Metadata {
        &mut self.metadata
    }

    fn take_status(&mut self, _before: Option<&Self>) {}
}

/// Makes the objects of one kind those of the manifests; `keep` those that they lack.
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

/// A uid in the form of an API server's: the same for the same history.
fn uid(kind: &str, (namespace, name): &(Option<String>, String), now: u64, made: u64) -> String {
    let namespace = namespace.as_deref().unwrap_or_default();
    let digest = Sha256::digest(format!("{kind}/{namespace}/{name}/{now}/{made}"));
    let hexadecimal: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let part = |from: usize, to: usize| hexadecimal.get(from..to).unwrap_or_default();
    format!("{}-{}-4{}-8{}-{}", part(0, 8), part(8, 12), part(12, 15), part(15, 18), part(18, 30))
}
