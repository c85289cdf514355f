//! How WebAssembly is compiled and run: one configuration for what is compiled when the program is built (the build script
//! of `host/compiled` has this file as well) and for what is compiled when it runs.

use std::num::NonZeroUsize;

use wasmtime::{Config, OptLevel, Strategy};

/// Frames of a backtrace that are kept: enough to see where a guest failed, however deep it was.
const BACKTRACE_FRAMES: NonZeroUsize = NonZeroUsize::MIN.saturating_add(15);

/// The same answer for the same question, on every machine; nothing that a pure function does not need.
///
/// What the enabled features of wasmtime leave out (threads, garbage collection, asynchronous components) needs no
/// switch here.
pub fn config() -> Config {
    let mut config = Config::new();
    config
        // Of wasmtime's first tier; no option trades what was looked at most for speed.
        .strategy(Strategy::Cranelift)
        .cranelift_opt_level(OptLevel::Speed)
        .wasm_component_model(true)
        // Its results differ between processors.
        .wasm_relaxed_simd(false)
        // So do the bits of a NaN.
        .cranelift_nan_canonicalization(true)
        // Memories above 4 GiB serve nobody here.
        .wasm_memory64(false)
        // Where an instruction stood in the component nobody is told; names of functions do without.
        .generate_address_map(false)
        .epoch_interruption(true)
        // The default, written down: threads of Rust have 2 MiB, and a planner that asks a policy needs two of these.
        .max_wasm_stack(512 << 10)
        .wasm_backtrace_max_frames(Some(BACKTRACE_FRAMES));
    config
}
