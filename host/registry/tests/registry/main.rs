//! Pulling from the registry of the distribution project, and from servers that do everything wrong.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic)]

mod caching;
mod credentials;
mod hostile;
mod logging_in;
mod real;
mod redirects;
mod server;
mod support;
