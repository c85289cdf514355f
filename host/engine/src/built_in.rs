//! The planner that is a part of the program.

use wasmtime::component::Component;

/// A planner that was compiled when the program was built, so that nobody waits for a compiler and its memory is not
/// needed when the program runs.
#[derive(Clone, Copy, Debug)]
pub struct BuiltIn {
    /// SHA-256 of the component that it was compiled from, 64 hexadecimal digits: what recorded bundles name it by.
    pub sha256: &'static str,
    /// Gives the machine code to an engine.
    pub load: fn(&wasmtime::Engine) -> wasmtime::Result<Component>,
}
