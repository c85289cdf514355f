//! Objects as an API server serves them, read by the same rules as manifests, so that a plan from manifests is the plan
//! that the cluster will get.

use albatross_contract::{EndpointSlice, Ingress, IngressClass, Node, Pod, RouteGroup, Service};
use serde_json::Value;

use crate::{
    endpoint_slice, failure::Failure, field::Field, ingress, ingress_class, node, pod, route_group, service,
    tree,
};

/// An object of an API server that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct UnreadableObject {
    /// The field and what is wrong with it, such as `spec.rules[0].http.paths[0].pathType: is missing`.
    pub message: String,
}

/// Reads an Ingress of `networking.k8s.io/v1`. The kind and the version are known from the request: the items of a list do
/// not contain them.
///
/// # Errors
/// [`UnreadableObject`] with the first field that is wrong.
pub fn ingress_from_json(object: Value) -> Result<Ingress, UnreadableObject> {
    read(object, |object| ingress::read(object, ingress::Form::V1))
}

/// Reads an IngressClass of `networking.k8s.io/v1`.
///
/// # Errors
/// [`UnreadableObject`] with the first field that is wrong.
pub fn ingress_class_from_json(object: Value) -> Result<IngressClass, UnreadableObject> {
    read(object, ingress_class::read)
}

/// Reads a Node of `v1`.
///
/// # Errors
/// [`UnreadableObject`] with the first field that is wrong.
pub fn node_from_json(object: Value) -> Result<Node, UnreadableObject> {
    read(object, node::read)
}

/// Reads a Service of `v1`.
///
/// # Errors
/// [`UnreadableObject`] with the first field that is wrong.
pub fn service_from_json(object: Value) -> Result<Service, UnreadableObject> {
    read(object, service::read)
}

/// Reads an EndpointSlice of `discovery.k8s.io/v1`.
///
/// # Errors
/// [`UnreadableObject`] with the first field that is wrong.
pub fn endpoint_slice_from_json(object: Value) -> Result<EndpointSlice, UnreadableObject> {
    read(object, endpoint_slice::read)
}

/// Reads a Pod of `v1`.
///
/// # Errors
/// [`UnreadableObject`] with the first field that is wrong.
pub fn pod_from_json(object: Value) -> Result<Pod, UnreadableObject> {
    read(object, pod::read)
}

/// Reads a RouteGroup of `zalando.org/v1`.
///
/// # Errors
/// [`UnreadableObject`] with the first field that is wrong.
pub fn route_group_from_json(object: Value) -> Result<RouteGroup, UnreadableObject> {
    read(object, route_group::read)
}

fn read<T>(object: Value, convert: impl Fn(&Field<'_>) -> Result<T, Failure>) -> Result<T, UnreadableObject> {
    let tree = tree::Node::of_json(object);
    convert(&Field::root(&tree)).map_err(|failure| UnreadableObject { message: failure.message })
}
