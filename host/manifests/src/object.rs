//! The kinds that matter, and objects of them.

use std::fmt;

use albatross_contract::{EndpointSlice, Ingress, IngressClass, Metadata, Node, Service};

/// A kind that matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Ingress,
    IngressClass,
    Service,
    Node,
    EndpointSlice,
}

impl Kind {
    pub(crate) const ALL: [Kind; 5] =
        [Kind::Ingress, Kind::IngressClass, Kind::Service, Kind::Node, Kind::EndpointSlice];

    /// The kind that a manifest names, unless it is one that does not matter.
    ///
    /// Other groups have a Service or a Node too (`serving.knative.dev`), which are other things. An Ingress or an
    /// IngressClass of a group that nobody knows is more likely a slip than another thing, and to skip it would
    /// make the Ingress look deleted.
    pub(crate) fn of(kind: &str, api_version: &str) -> Option<Kind> {
        let core = !api_version.contains('/');
        match kind {
            "Ingress" => Some(Kind::Ingress),
            "IngressClass" => Some(Kind::IngressClass),
            "Service" if core => Some(Kind::Service),
            "Node" if core => Some(Kind::Node),
            "EndpointSlice" if api_version.starts_with("discovery.k8s.io/") => Some(Kind::EndpointSlice),
            _ => None,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, formatter)
    }
}

/// An object that matters.
pub(crate) enum Object {
    Ingress(Ingress),
    IngressClass(IngressClass),
    Service(Service),
    Node(Node),
    EndpointSlice(EndpointSlice),
}

impl Object {
    pub(crate) fn metadata(&self) -> &Metadata {
        match self {
            Object::Ingress(ingress) => &ingress.metadata,
            Object::IngressClass(class) => &class.metadata,
            Object::Service(service) => &service.metadata,
            Object::Node(node) => &node.metadata,
            Object::EndpointSlice(slice) => &slice.metadata,
        }
    }
}
