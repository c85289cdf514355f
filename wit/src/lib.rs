//! The contract of Albatross as Rust types.
//!
//! The types are generated from the WIT in this folder, which documents each of them; planner, host and policies
//! share them, and with serde they are the file formats too. Hand-written here is only what WIT cannot say: the
//! default settings and what follows from settings, the file envelope with its version, the names that the design fixes,
//! and what stands for a reference once the action that it refers to has run.

#[allow(unsafe_code, missing_docs, unused_qualifications, clippy::all, clippy::panic)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/contract.rs"));
}

mod defaults;
pub mod file;
mod json;
mod lengths;
mod names;
mod objects;
pub mod references;
mod settings;
pub mod shapes;

pub use names::*;
pub use types::*;

/// All types at the root of the crate, whatever interface defines them.
mod types {
    include!(concat!(env!("OUT_DIR"), "/names.rs"));
}

/// The modules as the WIT names them, for `generate!` in guests (`with`).
pub mod interfaces {
    pub use crate::generated::albatross::planner::*;
}
