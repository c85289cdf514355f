//! Services, EndpointSlices and Pods without the fields that planning never needs. A cluster has many of them, and a field that
//! is not kept starts no pass when it changes.

use albatross_contract::{EndpointSlice, Pod, Service};

/// The label of an EndpointSlice that names its Service.
pub(crate) const SERVICE_NAME: &str = "kubernetes.io/service-name";

/// A Service without its labels.
pub(crate) fn service(mut service: Service) -> Service {
    service.metadata.labels = Vec::new();
    service
}

/// An EndpointSlice without its annotations, and with only the label that names its Service. One of the annotations is the
/// time of the last change (`endpoints.kubernetes.io/last-change-trigger-time`), which is new in almost every version.
pub(crate) fn endpoint_slice(mut slice: EndpointSlice) -> EndpointSlice {
    let metadata = &mut slice.metadata;
    metadata.annotations = Vec::new();
    metadata.labels.retain(|label| label.key == SERVICE_NAME);
    metadata.labels.shrink_to_fit();
    // Lists grow in powers of two, and there is a list of addresses for each endpoint.
    slice.endpoints.iter_mut().for_each(|endpoint| endpoint.addresses.shrink_to_fit());
    slice.endpoints.shrink_to_fit();
    slice
}

/// A Pod without its annotations. Its labels are kept: the planner selects by them.
pub(crate) fn pod(mut pod: Pod) -> Pod {
    pod.metadata.annotations = Vec::new();
    pod
}
