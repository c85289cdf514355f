//! Guests for tests, written by hand: as small as can be, and as hostile as a story needs.
//!
//! A component that a compiler makes cannot lie about a pointer. These are WebAssembly text, with their memory laid out
//! as the canonical ABI wants it, so they can answer whatever a test wants to see refused.

// Only tests use this: what goes wrong here should stop them at once.
#![allow(clippy::unwrap_used, clippy::panic)]

pub mod guests;
mod image;
pub mod planner;
pub mod worlds;
