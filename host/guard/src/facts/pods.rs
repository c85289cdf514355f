//! The addresses of pods, as far as they tell which targets may leave.

use std::cell::OnceCell;

use albatross_contract::{Pod, PodPhase, Snapshot, Target, TargetHealth, ViewPart};

use super::{index::Set, view::View};

/// The addresses of all pods of the snapshot, indexed on first use.
pub(crate) struct Pods<'a> {
    snapshot: &'a Snapshot,
    are_known: bool,
    addresses: OnceCell<Addresses<'a>>,
}

#[derive(Default)]
struct Addresses<'a> {
    /// Of pods that were not told to end.
    running: Set<&'a str>,
    /// Of pods that are being terminated or have ended.
    ending: Set<&'a str>,
}

impl<'a> Pods<'a> {
    pub(crate) fn new(view: &View<'a>) -> Self {
        let is_complete = view.missing(&[ViewPart::Pods], &[]).is_none();
        let asked = view.snapshot.settings.proxy.pods.as_ref();
        // Pods of other namespaces are known for their readiness gates.
        let may_be_of_proxy =
            |pod: &Pod| asked.is_none_or(|asked| pod.metadata.namespace.as_ref() == Some(&asked.namespace));
        let mut pods = view.snapshot.cluster.pods.iter().flatten();
        Pods {
            snapshot: view.snapshot,
            are_known: is_complete && pods.any(may_be_of_proxy),
            addresses: OnceCell::new(),
        }
    }

    /// Whether a pod has an address that was not told to end.
    pub(crate) fn has(&self, address: &str) -> bool {
        self.addresses().running.contains(address)
    }

    /// Whether the pod of an address is being terminated or has ended, and no other pod has the address.
    pub(crate) fn is_ending(&self, address: &str) -> bool {
        self.are_known && !self.has(address) && self.addresses().ending.contains(address)
    }

    /// Whether no pod serves requests to a target any more: all pods are known, none that runs has its address, and AWS does not
    /// call the target healthy. A healthy target may be a pod that a changed selector no longer selects.
    pub(crate) fn has_ended(&self, target: &Target) -> bool {
        self.are_known && !self.has(&target.id) && target.health != TargetHealth::Healthy
    }

    fn addresses(&self) -> &Addresses<'a> {
        self.addresses.get_or_init(|| {
            let mut found = Addresses::default();
            for pod in self.snapshot.cluster.pods.iter().flatten() {
                let set = if ends(pod) { &mut found.ending } else { &mut found.running };
                set.extend(pod.addresses.iter().map(String::as_str));
            }
            found
        })
    }
}

fn ends(pod: &Pod) -> bool {
    pod.metadata.deleted_at.is_some() || matches!(pod.phase, PodPhase::Succeeded | PodPhase::Failed)
}
