//! The contract as a file format: what is written is read again, and what cannot be read is told.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests

mod examples;
mod fields;
mod files;
mod mistakes;
mod objects;
mod route_mode;
mod schemas;
