//! Pods of the in-cluster proxy as targets, by their addresses.
//!
//! A pod joins when it runs and is ready, or has our readiness gate and everything else of it is ready. Then it stays while it
//! runs, ready or not: AWS checks the health of its targets itself, and a kubelet that is cut off from the API server makes all
//! pods of its node look not ready while they serve. A pod that is being terminated leaves at once, as long as a healthy target
//! stays whose pod is ready: Kubernetes ends it anyway, and requests that still go to it then fail. An address without a pod
//! leaves at once if AWS does not call it healthy; a healthy one may be of a pod that a changed selector no longer selects. Such a
//! pod leaves within the budget. Without any pod nothing leaves.

use std::collections::BTreeSet;

use albatross_contract::{
    Cluster, Diagnostic, DiagnosticCode, IpAddressType, Pod, PodPhase, PodTargets, Target, TargetGroup,
    TargetHealth,
};

use super::{Joiner, TargetChanges, TargetGroupForm, addresses::VpcAddresses, registered::Registered};
use crate::{
    diagnostics::{Details, Subject, WAIT, warning},
    observed::{Concern, Observed},
    selector::Selector,
    words,
};

/// The pods of the proxy.
#[derive(Default)]
pub struct Pods<'a> {
    /// The addresses of pods that run and are ready.
    pub ready: BTreeSet<&'a str>,
    /// The addresses of pods that run and are not being terminated.
    running: BTreeSet<&'a str>,
    /// The addresses of pods that are being terminated or have ended, and of no other pod.
    ending: BTreeSet<&'a str>,
    /// The addresses of all pods, selected or not, that are neither being terminated nor have ended.
    taken: BTreeSet<&'a str>,
    /// Why the pods are not known. `None`: they are known.
    pub unknown: Option<String>,
    /// Problems with the pods.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads the pods that the settings select, for target groups of this form.
pub fn read<'a>(
    asked: &PodTargets,
    cluster: &'a Cluster,
    form: &TargetGroupForm<'_>,
    observed: &Observed<'_>,
) -> Pods<'a> {
    let missing = observed.completeness.explain(Concern::ReadPods);
    let Some(all) = cluster.pods.as_ref().filter(|_| missing.is_none()) else {
        return unknown(missing);
    };
    let selector = Selector::read(&asked.label_selector).ok();
    let is_selected = |pod: &&Pod| {
        let labels = &pod.metadata.labels;
        pod.metadata.namespace.as_deref() == Some(&asked.namespace)
            && selector.as_ref().is_some_and(|selector| selector.matches(labels))
    };
    let selected: Vec<&Pod> = all.iter().filter(is_selected).collect();
    let address = |pod: &'a Pod| address(pod, form.ip_address_type);
    let addresses = |is_one: fn(&Pod) -> bool| -> BTreeSet<&'a str> {
        selected.iter().filter(|pod| is_one(pod)).filter_map(|pod| address(pod)).collect()
    };
    let vpc = VpcAddresses::new(observed.inventory);
    let gates = observed.settings.has_readiness_gates();
    let is_ready = |pod: &&Pod| runs(pod) && (pod.ready || gates && pod.is_ready_but_for_the_gate());
    let mut ready: BTreeSet<&str> = selected.iter().copied().filter(is_ready).filter_map(address).collect();
    let running = addresses(runs);
    let outside: Vec<&str> = ready.iter().copied().filter(|address| !vpc.hold(address)).collect();
    ready.retain(|address| vpc.hold(address));
    // Pods in the network of their node share its address, such as an old pod and the pod that replaces it.
    let taken: BTreeSet<&str> = all.iter().filter(|pod| !ends(pod)).filter_map(address).collect();
    let ending = addresses(ends).difference(&taken).copied().collect();
    let mut diagnostics = Vec::new();
    if running.is_empty() || ready.is_empty() && outside.is_empty() {
        diagnostics.push(nobody(asked, selected.len()));
    }
    if !outside.is_empty() {
        diagnostics.push(elsewhere(form.vpc, &outside));
    }
    Pods { ready, running, ending, taken, unknown: None, diagnostics }
}

