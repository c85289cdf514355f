//! The nodes that receive the requests to node ports.

use albatross_contract::{Cluster, InstanceState, Node};

use crate::{identity::tag_value, observed::Observed};

/// Labels of nodes that no load balancer may use (Kubernetes, "Well-Known Labels"; Fargate nodes are not EC2 instances).
const EXCLUDED: [&str; 2] = [
    "node.kubernetes.io/exclude-from-external-load-balancers",
    "alpha.service-controller.kubernetes.io/exclude-balancer",
];
const FARGATE: (&str, &str) = ("eks.amazonaws.com/compute-type", "fargate");

/// The taint of a node that the Cluster Autoscaler is about to remove.
const LEAVING: &str = "ToBeDeletedByClusterAutoscaler";

/// Nodes as EC2 instances.
pub struct Nodes<'a> {
    /// The ids of the instances, sorted and without duplicates.
    ids: Vec<&'a str>,
}

impl<'a> Nodes<'a> {
    /// The nodes of the cluster. Without Node objects, as in a folder of manifests, the instances that the node filters
    /// select are used instead.
    pub fn new(cluster: &'a Cluster, observed: &Observed<'a>) -> Self {
        let mut ids: Vec<&str> = if cluster.nodes.is_empty() {
            let instances = observed.inventory.instances.iter();
            let running = instances.filter(|instance| instance.state == InstanceState::Running);
            running.map(|instance| instance.id.as_str()).collect()
        } else {
            cluster.nodes.iter().filter(|node| is_fit(node)).filter_map(instance).collect()
        };
        ids.sort_unstable();
        ids.dedup();
        Nodes { ids }
    }

    /// The ids of the instances.
    pub fn all(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.ids.iter().copied()
    }
}

fn is_fit(node: &Node) -> bool {
    let labels = &node.metadata.labels;
    let is_excluded = EXCLUDED.iter().any(|label| tag_value(labels, label).is_some())
        || tag_value(labels, FARGATE.0) == Some(FARGATE.1);
    node.ready && !is_excluded && tag_value(&node.taints, LEAVING).is_none()
}

/// The EC2 instance of a node: `aws:///eu-central-1a/i-0123`.
fn instance(node: &Node) -> Option<&str> {
    let (_, id) = node.provider_id.as_deref()?.rsplit_once('/')?;
    id.starts_with("i-").then_some(id)
}
