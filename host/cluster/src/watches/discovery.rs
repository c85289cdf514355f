//! Asks the API server which kinds it has. Everybody may ask (ClusterRole `system:discovery`), so that a cluster without a kind
//! needs no right to it.
//!
//! An answer says what one API server knows at one moment. It does not say that a kind is gone for good: a
//! CustomResourceDefinition that is being replaced is away for seconds, and an API server that has just started should answer
//! 503 until it has read the definitions, but has been seen to answer 404 (kubernetes/kubernetes issues 71218 and 115241). The
//! list of groups (`/apis`) comes from the same definitions, so it is no better witness. That is why `Presence` believes only
//! answers that are the same for a minute.

use kube::{Client, core::ApiResource};

use super::kind::Kind;
use crate::{ClusterError, request::in_time};

/// Whether the API server has a kind.
///
/// # Errors
/// [`ClusterError::OtherVersion`]: it has the kind, but not in the version that this program reads. Otherwise the request has
/// failed.
pub(super) async fn exists<T: Kind>(client: &Client) -> Result<bool, ClusterError> {
    if !T::IS_CUSTOM {
        return Ok(true);
    }
    let resource = T::resource();
    if has_version(client, &resource, &resource.api_version).await? {
        return Ok(true);
    }
    let doing = "ask for the API groups";
    let groups = in_time(doing, client.list_api_groups()).await?.groups;
    let versions = groups.into_iter().filter(|group| group.name == resource.group);
    let others = versions.flat_map(|group| group.versions);
    for version in others.filter(|version| version.group_version != resource.api_version) {
        if has_version(client, &resource, &version.group_version).await? {
            let (expected, served) = (resource.api_version, version.group_version);
            return Err(ClusterError::OtherVersion { kind: T::NAME, expected, served });
        }
    }
    Ok(false)
}

/// Whether the API server has a kind in a version of its group, such as `zalando.org/v1`.
async fn has_version(client: &Client, resource: &ApiResource, version: &str) -> Result<bool, ClusterError> {
    let doing = format!("ask for the resources of {version}");
    match in_time(doing, client.list_api_group_resources(version)).await {
        Ok(found) => Ok(found.resources.iter().any(|found| found.name == resource.plural)),
        Err(ClusterError::NotFound { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}
