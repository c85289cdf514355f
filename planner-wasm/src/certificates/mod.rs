//! Certificates: which one serves a host.

mod choice;
mod names;

pub use choice::{Decision, Want, choose, rank_reason};
pub use names::{NameIndex, covers};
