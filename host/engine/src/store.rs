//! The store of one call: what the guest has used, and where it must stop.

use wasmtime::{ResourceLimiter, Store};

use crate::{Limits, engine::ticks};

/// What the store of a guest holds.
pub(crate) struct Held<D> {
    /// Bounds memory.
    pub(crate) limiter: Limiter,
    /// What host functions need.
    pub(crate) data: D,
}

/// A store in which all limits but fuel are in force, before anything runs in it.
pub(crate) fn limited_store<D>(engine: &wasmtime::Engine, limits: &Limits, data: D) -> Store<Held<D>> {
    let limiter = Limiter { limit: as_size(limits.memory), used: 0, peak: 0, exceeded: false };
    let mut store = Store::new(engine, Held { limiter, data });
    store.limiter(|held| &mut held.limiter);
    store.set_epoch_deadline(ticks(limits.deadline));
    store.set_hostcall_fuel(as_size(limits.returned_data));
    store
}

/// On a machine whose sizes are smaller, the largest.
fn as_size(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

/// Bounds the sum of all memories and tables of a store.
///
/// Growth beyond the limit ends the guest. To let it go on with the news that it got nothing, as WebAssembly would,
/// ends it as well, but with a trap that tells nobody why.
pub(crate) struct Limiter {
    limit: usize,
    used: usize,
    peak: usize,
    exceeded: bool,
}

impl Limiter {
    /// Whether the guest was ended for its memory: wasmtime's own error does not tell.
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
        // What a guest denied itself it is told, as WebAssembly says.
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        self.grow(current, desired)
    }

    fn memory_grow_failed(&mut self, error: wasmtime::Error) -> wasmtime::Result<()> {
        // A guest that went on would give another answer on a machine with more memory.
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
    // one memory and two tables. One that was composed of a few such has a few times that.

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
