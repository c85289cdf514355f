//! `metadata` of an object.

use albatross_contract::Metadata;

use crate::{
    failure::Failure,
    field::{Field, shown},
    names,
};

/// The annotation in which kubectl keeps the last manifest: a large copy of the object, possibly with content that
/// was removed since.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// The metadata of a namespaced object.
pub(crate) fn namespaced(object: &Field<'_>) -> Result<Metadata, Failure> {
    let metadata = object.get("metadata")?;
    let namespace = names::namespace(&metadata.get("namespace")?)?;
    read(&metadata, Some(namespace))
}

/// The metadata of a cluster-scoped object.
pub(crate) fn cluster_wide(object: &Field<'_>) -> Result<Metadata, Failure> {
    read(&object.get("metadata")?, None)
}

fn read(metadata: &Field<'_>, namespace: Option<String>) -> Result<Metadata, Failure> {
    let mut annotations = metadata.get("annotations")?.tags()?;
    annotations.retain(|annotation| annotation.key != LAST_APPLIED);
    annotations.shrink_to_fit();
    Ok(Metadata {
        namespace,
        name: names::name(&metadata.get("name")?)?,
        uid: metadata.get("uid")?.owned_text()?,
        created_at: time(&metadata.get("creationTimestamp")?)?,
        deleted_at: time(&metadata.get("deletionTimestamp")?)?,
        annotations,
        labels: metadata.get("labels")?.tags()?,
    })
}

/// An RFC 3339 time in seconds since 1970.
pub(crate) fn time(field: &Field<'_>) -> Result<Option<u64>, Failure> {
    let Some(text) = field.text()? else { return Ok(None) };
    text.parse::<jiff::Timestamp>()
        .ok()
        .and_then(|time| u64::try_from(time.as_second()).ok())
        .map(Some)
        .ok_or_else(|| field.fail(&format!("{} is not a time such as 2026-11-21T09:30:00Z", shown(text))))
}
