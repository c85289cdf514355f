//! Ingress, in the form of `networking.k8s.io/v1` and in the older form of `extensions/v1beta1`.

use albatross_contract::{
    Ingress, IngressAddress, IngressBackend, IngressPath, IngressRule, IngressTls, ObjectReference, PathType,
    ServiceBackend, ServicePortReference,
};

use crate::{
    failure::Failure,
    field::{Field, shown},
    metadata, names,
};

/// How an API version spells an Ingress.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// `networking.k8s.io/v1`.
    V1,
    /// `extensions/v1beta1` and `networking.k8s.io/v1beta1`: `backend`, `serviceName`, `servicePort`, no path type.
    V1beta1,
}

const PATH_TYPES: &[(&str, PathType)] = &[
    ("Prefix", PathType::Prefix),
    ("Exact", PathType::Exact),
    ("ImplementationSpecific", PathType::ImplementationSpecific),
];

pub(crate) fn read(object: &Field<'_>, form: Form) -> Result<Ingress, Failure> {
    let metadata = metadata::namespaced(object)?;
    let spec = object.get("spec")?;
    let class = spec.get("ingressClassName")?;
    let default_backend = spec.get(if form == Form::V1 { "defaultBackend" } else { "backend" })?;
    let default_backend = match default_backend.is_present() {
        true => Some(backend(&default_backend, form)?),
        false => None,
    };
    let rules = collect(&spec.get("rules")?, |entry| rule(entry, form))?;
    if default_backend.is_none() && rules.is_empty() {
        return Err(spec.fail("has neither rules nor a default backend"));
    }
    Ok(Ingress {
        metadata,
        ingress_class_name: if class.is_present() { Some(names::name(&class)?) } else { None },
        default_backend,
        tls: collect(&spec.get("tls")?, tls)?,
        rules,
        status: collect(&object.get("status")?.get("loadBalancer")?.get("ingress")?, address)?,
    })
}

/// Reads each item of a list.
pub(crate) fn collect<T>(
    list: &Field<'_>,
    read: impl Fn(&Field<'_>) -> Result<T, Failure>,
) -> Result<Vec<T>, Failure> {
    let items = list.items()?;
    // With the exact capacity: a controller keeps thousands of lists with one entry.
    let mut entries = Vec::with_capacity(items.len());
    for item in &items {
        entries.push(read(item)?);
    }
    Ok(entries)
}

fn rule(entry: &Field<'_>, form: Form) -> Result<IngressRule, Failure> {
    Ok(IngressRule {
        host: names::host(&entry.get("host")?)?,
        paths: collect(&entry.get("http")?.get("paths")?, |entry| path(entry, form))?,
    })
}

fn path(entry: &Field<'_>, form: Form) -> Result<IngressPath, Failure> {
    let kind = entry.get("pathType")?;
    let path_type = match kind.one_of(PATH_TYPES)? {
        Some(path_type) => path_type,
        None if form == Form::V1beta1 => PathType::ImplementationSpecific,
        None => return Err(kind.fail("is missing: Prefix, Exact or ImplementationSpecific")),
    };
    let path = entry.get("path")?;
    match path.text()? {
        Some(text) if !text.starts_with('/') => {
            return Err(path.fail(&format!("{} does not begin with /", shown(text))));
        }
        None if path_type != PathType::ImplementationSpecific => return Err(path.fail("is missing")),
        _ => {}
    }
    Ok(IngressPath { path: path.owned_text()?, path_type, backend: backend(&entry.get("backend")?, form)? })
}

fn backend(backend: &Field<'_>, form: Form) -> Result<IngressBackend, Failure> {
    let resource = backend.get("resource")?;
    let service = backend.get(if form == Form::V1 { "service" } else { "serviceName" })?;
    match (service.is_present(), resource.is_present()) {
        (true, false) if form == Form::V1 => Ok(IngressBackend::Service(service_backend(&service)?)),
        (true, false) => {
            let port = backend.get("servicePort")?;
            Ok(IngressBackend::Service(ServiceBackend {
                name: names::name(&service)?,
                port: port.port_reference()?.ok_or_else(|| port.fail("is missing"))?,
            }))
        }
        (false, true) => Ok(IngressBackend::Object(object_reference(&resource)?)),
        (true, true) => Err(backend.fail("has a service and a resource, expected one of them")),
        (false, false) if form == Form::V1 && backend.get("serviceName")?.is_present() => Err(backend.fail(
            "serviceName and servicePort are of v1beta1; in v1: service: {name: …, port: {number: …}}",
        )),
        (false, false) => Err(backend.fail("has neither a service nor a resource")),
    }
}

fn service_backend(service: &Field<'_>) -> Result<ServiceBackend, Failure> {
    let port = service.get("port")?;
    let reference = match (port.get("number")?.port()?, port.get("name")?.owned_text()?) {
        (Some(number), None) => ServicePortReference::Number(number),
        (None, Some(name)) => ServicePortReference::Name(name),
        (Some(_), Some(_)) => return Err(port.fail("has a number and a name, expected one of them")),
        (None, None) => return Err(port.fail("has neither a number nor a name")),
    };
    Ok(ServiceBackend { name: names::name(&service.get("name")?)?, port: reference })
}

/// A reference to any object, in a backend or an IngressClass.
pub(crate) fn object_reference(reference: &Field<'_>) -> Result<ObjectReference, Failure> {
    Ok(ObjectReference {
        api_group: reference.get("apiGroup")?.owned_text()?,
        kind: reference.get("kind")?.required_text()?.to_owned(),
        name: reference.get("name")?.required_text()?.to_owned(),
        namespace: reference.get("namespace")?.owned_text()?,
    })
}

fn tls(entry: &Field<'_>) -> Result<IngressTls, Failure> {
    let hosts = collect(&entry.get("hosts")?, |host| {
        names::tls_host(host)?.ok_or_else(|| host.fail("is empty, expected a host"))
    })?;
    Ok(IngressTls { hosts, secret_name: entry.get("secretName")?.owned_text()? })
}

/// An entry of the status of an Ingress or RouteGroup.
pub(crate) fn address(entry: &Field<'_>) -> Result<IngressAddress, Failure> {
    Ok(IngressAddress { hostname: entry.get("hostname")?.owned_text()?, ip: entry.get("ip")?.owned_text()? })
}
