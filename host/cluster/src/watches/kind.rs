//! The kinds that are watched.

use albatross_contract::{Ingress, IngressClass, Node, ViewPart};
use albatross_manifests::{UnreadableObject, ingress_class_from_json, ingress_from_json, node_from_json};
use k8s_openapi::api::{core::v1 as core, networking::v1 as networking};
use kube::core::ApiResource;
use serde_json::Value;

/// An object of the contract that a watch keeps.
pub(crate) trait Kind: Clone + PartialEq + Send + 'static {
    /// The kind as in a manifest.
    const NAME: &'static str;
    /// The part of the view that all objects of the kind make up.
    const PART: ViewPart;

    /// The resource in the API.
    fn resource() -> ApiResource;

    /// Converts an object, in the same way as a manifest.
    fn read(object: Value) -> Result<Self, UnreadableObject>;

    /// Becomes a newer version.
    fn renew(&mut self, newer: Self) {
        *self = newer;
    }
}

impl Kind for Ingress {
    const NAME: &'static str = "Ingress";
    const PART: ViewPart = ViewPart::Ingresses;

    fn resource() -> ApiResource {
        ApiResource::erase::<networking::Ingress>(&())
    }

    fn read(object: Value) -> Result<Self, UnreadableObject> {
        ingress_from_json(object)
    }

    /// If only the status is new, the rest stays where it is in memory: writing thousands of statuses would otherwise
    /// fragment the memory.
    fn renew(&mut self, mut newer: Ingress) {
        let status = std::mem::take(&mut newer.status);
        self.status.clear();
        if *self != newer {
            *self = newer;
        }
        self.status = status;
    }
}

impl Kind for IngressClass {
    const NAME: &'static str = "IngressClass";
    const PART: ViewPart = ViewPart::IngressClasses;

    fn resource() -> ApiResource {
        ApiResource::erase::<networking::IngressClass>(&())
    }

    fn read(object: Value) -> Result<Self, UnreadableObject> {
        ingress_class_from_json(object)
    }
}

impl Kind for Node {
    const NAME: &'static str = "Node";
    const PART: ViewPart = ViewPart::Nodes;

    fn resource() -> ApiResource {
        ApiResource::erase::<core::Node>(&())
    }

    fn read(object: Value) -> Result<Self, UnreadableObject> {
        node_from_json(object)
    }
}
