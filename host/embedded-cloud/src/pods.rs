//! The readiness of Pods with our readiness gate: the part of the kubelet, which makes a Pod ready, and of the controller that
//! makes its endpoints ready.

use std::collections::BTreeSet;

use albatross_contract::{Cluster, Endpoint, EndpointSlice, Plan, Pod};

/// Writes the conditions that the outcomes of a plan request, and returns the names of the Pods whose conditions changed.
pub(crate) fn write(cluster: &mut Cluster, plan: &Plan) -> Vec<String> {
    let mut changed = Vec::new();
    for outcome in plan.gates.iter().flatten() {
        let name = (outcome.namespace.as_str(), outcome.name.as_str());
        let pod = cluster.pods.iter_mut().flatten().find(|pod| pod.full_name() == name);
        let Some(pod) = pod else { continue };
        let Some(condition) = outcome.condition(pod) else { continue };
        if let Some(gate) = &mut pod.gate {
            gate.condition = Some(condition);
            changed.push(format!("{}/{}", outcome.namespace, outcome.name));
        }
    }
    changed
}

/// Makes Pods ready whose readiness gate is open and that wait for nothing else, and their endpoints too.
pub(crate) fn settle(cluster: &mut Cluster) {
    let mut ready = BTreeSet::new();
    for pod in cluster.pods.iter_mut().flatten().filter(|pod| is_ready(pod)) {
        pod.ready = true;
        ready.insert((pod.metadata.namespace.clone(), pod.metadata.name.clone()));
    }
    if ready.is_empty() {
        return;
    }
    for slice in cluster.endpoint_slices.iter_mut().flatten() {
        let EndpointSlice { metadata, endpoints, .. } = slice;
        for endpoint in endpoints.iter_mut().filter(|endpoint| endpoint.terminating != Some(true)) {
            let pod = pod_of(endpoint).map(|name| (metadata.namespace.clone(), name.to_owned()));
            if pod.is_some_and(|pod| ready.contains(&pod)) {
                (endpoint.ready, endpoint.serving) = (Some(true), Some(true));
            }
        }
    }
}

fn is_ready(pod: &Pod) -> bool {
    let is_open = |gate: &albatross_contract::ReadinessGate| {
        gate.containers_ready && gate.others_ready && gate.condition.as_ref().is_some_and(|it| it.status)
    };
    pod.metadata.deleted_at.is_none() && pod.gate.as_ref().is_some_and(is_open)
}

/// The Pod of an endpoint, which is in its namespace.
fn pod_of(endpoint: &Endpoint) -> Option<&str> {
    let target = endpoint.target.as_ref().filter(|target| target.kind == "Pod")?;
    Some(&target.name)
}
