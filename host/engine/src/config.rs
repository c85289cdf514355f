//! The configuration for compiling and running WebAssembly, both when the program is built (the build script of
//! `host/compiled` includes this file) and when it runs.

use std::num::NonZeroUsize;

use wasmtime::{Config, OptLevel, Strategy};

/// The number of frames of a backtrace that are kept: enough to see where a guest failed.
const BACKTRACE_FRAMES: NonZeroUsize = NonZeroUsize::MIN.saturating_add(15);

/// A configuration in which the same question gets the same answer on every machine, without features that a pure
/// function does not need.
///
/// Threads, garbage collection and asynchronous components need no switch: the enabled features of wasmtime exclude them.
pub fn config() -> Config {
    let mut config = Config::new();
    config
        // The compiler in wasmtime's first tier of support, with its most tested options.
        .strategy(Strategy::Cranelift)
        .cranelift_opt_level(OptLevel::Speed)
        .wasm_component_model(true)
        // The results of relaxed SIMD differ between processors.
        .wasm_relaxed_simd(false)
        // So do the bits of a NaN, unless they are canonicalized.
        .cranelift_nan_canonicalization(true)
        // No guest needs more than 4 GiB of memory.
        .wasm_memory64(false)
        // Messages name functions, which does not need the addresses of instructions.
        .generate_address_map(false)
        .epoch_interruption(true)
        // This is the default, stated explicitly: threads of Rust have 2 MiB, and a planner that asks a policy needs two such
        // stacks.
        .max_wasm_stack(512 << 10)
        .wasm_backtrace_max_frames(Some(BACKTRACE_FRAMES));
    config
}
