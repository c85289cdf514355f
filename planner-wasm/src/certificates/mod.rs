//! Certificates: which one serves a host.

mod choice;
mod names;

pub use choice::{Decision, Want, choose, lost_because, next_change, uncovered};
pub use names::{NameIndex, covers};
