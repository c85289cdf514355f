//! RouteGroup (`zalando.org/v1`): what a load balancer needs to know of it. The routes only concern the in-cluster proxy.

use albatross_contract::RouteGroup;

use crate::{
    failure::Failure,
    field::Field,
    ingress::{address, collect},
    metadata,
};

/// The longest host that the CustomResourceDefinition allows.
const LONGEST_HOST: usize = 255;

pub(crate) fn read(object: &Field<'_>) -> Result<RouteGroup, Failure> {
    let metadata = metadata::namespaced(object)?;
    Ok(RouteGroup {
        metadata,
        hosts: collect(&object.get("spec")?.get("hosts")?, host)?,
        status: collect(&object.get("status")?.get("loadBalancer")?.get("routegroup")?, address)?,
    })
}

/// Old versions of the CustomResourceDefinition accept any text as a host. A host that is no DNS name gets no certificate.
fn host(field: &Field<'_>) -> Result<String, Failure> {
    let host = field.required_text()?;
    if host.len() > LONGEST_HOST {
        return Err(field.fail(&format!("is a host of {} bytes, expected up to {LONGEST_HOST}", host.len())));
    }
    Ok(host.to_owned())
}
