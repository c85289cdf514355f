//! The nodes that receive the requests to node ports.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{Cluster, InstanceState, Node};

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
    /// The ids of the instances, sorted and without duplicates, with their nodes. `None`: there are no Node objects.
    all: BTreeMap<&'a str, Option<&'a Node>>,
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
            fit.filter_map(|node| Some((instance(node)?, Some(node)))).collect()
        };
        Nodes { all }
    }

    /// The ids of the instances whose nodes have these labels and, if names are given, one of these names. Without Node
    /// objects neither is known, and all instances count.
    pub fn with<'b>(
        &'b self,
        labels: &'b StringMap,
        names: Option<&'b BTreeSet<&'a str>>,
    ) -> impl Iterator<Item = &'a str> + 'b {
        let is_wanted = move |node: &Node| {
            let has = |(key, value): (&String, &String)| {
                tag_value(&node.metadata.labels, key) == Some(value.as_str())
            };
            labels.iter().all(has) && names.is_none_or(|names| names.contains(node.metadata.name.as_str()))
        };
        let wanted = self.all.iter().filter(move |(_, node)| node.is_none_or(&is_wanted));
        wanted.map(|(id, _)| *id)
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
