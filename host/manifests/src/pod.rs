//! Pod.

use albatross_contract::{Pod, PodPhase};

use crate::{failure::Failure, field::Field, metadata, node::pairs};

const PHASES: &[(&str, PodPhase)] = &[
    ("Pending", PodPhase::Pending),
    ("Running", PodPhase::Running),
    ("Succeeded", PodPhase::Succeeded),
    ("Failed", PodPhase::Failed),
    ("Unknown", PodPhase::Unknown),
];

/// A Pod that nobody has started yet, such as one of a manifest, has no status.
pub(crate) fn read(object: &Field<'_>) -> Result<Pod, Failure> {
    let status = object.get("status")?;
    let addresses = status.get("podIPs")?;
    let address = |entry: &Field<'_>| Ok(entry.get("ip")?.required_text()?.to_owned());
    Ok(Pod {
        metadata: metadata::namespaced(object)?,
        phase: status.get("phase")?.one_of(PHASES)?.unwrap_or(PodPhase::Pending),
        ready: pairs(&status.get("conditions")?, "type", "status")?
            .iter()
            .any(|condition| condition.key == "Ready" && condition.value == "True"),
        addresses: addresses.items()?.iter().map(address).collect::<Result<_, _>>()?,
    })
}
