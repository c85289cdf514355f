//! The properties of the test servers that other tests rely on.

#![allow(clippy::unwrap_used)]

mod aws;
mod killed;
mod kubernetes;
mod registry;
