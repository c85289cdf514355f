//! Pods with our readiness gate. An endpoint that is not ready only since its Pod waits for target health is a target like one that
//! is ready: otherwise its health would never be checked, and it would wait for ever.

use std::collections::BTreeSet;

use albatross_contract::{Cluster, Endpoint, EndpointSlice, Pod};

use crate::observed::{Concern, Observed};

/// The Pods that wait only for our readiness gate.
#[derive(Default)]
pub struct Gates<'a> {
    /// Namespace, name and address: a Pod that was created again under the same name has another address.
    waiting: BTreeSet<(&'a str, &'a str, &'a str)>,
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
        let waiting = cluster.pods.iter().flatten().filter(|pod| pod.lacks_only_the_gate());
        Gates { waiting: waiting.flat_map(keys).collect(), are_unknown }
    }

    /// Whether an endpoint is not ready only since its Pod waits for target health.
    pub fn let_join(&self, slice: &EndpointSlice, endpoint: &Endpoint) -> bool {
        if self.waiting.is_empty() || endpoint.terminating.unwrap_or_default() {
            return false;
        }
        let Some(pod) = endpoint.target.as_ref().filter(|target| target.kind == "Pod") else { return false };
        let namespace = pod.namespace.as_ref().or(slice.metadata.namespace.as_ref());
        let namespace = namespace.map(String::as_str).unwrap_or_default();
        let is_waiting = |address: &String| self.waiting.contains(&(namespace, &pod.name, address));
        endpoint.addresses.iter().any(is_waiting)
    }
}

fn keys(pod: &Pod) -> impl Iterator<Item = (&str, &str, &str)> {
    let namespace = pod.metadata.namespace.as_deref().unwrap_or_default();
    pod.addresses.iter().map(move |address| (namespace, pod.metadata.name.as_str(), address.as_str()))
}
