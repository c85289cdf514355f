//! The built-in planner as machine code.
//!
//! The build script compiles it, so that a program that starts has nothing to compile: it plans at once, and does not
//! hold what a compiler leaves behind in memory. The digest is that of the component, whatever machine code became of it.

include!(concat!(env!("OUT_DIR"), "/planner.rs"));
