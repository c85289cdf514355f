//! The built-in planner as machine code.
//!
//! The build script compiles it, so that the program has nothing to compile when it starts: it plans at once, without the
//! memory of a compiler. The digest is the digest of the component, not of the machine code.

include!(concat!(env!("OUT_DIR"), "/planner.rs"));
