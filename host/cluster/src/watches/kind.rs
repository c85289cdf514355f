//! The kinds that are watched.

use albatross_contract::{
    EndpointSlice, Ingress, IngressAddress, IngressClass, Node, ObjectKind, ObjectName, Pod, READINESS_GATE,
    RouteGroup, Service, ViewPart,
};
use albatross_manifests::{
    UnreadableObject, endpoint_slice_from_json, ingress_class_from_json, ingress_from_json, node_from_json,
    pod_from_json, route_group_from_json, service_from_json,
};
use k8s_openapi::api::{core::v1 as core, discovery::v1 as discovery, networking::v1 as networking};
use kube::core::{ApiResource, DynamicObject, GroupVersionKind};
use serde_json::Value;

use super::{recent::Concerned, trimmed};

/// An object of the contract that a watch keeps.
pub(crate) trait Kind: Clone + PartialEq + Send + 'static {
    /// The kind as in a manifest.
    const NAME: &'static str;
    /// The part of the view that all objects of the kind make up.
    const PART: ViewPart;
    /// The number of objects in a page of a list. An object of the API takes much more memory than what is kept of it, so
    /// this is less than kube's 500.
    const PAGE: u32 = 100;
    /// Whether a change is not batched with others: requests fail until a pass has followed it.
    const IS_URGENT: bool = false;

    /// Whether a cluster may lack the kind: a CustomResourceDefinition adds it.
    const IS_CUSTOM: bool = false;

    /// The resource in the API.
    fn resource() -> ApiResource;

    /// Whether an object is kept at all. The API server cannot select by every field.
    fn is_wanted(_: &DynamicObject) -> bool {
        true
    }

    /// Converts an object, in the same way as a manifest. Fields that nobody needs are left out.
    fn read(object: Value) -> Result<Self, UnreadableObject>;

    /// What a change of an object is about. Absent: it concerns everything.
    fn concerned(_: &DynamicObject) -> Option<Concerned> {
        None
    }

    /// The uid, of kinds whose statuses we write.
    fn uid(&self) -> Option<&str> {
        None
    }

    /// Becomes a newer version.
    fn renew(&mut self, newer: Self) {
        *self = newer;
    }
}

/// Becomes a newer version of an object whose status we write. If only the status is new, the rest stays where it is in memory:
/// writing thousands of statuses would otherwise fragment the memory.
fn renew_in_place<T: PartialEq>(known: &mut T, mut newer: T, status: fn(&mut T) -> &mut Vec<IngressAddress>) {
    let new = std::mem::take(status(&mut newer));
    status(known).clear();
    if *known != newer {
        *known = newer;
    }
    *status(known) = new;
}

/// An object that asks for a load balancer, as what a change is about.
fn source(kind: ObjectKind, object: &DynamicObject) -> Option<Concerned> {
    let (namespace, name) = (object.metadata.namespace.clone()?, object.metadata.name.clone()?);
    Some(Concerned::Source(ObjectName { namespace, name, kind }))
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

    fn concerned(object: &DynamicObject) -> Option<Concerned> {
        source(ObjectKind::Ingress, object)
    }

    fn uid(&self) -> Option<&str> {
        self.metadata.uid.as_deref()
    }

    fn renew(&mut self, newer: Ingress) {
        renew_in_place(self, newer, |ingress| &mut ingress.status);
    }
}

impl Kind for RouteGroup {
    const NAME: &'static str = ObjectKind::RouteGroup.kubernetes();
    const PART: ViewPart = ViewPart::RouteGroups;
    const IS_CUSTOM: bool = true;

    fn resource() -> ApiResource {
        let kind = GroupVersionKind::gvk("zalando.org", "v1", Self::NAME);
        ApiResource::from_gvk_with_plural(&kind, "routegroups")
    }

    fn read(object: Value) -> Result<Self, UnreadableObject> {
        route_group_from_json(object)
    }

    fn concerned(object: &DynamicObject) -> Option<Concerned> {
        source(ObjectKind::RouteGroup, object)
    }

    fn uid(&self) -> Option<&str> {
        self.metadata.uid.as_deref()
    }

    fn renew(&mut self, newer: RouteGroup) {
        renew_in_place(self, newer, |route_group| &mut route_group.status);
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

impl Kind for Service {
    const NAME: &'static str = "Service";
    const PART: ViewPart = ViewPart::Services;

    fn resource() -> ApiResource {
        ApiResource::erase::<core::Service>(&())
    }

    fn read(object: Value) -> Result<Self, UnreadableObject> {
        service_from_json(object).map(trimmed::service)
    }

    fn concerned(object: &DynamicObject) -> Option<Concerned> {
        Some(Concerned::Service((object.metadata.namespace.clone()?, object.metadata.name.clone()?)))
    }
}

impl Kind for EndpointSlice {
    const NAME: &'static str = "EndpointSlice";
    const PART: ViewPart = ViewPart::EndpointSlices;
    const IS_URGENT: bool = true;
    /// A slice holds 100 endpoints by default, and at most 1,000 (Kubernetes documentation, "EndpointSlices").
    const PAGE: u32 = 20;

    fn resource() -> ApiResource {
        ApiResource::erase::<discovery::EndpointSlice>(&())
    }

    fn read(object: Value) -> Result<Self, UnreadableObject> {
        endpoint_slice_from_json(object).map(trimmed::endpoint_slice)
    }

    fn concerned(object: &DynamicObject) -> Option<Concerned> {
        let service = object.metadata.labels.as_ref()?.get(trimmed::SERVICE_NAME)?;
        Some(Concerned::Service((object.metadata.namespace.clone()?, service.clone())))
    }
}

impl Kind for Pod {
    const NAME: &'static str = "Pod";
    const PART: ViewPart = ViewPart::Pods;
    const IS_URGENT: bool = true;

    fn resource() -> ApiResource {
        ApiResource::erase::<core::Pod>(&())
    }

    fn read(object: Value) -> Result<Self, UnreadableObject> {
        pod_from_json(object).map(trimmed::pod)
    }
}

/// A Pod with our readiness gate. The API server cannot select by it: all Pods are watched, and others are dropped as soon as they
/// are received.
#[derive(Clone, PartialEq)]
pub(crate) struct GatedPod(pub(crate) Pod);

impl Kind for GatedPod {
    const NAME: &'static str = "Pod";
    const PART: ViewPart = ViewPart::GatedPods;
    const IS_URGENT: bool = true;

    fn resource() -> ApiResource {
        ApiResource::erase::<core::Pod>(&())
    }

    fn is_wanted(object: &DynamicObject) -> bool {
        let gates = object.data.pointer("/spec/readinessGates").and_then(Value::as_array);
        gates.is_some_and(|gates| gates.iter().any(|gate| gate["conditionType"] == READINESS_GATE))
    }

    fn read(object: Value) -> Result<Self, UnreadableObject> {
        pod_from_json(object).map(trimmed::pod).map(GatedPod)
    }

    fn uid(&self) -> Option<&str> {
        self.0.metadata.uid.as_deref()
    }
}
