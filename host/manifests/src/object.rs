//! The kinds that are read, and objects of these kinds.

use std::fmt;

use albatross_contract::{EndpointSlice, Ingress, IngressClass, Metadata, Node, Pod, RouteGroup, Service};

use crate::nearest::nearest;

/// A kind that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Ingress,
    IngressClass,
    Service,
    Node,
    EndpointSlice,
    Pod,
    RouteGroup,
}

impl Kind {
    pub(crate) const ALL: [Kind; 7] = [
        Kind::Ingress,
        Kind::IngressClass,
        Kind::Service,
        Kind::Node,
        Kind::EndpointSlice,
        Kind::Pod,
        Kind::RouteGroup,
    ];

    /// The kind that a manifest names, if that kind is read. Group and kind decide: other groups have their own Ingress
    /// (`config.openshift.io`), Service (`serving.knative.dev`) or Node.
    ///
    /// The core group and other groups of Kubernetes have no Ingress, so an Ingress of `v1` or `networking.k8s.oi` is a typing
    /// error. If it were skipped, the Ingress would look deleted. The same is true of `kind: ingress`; the API server knows
    /// no such kind.
    pub(crate) fn of(kind: &str, api_version: &str) -> Option<Kind> {
        match (spelled(kind), group(api_version)) {
            ("Ingress", "extensions" | "") => Some(Kind::Ingress),
            ("IngressClass", "") => Some(Kind::IngressClass),
            ("Ingress", group) if group.contains("k8s") => Some(Kind::Ingress),
            ("IngressClass", group) if group.contains("k8s") => Some(Kind::IngressClass),
            ("Service", "") => Some(Kind::Service),
            ("Node", "") => Some(Kind::Node),
            ("Pod", "") => Some(Kind::Pod),
            ("EndpointSlice", "discovery.k8s.io" | "") => Some(Kind::EndpointSlice),
            // No other group has this kind.
            ("RouteGroup", _) => Some(Kind::RouteGroup),
            _ => None,
        }
    }
}

const NAMES: [&str; 7] = ["Ingress", "IngressClass", "Service", "Node", "EndpointSlice", "Pod", "RouteGroup"];

/// The kind that is meant: a kind that is read, whatever the case of its letters, else the kind as it is written.
fn spelled(kind: &str) -> &str {
    NAMES.into_iter().find(|known| known.eq_ignore_ascii_case(kind)).unwrap_or(kind)
}

/// The kind that is probably meant by an unknown kind of a group that has kinds that are read.
pub(crate) fn probable(kind: &str, api_version: &str) -> Option<&'static str> {
    let groups = ["", "networking.k8s.io", "extensions", "discovery.k8s.io", "zalando.org"];
    let is_read = groups.contains(&group(api_version));
    if is_read { nearest(kind, NAMES.into_iter().chain(["List"])) } else { None }
}

/// The group of an API version; the core group, as in `v1`, has no name.
pub(crate) fn group(api_version: &str) -> &str {
    api_version.split_once('/').map_or("", |(group, _)| group)
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, formatter)
    }
}

/// An object that was read.
pub(crate) enum Object {
    Ingress(Ingress),
    IngressClass(IngressClass),
    Service(Service),
    Node(Node),
    EndpointSlice(EndpointSlice),
    Pod(Pod),
    RouteGroup(RouteGroup),
}

impl Object {
    pub(crate) fn metadata(&self) -> &Metadata {
        match self {
            Object::Ingress(ingress) => &ingress.metadata,
            Object::IngressClass(class) => &class.metadata,
            Object::Service(service) => &service.metadata,
            Object::Node(node) => &node.metadata,
            Object::EndpointSlice(slice) => &slice.metadata,
            Object::Pod(pod) => &pod.metadata,
            Object::RouteGroup(route_group) => &route_group.metadata,
        }
    }
}
