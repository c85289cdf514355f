//! The WebAssembly components of Albatross as bytes.
//!
//! The build script builds them from `planner-wasm` and `policies` in the same build, so that nothing is downloaded
//! and a program never embeds a planner other than the one beside it. The same sources and the same compiler give the
//! same bytes in any folder (`scripts/same-digest.sh` shows it), so a digest in a recorded plan says which planner
//! made it.
//!
//! A policy is a file to whoever uses it (`--policy FILE`): the build puts it into `policies` in the target folder,
//! which by default is `target/policies/one-per-namespace.wasm`.

include!(concat!(env!("OUT_DIR"), "/components.rs"));
