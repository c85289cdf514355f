//! The addresses of all EndpointSlices.

use std::cell::OnceCell;

use albatross_contract::{Snapshot, ViewPart};

use super::{index::Set, view::View};

/// The addresses of all EndpointSlices, indexed on first use.
pub(crate) struct Endpoints<'a> {
    snapshot: &'a Snapshot,
    are_known: bool,
    addresses: OnceCell<Set<&'a str>>,
}

impl<'a> Endpoints<'a> {
    pub(crate) fn new(view: &View<'a>) -> Self {
        let cluster = &view.snapshot.cluster;
        let is_complete = view.missing(&[ViewPart::EndpointSlices], &[]).is_none();
        Endpoints {
            snapshot: view.snapshot,
            are_known: is_complete && cluster.endpoint_slices.is_some(),
            addresses: OnceCell::new(),
        }
    }

    /// Whether no pod has an address any more: all EndpointSlices are known, and none has the address.
    pub(crate) fn has_ended(&self, address: &str) -> bool {
        let addresses = || {
            let slices = self.snapshot.cluster.endpoint_slices.iter().flatten();
            let endpoints = slices.flat_map(|slice| &slice.endpoints);
            endpoints.flat_map(|endpoint| &endpoint.addresses).map(String::as_str).collect()
        };
        self.are_known && !self.addresses.get_or_init(addresses).contains(address)
    }
}
