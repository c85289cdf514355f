//! Certificates: which one serves a host.

mod choice;
mod names;
mod uncovered;
mod wanted;

pub use choice::{Decision, Usability, Want, choose, lost_because, next_change, usability};
pub use names::{NameIndex, covers};
pub use uncovered::{Rest, uncovered};
pub use wanted::Wanted;
