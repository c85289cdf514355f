//! Pods with our readiness gate. An endpoint that is not ready only since its Pod waits for target health is a target like one
//! that is ready: otherwise its health would never be checked, and it would wait for ever. So is one whose Pod waits no longer,
//! until Kubernetes has made it ready: otherwise it would leave at the moment at which it becomes healthy.

use std::collections::BTreeSet;

use albatross_contract::{Cluster, Endpoint, EndpointSlice, Pod};

use crate::observed::{Concern, Observed};

/// The Pods with our readiness gate of which everything else is ready.
#[derive(Default)]
pub struct Gates<'a> {
    /// Namespace, name and address: a Pod that was created again under the same name has another address.
    ready: BTreeSet<(&'a str, &'a str, &'a str)>,
    /// Whether the Pods with the gate are not known, so that any endpoint that is not ready may be one of them.
    pub are_unknown: bool,
}

impl<'a> Gates<'a> {
    /// Reads the Pods of the cluster, if the settings switch readiness gates on.
    pub fn new(cluster: &'a Cluster, observed: &Observed<'_>) -> Self {
        if !observed.settings.has_readiness_gates() {
            return Gates::default();
        }
        let are_unknown = cluster.pods.is_none() || !observed.completeness.allows(Concern::ReadGatedPods);
        let ready = cluster.pods.iter().flatten().filter(|pod| pod.is_ready_but_for_the_gate());
        Gates { ready: ready.flat_map(keys).collect(), are_unknown }
    }

    /// Whether an endpoint becomes a target even if it is not ready.
    pub fn let_join(&self, slice: &EndpointSlice, endpoint: &Endpoint) -> bool {
        if self.ready.is_empty() || endpoint.terminating.unwrap_or_default() {
            return false;
        }
        let Some(pod) = endpoint.target.as_ref().filter(|target| target.kind == "Pod") else { return false };
        let namespace = pod.namespace.as_ref().or(slice.metadata.namespace.as_ref());
        let namespace = namespace.map(String::as_str).unwrap_or_default();
        endpoint.addresses.iter().any(|address| self.ready.contains(&(namespace, &pod.name, address)))
    }
}

fn keys(pod: &Pod) -> impl Iterator<Item = (&str, &str, &str)> {
    let (namespace, name) = pod.full_name();
    pod.addresses.iter().map(move |address| (namespace, name, address.as_str()))
}
