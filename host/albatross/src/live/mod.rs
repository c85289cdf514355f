//! Everything that needs AWS or a cluster: the controller, and reading both for `plan`, `explain` and `snapshot`.

mod beginning;
pub mod buckets;
pub mod capture;
pub mod controller;
mod executed;
pub mod handover;
pub mod health;
mod introduction;
pub mod lease;
pub mod levels;
mod log;
pub mod metrics;
pub mod once;
mod onlooker;
mod pace;
pub mod pages;
pub mod pass;
mod permit;
mod pulse;
pub mod reader;
pub mod recordings;
pub mod settings;
pub mod snapshots;
pub mod state;
pub mod swap;
pub mod webhook;
mod written;
