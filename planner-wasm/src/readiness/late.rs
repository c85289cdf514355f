//! Pods that have waited for target health for long: health checks of AWS that pass take a minute.

use std::collections::BTreeMap;

use albatross_contract::{Diagnostic, DiagnosticCode, GateVerdict, Pod};

use super::Judgement;
use crate::{
    diagnostics::{Details, Subject, warning},
    words,
};

/// After how many seconds a Pod has waited for long.
const LONG: u64 = 5 * 60;

/// Pods that have waited for long.
pub struct Late {
    /// One diagnostic for each target group.
    pub diagnostics: Vec<Diagnostic>,
    /// When the next Pod will have waited for long.
    pub next: Option<u64>,
}

/// Finds them.
pub fn find(decided: &[(&Pod, Judgement<'_>)], now: u64) -> Late {
    let mut late: BTreeMap<&str, Vec<(&Pod, &Judgement<'_>)>> = BTreeMap::new();
    let mut next = None;
    for (pod, judgement) in decided {
        let since = pod.gate.as_ref().and_then(|gate| gate.containers_ready_since);
        let (Some(group), Some(since)) = (judgement.group, since) else { continue };
        let at = since.saturating_add(LONG);
        match at <= now {
            true => late.entry(group).or_default().push((pod, judgement)),
            false => next = Some(next.map_or(at, |next: u64| next.min(at))),
        }
    }
    Late { diagnostics: late.into_iter().filter_map(|(group, pods)| tell(group, &pods)).collect(), next }
}

fn tell(group: &str, pods: &[(&Pod, &Judgement<'_>)]) -> Option<Diagnostic> {
    let (first, judgement) = pods.first()?;
    let names: Vec<String> = pods.iter().map(|(pod, _)| name(pod)).collect();
    let message = format!(
        "{} with our readiness gate {} waited for more than {}: {}; of {}: {}",
        words::count(pods.len(), "Pod", "Pods"),
        if pods.len() == 1 { "has" } else { "have" },
        words::duration(LONG),
        words::list(names.iter().map(String::as_str)),
        name(first),
        judgement.message
    );
    let remedy = match judgement.verdict {
        GateVerdict::NotHealthy => {
            "look at the health check of the target group, and at what the Pod answers to it"
        }
        GateVerdict::NoEndpoint => "look at the selector of the Service, and at its EndpointSlices",
        _ => "look at the errors of the actions of this load balancer",
    };
    Some(warning(DiagnosticCode::PodsWaiting, Subject::Resource(group), message).remedy(remedy))
}

fn name(pod: &Pod) -> String {
    let (namespace, name) = pod.full_name();
    format!("{namespace}/{name}")
}
