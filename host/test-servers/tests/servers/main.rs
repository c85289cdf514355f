//! The servers that tests run against, as those tests rely on them.

#![allow(clippy::unwrap_used)]

mod aws;
mod killed;
mod kubernetes;
