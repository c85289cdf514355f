//! The resources that people create before a controller starts: an account in moto, objects in Kubernetes. Also a relay to
//! an API server, which tests can cut.
//!
//! These functions call the servers directly, not through the proxy that records the controller's calls. They panic if a
//! resource cannot be created.
#![allow(clippy::expect_used, clippy::panic)]

pub mod account;
pub mod ancestor;
pub mod cluster;
pub mod relay;
pub mod route_groups;
