//! One selection of features, so that nothing is built twice.
//!
//! Cargo gives a dependency the features that the selected packages ask for, and builds it, and all that stands on it,
//! anew for every other set: after `make quickstart` (the program without AWS and Kubernetes) the tests (all of the
//! workspace) would build wasmtime and Cranelift a second time, since a client of Kubernetes wants one more feature of
//! `smallvec`. This crate, on which all of those selections stand, asks for the sum. It holds only crates that every
//! selection builds anyway, and no code.
//!
//! The form is that of cargo-hakari, whose documentation has the reasons.
