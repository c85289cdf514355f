//! What people make in the test servers before a controller comes: an account in moto, objects in Kubernetes; and a
//! relay to an API server, to cut.
//!
//! They reach the servers directly, not through the proxy that records the controller's calls. Whatever cannot be made
//! ends the test that asked for it.
#![allow(clippy::expect_used, clippy::panic)]

pub mod account;
pub mod cluster;
pub mod relay;
