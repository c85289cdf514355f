//! RouteGroup (`zalando.org/v1`): what a load balancer needs to know of it. The routes only concern the in-cluster proxy.
//!
//! An API server checks what tenants write only as far as the CustomResourceDefinition says: that texts are texts, and in new
//! versions which. So no text makes a RouteGroup unreadable: while an object is unreadable, nothing is removed for anybody.

use albatross_contract::RouteGroup;

use crate::{
    failure::Failure,
    field::Field,
    ingress::{address, collect},
    metadata,
};

/// How many bytes are kept of a host: enough to see that it is longer than the 253 bytes of the longest DNS name.
const KEPT: usize = 257;

pub(crate) fn read(object: &Field<'_>) -> Result<RouteGroup, Failure> {
    let metadata = metadata::namespaced(object)?;
    let hosts = collect(&object.get("spec")?.get("hosts")?, host)?;
    Ok(RouteGroup {
        metadata,
        hosts: hosts.into_iter().flatten().collect(),
        status: collect(&object.get("status")?.get("loadBalancer")?.get("routegroup")?, address)?,
    })
}

/// Old versions of the CustomResourceDefinition accept any text as a host. A host that is no DNS name gets no certificate; an
/// empty one is none.
fn host(field: &Field<'_>) -> Result<Option<String>, Failure> {
    Ok(field.text()?.map(|host| host[..host.floor_char_boundary(KEPT)].to_owned()))
}
