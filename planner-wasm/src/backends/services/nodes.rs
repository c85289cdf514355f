//! The nodes that receive the requests to node ports.

use std::collections::BTreeMap;

use albatross_contract::{Cluster, InstanceState, Node, Tag};

use crate::{identity::tag_value, observed::Observed, source::StringMap};

/// Labels of nodes that no load balancer may use (Kubernetes, "Well-Known Labels"; Fargate nodes are not EC2 instances).
const EXCLUDED: [&str; 2] = [
    "node.kubernetes.io/exclude-from-external-load-balancers",
    "alpha.service-controller.kubernetes.io/exclude-balancer",
];
const FARGATE: (&str, &str) = ("eks.amazonaws.com/compute-type", "fargate");

/// The taints of a node that the Cluster Autoscaler or Karpenter is about to remove.
const LEAVING: [&str; 2] = ["ToBeDeletedByClusterAutoscaler", "karpenter.sh/disrupted"];

/// Nodes as EC2 instances.
pub struct Nodes<'a> {
    /// The ids of the instances, sorted and without duplicates, with the labels of the nodes. `None`: there are no Node
    /// objects.
    all: BTreeMap<&'a str, Option<&'a [Tag]>>,
}

impl<'a> Nodes<'a> {
    /// The nodes of the cluster. Without Node objects, as in a folder of manifests, the instances that the node filters
    /// select are used instead.
    pub fn new(cluster: &'a Cluster, observed: &Observed<'a>) -> Self {
        let all = if cluster.nodes.is_empty() {
            let instances = observed.inventory.instances.iter();
            let running = instances.filter(|instance| instance.state == InstanceState::Running);
            running.map(|instance| (instance.id.as_str(), None)).collect()
        } else {
            let fit = cluster.nodes.iter().filter(|node| is_fit(node));
            fit.filter_map(|node| Some((instance(node)?, Some(node.metadata.labels.as_slice())))).collect()
        };
        Nodes { all }
    }

    /// The ids of the instances whose nodes have these labels. Without Node objects the labels are not known, and all
    /// instances count.
    pub fn with<'b>(&'b self, wanted: &'b StringMap) -> impl Iterator<Item = &'a str> + 'b {
        let has_all =
            |labels: &[Tag]| wanted.iter().all(|(key, value)| tag_value(labels, key) == Some(value.as_str()));
        let fit = self.all.iter().filter(move |(_, labels)| labels.is_none_or(has_all));
        fit.map(|(id, _)| *id)
    }
}

fn is_fit(node: &Node) -> bool {
    let labels = &node.metadata.labels;
    let is_excluded = EXCLUDED.iter().any(|label| tag_value(labels, label).is_some())
        || tag_value(labels, FARGATE.0) == Some(FARGATE.1);
    let leaves = LEAVING.iter().any(|taint| tag_value(&node.taints, taint).is_some());
    node.ready && !is_excluded && !leaves
}

/// The EC2 instance of a node: `aws:///eu-central-1a/i-0123`.
fn instance(node: &Node) -> Option<&str> {
    let (_, id) = node.provider_id.as_deref()?.rsplit_once('/')?;
    id.starts_with("i-").then_some(id)
}
