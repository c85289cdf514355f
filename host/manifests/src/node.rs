//! Node.

use albatross_contract::{Node, Tag};

use crate::{failure::Failure, field::Field, metadata};

pub(crate) fn read(object: &Field<'_>) -> Result<Node, Failure> {
    let metadata = metadata::cluster_wide(object)?;
    let (spec, status) = (object.get("spec")?, object.get("status")?);
    Ok(Node {
        metadata,
        provider_id: spec.get("providerID")?.owned_text()?,
        unschedulable: spec.get("unschedulable")?.boolean()?.unwrap_or_default(),
        ready: pairs(&status.get("conditions")?, "type", "status")?
            .iter()
            .any(|condition| condition.key == "Ready" && condition.value == "True"),
        taints: pairs(&spec.get("taints")?, "key", "effect")?,
        addresses: pairs(&status.get("addresses")?, "type", "address")?,
    })
}

/// Two fields of each entry of a list, in the order of their values.
pub(crate) fn pairs(list: &Field<'_>, key: &str, value: &str) -> Result<Vec<Tag>, Failure> {
    let pair = |entry: &Field<'_>| {
        Ok(Tag {
            key: entry.get(key)?.required_text()?.to_owned(),
            value: entry.get(value)?.required_text()?.to_owned(),
        })
    };
    let mut pairs = list.items()?.iter().map(pair).collect::<Result<Vec<_>, _>>()?;
    pairs.sort();
    Ok(pairs)
}