impl<'a> Pods<'a> {
    /// The changes to the targets of a target group with this name. `group` is `None` if it does not exist yet.
    pub fn changes(
        &self,
        name: &str,
        group: Option<&'a TargetGroup>,
        observed: &Observed<'a>,
    ) -> TargetChanges<'a> {
        let mut changes = TargetChanges::default();
        if self.unknown.is_some() {
            return changes;
        }
        let wanted = self.ready.iter().map(|id| Joiner { id, port: None });
        let Some(group) = group else {
            changes.register = wanted.collect();
            return changes;
        };
        if !observed.completeness.allows_on(Concern::ChangeTargets, &group.arn) {
            return changes;
        }
        let registered = Registered::new(group);
        changes.register = registered.missing(&wanted.collect());
        if self.running.is_empty() {
            return changes;
        }
        let stays = |it: &Joiner<'_>| it.port.is_none() && self.running.contains(it.id);
        let is_healthy = |target: &Target| target.health == TargetHealth::Healthy;
        // What is known of the health may be some minutes old, and a pod that has failed since is not ready.
        let serves =
            |it: &Joiner<'_>, target: &Target| stays(it) && is_healthy(target) && self.ready.contains(it.id);
        let one_stays = registered.targets().iter().any(|(it, target)| serves(it, target));
        let is_over = |target: &Target| {
            let id = target.id.as_str();
            !self.taken.contains(id) && (!is_healthy(target) || one_stays && self.ending.contains(id))
        };
        registered.part(name, stays, is_over, &mut changes, observed);
        changes
    }
}

/// The pods that are known, of whatever purpose, and that are neither being terminated nor have ended.
pub fn running(cluster: &Cluster) -> impl Iterator<Item = &Pod> {
    cluster.pods.iter().flatten().filter(|pod| !ends(pod))
}

/// Whether a pod runs, as far as is known, and is not being terminated.
fn runs(pod: &Pod) -> bool {
    matches!(pod.phase, PodPhase::Running | PodPhase::Unknown) && pod.metadata.deleted_at.is_none()
}

/// Whether a pod is being terminated or has ended. Such a pod keeps its address in its status.
fn ends(pod: &Pod) -> bool {
    matches!(pod.phase, PodPhase::Succeeded | PodPhase::Failed) || pod.metadata.deleted_at.is_some()
}

/// The address of a pod that target groups with addresses of this type can have.
fn address(pod: &Pod, of: IpAddressType) -> Option<&str> {
    let is_ipv6 = |address: &&String| address.contains(':');
    pod.addresses.iter().find(|address| is_ipv6(address) == (of == IpAddressType::Ipv6)).map(String::as_str)
}

fn unknown<'a>(missing: Option<String>) -> Pods<'a> {
    if missing.is_some() {
        return Pods { unknown: missing, ..Pods::default() }; // a missing part is told anyway
    }
    let reason = "the pods of the proxy were not read";
    let message = format!("{reason}; targets stay as they are");
    let told = warning(DiagnosticCode::ViewIncomplete, Subject::Settings, message);
    let diagnostics = vec![told.field("proxy.pods").remedy(WAIT)];
    Pods { unknown: Some(reason.to_owned()), diagnostics, ..Pods::default() }
}

/// In words, that no pod can be a target.
fn nobody(asked: &PodTargets, selected: usize) -> Diagnostic {
    let PodTargets { namespace, label_selector } = asked;
    let message = match selected {
        0 => format!("no pod in namespace {namespace} matches {label_selector}; targets stay as they are"),
        1 => format!(
            "the pod in namespace {namespace} that matches {label_selector} does not run or is not ready: no target joins"
        ),
        pods => format!(
            "none of the {pods} pods in namespace {namespace} that match {label_selector} runs and is ready: no target joins"
        ),
    };
    warning(DiagnosticCode::PodsNone, Subject::Settings, message)
        .field("proxy.pods")
        .remedy("start the proxy, or correct namespace and label-selector of proxy.pods")
}

fn elsewhere(vpc: &str, outside: &[&str]) -> Diagnostic {
    let message = format!(
        "pods of the proxy have addresses outside {vpc}, which cannot be registered as targets: {}",
        words::list(outside.iter().copied())
    );
    warning(DiagnosticCode::SettingInvalid, Subject::Settings, message).field("proxy.pods").remedy(
        "run the pods with addresses of the VPC, or leave out proxy.pods, so that the nodes are the targets",
    )
}

#[cfg(test)]
mod tests;
