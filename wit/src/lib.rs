//! The contract of Albatross as Rust types.
//!
//! The types are generated from the WIT in this folder, which documents each of them. Planner, host and policies share
//! them, and with serde they are the file formats too. Only what WIT cannot express is written by hand: the default
//! settings and values derived from settings, the file envelope with its version, the names of tags and annotations, words
//! that planner and host share, and the resolution of references to resources that actions have created.

#[allow(unsafe_code, missing_docs, unused_qualifications, clippy::all, clippy::panic)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/contract.rs"));
}

pub mod certificates;
mod defaults;
pub mod file;
mod gaps;
mod gates;
mod handover;
mod json;
mod keys;
mod lengths;
mod names;
mod objects;
pub mod periods;
mod redirects;
pub mod references;
pub mod rules;
mod settings;
pub mod shapes;
mod sources;
mod terms;

pub use keys::{
    GROUP_KEY_LENGTH, GROUP_KEY_RULE, RouteGroupTag, UnfitKey, asked_of_load_balancer, group_of_a_policy,
    key_of_a_policy, list_in_order, unfit_group_key,
};
pub use lengths::{EXAMPLES as LENGTHS_OF_TIME, parse as length_of_time};
pub use names::*;
pub use sources::SourceObject;
pub use types::*;

/// All types, re-exported at the root of the crate.
mod types {
    include!(concat!(env!("OUT_DIR"), "/names.rs"));
}

/// The modules as the WIT names them, for `generate!` in guests (`with`).
pub mod interfaces {
    pub use crate::generated::albatross::planner::*;
}
