//! The store of one call, with the limits of the guest.

use wasmtime::{ResourceLimiter, Store};

use crate::{Limits, engine::ticks};

/// The content of the store of a guest.
pub(crate) struct Held<D> {
    /// Limits memory.
    pub(crate) limiter: Limiter,
    /// Whether the component may leave a text in its memory when it panics.
    pub(crate) leaves_texts: bool,
    /// The data of host functions.
    pub(crate) data: D,
}

/// A store in which all limits but fuel are in force, before anything runs in it.
pub(crate) fn limited_store<D>(
    engine: &wasmtime::Engine,
    limits: &Limits,
    leaves_texts: bool,
    data: D,
) -> Store<Held<D>> {
    let limiter = Limiter { limit: as_size(limits.memory), used: 0, peak: 0, exceeded: false };
    let mut store = Store::new(engine, Held { limiter, leaves_texts, data });
    store.limiter(|held| &mut held.limiter);
    store.set_epoch_deadline(ticks(limits.deadline));
    store.set_hostcall_fuel(as_size(limits.returned_data));
    store
}

/// A number of bytes as a size of this machine, or the largest size if that is smaller.
fn as_size(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

/// Limits the sum of all memories and tables of a store.
///
/// Growth beyond the limit ends the guest. In plain WebAssembly, the guest would only learn that it got no memory; it would
/// end all the same, but with a trap that does not say why.
pub(crate) struct Limiter {
    limit: usize,
    used: usize,
    peak: usize,
    exceeded: bool,
}

impl Limiter {
    /// Whether the guest was ended because of its memory, which wasmtime's own error does not say.
    pub(crate) fn exceeded(&self) -> bool {
        self.exceeded
    }

    /// The most that was used at one time, in bytes.
    pub(crate) fn peak(&self) -> u64 {
        self.peak as u64
    }

    fn grow(&mut self, current: usize, desired: usize) -> wasmtime::Result<bool> {
        let used = self.used.saturating_sub(current).saturating_add(desired);
        if used > self.limit {
            self.exceeded = true;
            return Err(wasmtime::Error::msg("more memory than the limit allows"));
        }
        self.used = used;
        self.peak = self.peak.max(used);
        Ok(true)
    }
}

/// A table element is a pointer.
const ELEMENT: usize = size_of::<usize>();

impl ResourceLimiter for Limiter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        // The guest has set this maximum itself, and WebAssembly lets it handle the refusal.
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        self.grow(current, desired)
    }

    fn memory_grow_failed(&mut self, error: wasmtime::Error) -> wasmtime::Result<()> {
        // If the guest went on, its answer would be different on a machine with more memory.
        self.exceeded = true;
        Err(error)
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        self.grow(current.saturating_mul(ELEMENT), desired.saturating_mul(ELEMENT))
    }

    fn table_grow_failed(&mut self, error: wasmtime::Error) -> wasmtime::Result<()> {
        self.exceeded = true;
        Err(error)
    }

    // A component of one Rust crate has three core instances (the module, and two small ones that link its imports),
    // one memory and two tables. A component that is composed of several others has a few times as many.

    fn instances(&self) -> usize {
        32
    }

    fn memories(&self) -> usize {
        8
    }

    fn tables(&self) -> usize {
        16
    }
}
