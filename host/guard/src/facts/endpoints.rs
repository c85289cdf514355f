//! The addresses of all EndpointSlices.

use std::cell::OnceCell;

use albatross_contract::{Snapshot, ViewPart};

use super::{index::Set, view::View};

/// The addresses of all EndpointSlices, indexed on first use.
pub(crate) struct Endpoints<'a> {
    snapshot: &'a Snapshot,
    are_known: bool,
    addresses: OnceCell<Addresses<'a>>,
}

#[derive(Default)]
struct Addresses<'a> {
    /// Of endpoints that are not terminating.
    staying: Set<&'a str>,
    /// Of endpoints that are terminating.
    terminating: Set<&'a str>,
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
        let known = self.addresses();
        self.are_known && !known.staying.contains(address) && !known.terminating.contains(address)
    }

    /// Whether the pod of an address is being terminated, and no other endpoint has the address.
    pub(crate) fn is_ending(&self, address: &str) -> bool {
        let known = self.addresses();
        self.are_known && !known.staying.contains(address) && known.terminating.contains(address)
    }

    fn addresses(&self) -> &Addresses<'a> {
        self.addresses.get_or_init(|| {
            let mut found = Addresses::default();
            let slices = self.snapshot.cluster.endpoint_slices.iter().flatten();
            for endpoint in slices.flat_map(|slice| &slice.endpoints) {
                let is_terminating = endpoint.terminating.unwrap_or_default();
                let set = if is_terminating { &mut found.terminating } else { &mut found.staying };
                set.extend(endpoint.addresses.iter().map(String::as_str));
            }
            found
        })
    }
}
