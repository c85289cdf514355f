//! EndpointSlice of `discovery.k8s.io/v1`.

use albatross_contract::{
    Endpoint, EndpointAddressType, EndpointPort, EndpointSlice, ObjectReference, TransportProtocol,
};

use crate::{failure::Failure, field::Field, metadata, service::PROTOCOLS};

const ADDRESS_TYPES: &[(&str, EndpointAddressType)] = &[
    ("IPv4", EndpointAddressType::Ipv4),
    ("IPv6", EndpointAddressType::Ipv6),
    ("FQDN", EndpointAddressType::Fqdn),
];

pub(crate) fn read(object: &Field<'_>) -> Result<EndpointSlice, Failure> {
    let address_type = object.get("addressType")?;
    Ok(EndpointSlice {
        metadata: metadata::namespaced(object)?,
        address_type: address_type.one_of(ADDRESS_TYPES)?.ok_or_else(|| address_type.fail("is missing"))?,
        endpoints: object.get("endpoints")?.items()?.iter().map(endpoint).collect::<Result<_, _>>()?,
        ports: object.get("ports")?.items()?.iter().map(port).collect::<Result<_, _>>()?,
    })
}

fn endpoint(entry: &Field<'_>) -> Result<Endpoint, Failure> {
    let addresses = entry.get("addresses")?;
    let conditions = entry.get("conditions")?;
    let texts =
        |items: Vec<Field<'_>>| items.iter().map(|item| Ok(item.required_text()?.to_owned())).collect();
    let addresses: Result<Vec<String>, Failure> = texts(addresses.items()?);
    Ok(Endpoint {
        addresses: addresses?,
        ready: conditions.get("ready")?.boolean()?,
        serving: conditions.get("serving")?.boolean()?,
        terminating: conditions.get("terminating")?.boolean()?,
        node_name: entry.get("nodeName")?.owned_text()?,
        zone: entry.get("zone")?.owned_text()?,
        target: target(&entry.get("targetRef")?)?,
    })
}

/// A reference of the older form, with the API version of the object instead of its group; a Pod has neither. The API server
/// accepts a reference without a kind or a name, which names no object.
fn target(reference: &Field<'_>) -> Result<Option<ObjectReference>, Failure> {
    let (kind, name) = (reference.get("kind")?.owned_text()?, reference.get("name")?.owned_text()?);
    let (Some(kind), Some(name)) = (kind, name) else { return Ok(None) };
    let api_version = reference.get("apiVersion")?.text()?;
    Ok(Some(ObjectReference {
        api_group: api_version.and_then(|version| version.split_once('/')).map(|(group, _)| group.to_owned()),
        kind,
        name,
        namespace: reference.get("namespace")?.owned_text()?,
    }))
}

fn port(entry: &Field<'_>) -> Result<EndpointPort, Failure> {
    Ok(EndpointPort {
        name: entry.get("name")?.owned_text()?,
        port: entry.get("port")?.port()?,
        protocol: entry.get("protocol")?.one_of(PROTOCOLS)?.unwrap_or(TransportProtocol::Tcp),
        app_protocol: entry.get("appProtocol")?.owned_text()?,
    })
}
