//! Guests for tests, written by hand: minimal, and as hostile as a story needs.
//!
//! A component from a compiler cannot lie about a pointer. These guests are WebAssembly text, with a memory layout as the
//! canonical ABI requires, so they can return any answer that a test wants to see refused.

// Only tests use this crate: an error here should stop them at once.
#![allow(clippy::unwrap_used, clippy::panic)]

pub mod guests;
mod image;
pub mod in_c;
pub mod planner;
pub mod worlds;
