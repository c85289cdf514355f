//! The built-in planner of the program.

use wasmtime::component::Component;

/// A planner that was compiled when the program was built, so that a start neither waits for a compiler nor needs its
/// memory.
#[derive(Clone, Copy, Debug)]
pub struct BuiltIn {
    /// SHA-256 of the component that it was compiled from, 64 hexadecimal digits. Recorded bundles contain it.
    pub sha256: &'static str,
    /// Loads the machine code into an engine.
    pub load: fn(&wasmtime::Engine) -> wasmtime::Result<Component>,
}
