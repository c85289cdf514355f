//! The WebAssembly components of Albatross as bytes.
//!
//! The build script builds them from `planner-wasm` and `policies` in the same build, so that nothing is downloaded and a
//! program always embeds the planner of its own source tree. The same sources and the same compiler give the same bytes in
//! any folder (`scripts/same-digest.sh` shows it), so the digest in a recorded plan identifies the planner that made it.
//!
//! A policy is passed to the program as a file (`--policy FILE`): the build puts it into `policies` in the target folder, by
//! default `target/policies/one-per-namespace.wasm`.

include!(concat!(env!("OUT_DIR"), "/components.rs"));
