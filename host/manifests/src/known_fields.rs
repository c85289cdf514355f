//! The fields of the kinds that are read, so that a misspelled field is not skipped silently.
//!
//! The API server warns of an unknown field or refuses it (`fieldValidation`), but a plan from manifests has no API server.
//! Source: the API reference of Kubernetes 1.34, and that of 1.21 for v1beta1.

use std::rc::Rc;

use crate::{
    nearest::nearest,
    object::Kind,
    tree::{Node, Value},
};

/// A field, and the fields of its value or of the items of its value. `None`: they are not checked.
type Known = (&'static str, Option<Fields>);
#[derive(Clone, Copy)]
struct Fields(&'static [Known]);

const fn leaf(name: &'static str) -> Known {
    (name, None)
}

const METADATA: Fields = Fields(&[
    leaf("annotations"),
    leaf("clusterName"),
    leaf("creationTimestamp"),
    leaf("deletionGracePeriodSeconds"),
    leaf("deletionTimestamp"),
    leaf("finalizers"),
    leaf("generateName"),
    leaf("generation"),
    leaf("labels"),
    leaf("managedFields"),
    leaf("name"),
    leaf("namespace"),
    leaf("ownerReferences"),
    leaf("resourceVersion"),
    leaf("selfLink"),
    leaf("uid"),
]);

const REFERENCE: Fields =
    Fields(&[leaf("apiGroup"), leaf("kind"), leaf("name"), leaf("namespace"), leaf("scope")]);

const BACKEND: Fields = Fields(&[
    ("resource", Some(REFERENCE)),
    ("service", Some(Fields(&[leaf("name"), ("port", Some(Fields(&[leaf("name"), leaf("number")])))]))),
    // v1beta1.
    leaf("serviceName"),
    leaf("servicePort"),
]);

const INGRESS: Fields = Fields(&[
    // v1beta1.
    ("backend", Some(BACKEND)),
    ("defaultBackend", Some(BACKEND)),
    leaf("ingressClassName"),
    (
        "rules",
        Some(Fields(&[
            leaf("host"),
            (
                "http",
                Some(Fields(&[(
                    "paths",
                    Some(Fields(&[("backend", Some(BACKEND)), leaf("path"), leaf("pathType")])),
                )])),
            ),
        ])),
    ),
    ("tls", Some(Fields(&[leaf("hosts"), leaf("secretName")]))),
]);

const SERVICE: Fields = Fields(&[
    leaf("allocateLoadBalancerNodePorts"),
    leaf("clusterIP"),
    leaf("clusterIPs"),
    leaf("externalIPs"),
    leaf("externalName"),
    leaf("externalTrafficPolicy"),
    leaf("healthCheckNodePort"),
    leaf("internalTrafficPolicy"),
    leaf("ipFamilies"),
    leaf("ipFamilyPolicy"),
    leaf("loadBalancerClass"),
    leaf("loadBalancerIP"),
    leaf("loadBalancerSourceRanges"),
    (
        "ports",
        Some(Fields(&[
            leaf("appProtocol"),
            leaf("name"),
            leaf("nodePort"),
            leaf("port"),
            leaf("protocol"),
            leaf("targetPort"),
        ])),
    ),
    leaf("publishNotReadyAddresses"),
    leaf("selector"),
    leaf("sessionAffinity"),
    leaf("sessionAffinityConfig"),
    leaf("trafficDistribution"),
    leaf("type"),
]);

/// The fields of an EndpointSlice, which has no spec. The endpoints are written by a controller.
const ENDPOINT_SLICE: Fields = Fields(&[
    leaf("addressType"),
    leaf("apiVersion"),
    leaf("endpoints"),
    leaf("kind"),
    ("metadata", Some(METADATA)),
    ("ports", Some(Fields(&[leaf("appProtocol"), leaf("name"), leaf("port"), leaf("protocol")]))),
]);

/// The fields of all other kinds. Nobody writes the status of an object by hand.
const OBJECT: Fields =
    Fields(&[leaf("apiVersion"), leaf("kind"), ("metadata", Some(METADATA)), leaf("spec"), leaf("status")]);

const INGRESS_CLASS: Fields = Fields(&[leaf("controller"), ("parameters", Some(REFERENCE))]);

/// The fields of a RouteGroup. Those below them concern only the in-cluster proxy (CustomResourceDefinition of
/// szuecs/routegroup-client 0.36).
const ROUTE_GROUP: Fields =
    Fields(&[leaf("backends"), leaf("defaultBackends"), leaf("hosts"), leaf("routes"), leaf("tls")]);

/// The fields of the spec. `None`: the kind has none, or nobody writes it by hand.
fn of_spec(kind: Kind) -> Option<Fields> {
    match kind {
        Kind::Ingress => Some(INGRESS),
        Kind::IngressClass => Some(INGRESS_CLASS),
        Kind::Service => Some(SERVICE),
        Kind::RouteGroup => Some(ROUTE_GROUP),
        Kind::Node | Kind::EndpointSlice | Kind::Pod => None,
    }
}

/// A field that its kind does not have.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unknown {
    /// The line of its value.
    pub(crate) line: usize,
    /// Such as `spec.ingressClassname is not a field of an Ingress`. Items of lists have no number, so that the same mistake
    /// in many objects is one remark.
    pub(crate) message: String,
}

/// The unknown fields of an object, in the order of their names.
pub(crate) fn unknown(object: &Node, kind: Kind) -> Vec<Unknown> {
    let mut found = Vec::new();
    let fields = if kind == Kind::EndpointSlice { ENDPOINT_SLICE } else { OBJECT };
    check(object, fields, "", kind, &mut found);
    if let (Some(fields), Value::Mapping(entries)) = (of_spec(kind), &object.value)
        && let Some(spec) = entries.get("spec")
    {
        check(spec, fields, "spec", kind, &mut found);
    }
    found
}

fn check(node: &Node, fields: Fields, path: &str, kind: Kind, found: &mut Vec<Unknown>) {
    let entries = match &node.value {
        Value::Mapping(entries) => entries,
        Value::List(items) => {
            return items.iter().for_each(|item| check(item, fields, &format!("{path}[]"), kind, found));
        }
        _ => return,
    };
    for (name, value) in entries {
        let at = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        match fields.0.iter().find(|(known, _)| known == name) {
            Some((_, Some(fields))) => check(value, *fields, &at, kind, found),
            Some((_, None)) => {}
            None => found.push(describe(&at, name, value, fields, kind)),
        }
    }
}

fn describe(path: &str, name: &str, value: &Rc<Node>, fields: Fields, kind: Kind) -> Unknown {
    let near = nearest(name, fields.0.iter().map(|(known, _)| *known));
    let near = near.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
    let article =
        if matches!(kind, Kind::Service | Kind::Node | Kind::Pod | Kind::RouteGroup) { "a" } else { "an" };
    Unknown {
        line: value.line,
        message: format!("{path} is not a field of {article} {kind}, so it is ignored{near}"),
    }
}
