//! Pod.

use albatross_contract::{GateCondition, Pod, PodPhase, READINESS_GATE, ReadinessGate};

use crate::{failure::Failure, field::Field, metadata};

const PHASES: &[(&str, PodPhase)] = &[
    ("Pending", PodPhase::Pending),
    ("Running", PodPhase::Running),
    ("Succeeded", PodPhase::Succeeded),
    ("Failed", PodPhase::Failed),
    ("Unknown", PodPhase::Unknown),
];

/// One entry of `status.conditions`.
struct Condition<'a> {
    kind: &'a str,
    is_true: bool,
    reason: Option<String>,
    message: Option<String>,
    /// `lastTransitionTime`.
    since: Option<u64>,
}

/// A Pod that nobody has started yet, such as one of a manifest, has no status.
pub(crate) fn read(object: &Field<'_>) -> Result<Pod, Failure> {
    let status = object.get("status")?;
    let addresses = status.get("podIPs")?;
    let address = |entry: &Field<'_>| Ok(entry.get("ip")?.required_text()?.to_owned());
    let conditions = status.get("conditions")?;
    let conditions = conditions.items()?;
    let conditions: Vec<Condition<'_>> = conditions.iter().map(condition).collect::<Result<_, _>>()?;
    Ok(Pod {
        metadata: metadata::namespaced(object)?,
        phase: status.get("phase")?.one_of(PHASES)?.unwrap_or(PodPhase::Pending),
        ready: is_true(&conditions, "Ready"),
        addresses: addresses.items()?.iter().map(address).collect::<Result<_, _>>()?,
        gate: gate(&object.get("spec")?, &conditions)?,
    })
}

/// Our readiness gate, if the Pod has it.
fn gate(spec: &Field<'_>, conditions: &[Condition<'_>]) -> Result<Option<ReadinessGate>, Failure> {
    let gates = spec.get("readinessGates")?;
    let gates = gates.items()?;
    let kind = |entry: &Field<'_>| Ok(entry.get("conditionType")?.required_text()?.to_owned());
    let kinds: Vec<String> = gates.iter().map(kind).collect::<Result<_, _>>()?;
    if !kinds.iter().any(|kind| kind == READINESS_GATE) {
        return Ok(None);
    }
    let mut others = kinds.iter().filter(|kind| *kind != READINESS_GATE);
    let found = |wanted: &str| conditions.iter().find(|condition| condition.kind == wanted);
    let containers = found("ContainersReady");
    Ok(Some(ReadinessGate {
        containers_ready: containers.is_some_and(|condition| condition.is_true),
        containers_ready_since: containers.and_then(|condition| condition.since),
        others_ready: others.all(|kind| is_true(conditions, kind)),
        condition: found(READINESS_GATE).map(|condition| GateCondition {
            status: condition.is_true,
            reason: condition.reason.clone(),
            message: condition.message.clone(),
        }),
    }))
}

fn condition<'a>(entry: &'a Field<'a>) -> Result<Condition<'a>, Failure> {
    Ok(Condition {
        kind: entry.get("type")?.required_text()?,
        is_true: entry.get("status")?.required_text()? == "True",
        reason: entry.get("reason")?.owned_text()?,
        message: entry.get("message")?.owned_text()?,
        since: metadata::time(&entry.get("lastTransitionTime")?)?,
    })
}

fn is_true(conditions: &[Condition<'_>], kind: &str) -> bool {
    conditions.iter().any(|condition| condition.kind == kind && condition.is_true)
}
