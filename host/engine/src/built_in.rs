//! The built-in planner of the program.

use std::sync::Arc;

use wasmtime::{CustomCodeMemory, component::Component};

/// A planner that was compiled when the program was built, so that a start neither waits for a compiler nor needs its
/// memory.
#[derive(Clone, Copy, Debug)]
pub struct BuiltIn {
    /// SHA-256 of the component that it was compiled from, 64 hexadecimal digits. Recorded bundles contain it.
    pub sha256: &'static str,
    /// Makes the machine code executable at its place in the program. Absent: wasmtime executes a copy.
    pub code_memory: fn() -> Option<Arc<dyn CustomCodeMemory>>,
    /// Loads the machine code into an engine that has this `code_memory`.
    pub load: fn(&wasmtime::Engine) -> wasmtime::Result<Component>,
}
