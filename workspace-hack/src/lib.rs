//! Unified features of dependencies, so that nothing is built twice.
//!
//! Cargo enables the features of a dependency that the selected packages request. For another set of features, it builds
//! the dependency and everything that depends on it again. For example, after `make quickstart` (the program without AWS
//! and Kubernetes), the tests (the whole workspace) would build wasmtime and Cranelift a second time, because the
//! Kubernetes client requests one more feature of `smallvec`. All of these selections depend on this crate, which requests
//! the union of the features. It lists only crates that every selection builds anyway, and contains no code. Crates that only the
//! program builds, to answer HTTP, are in the feature `http`.
//!
//! The layout is that of cargo-hakari, whose documentation gives the reasons.
