//! What the cluster mentions of the account.

use std::collections::BTreeSet;

use albatross_contract::Cluster;

/// The resources of AWS that objects of the cluster name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mentioned {
    /// The hostnames in the statuses of Ingresses. A load balancer with such a hostname that is missing in the list of load
    /// balancers is looked up by its name.
    pub hostnames: BTreeSet<String>,
    /// The EC2 instances of Nodes. If a cached list of instances lacks one, it is read again: the Node is new.
    pub instances: BTreeSet<String>,
}

impl Mentioned {
    /// What a cluster mentions.
    pub fn by(cluster: &Cluster) -> Mentioned {
        let addresses = cluster.ingresses.iter().flat_map(|ingress| &ingress.status);
        let providers = cluster.nodes.iter().filter_map(|node| node.provider_id.as_deref());
        // Such as `aws:///eu-central-1a/i-0123`.
        let instances =
            providers.filter_map(|id| id.rsplit_once('/')).map(|(_, instance)| instance.to_owned());
        Mentioned {
            hostnames: addresses.filter_map(|address| address.hostname.clone()).collect(),
            instances: instances.collect(),
        }
    }
}
