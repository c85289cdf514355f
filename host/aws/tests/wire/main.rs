//! The crate against AWS over the wire: moto behind a recorder that counts calls and injects faults.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod attachments;
mod buckets;
mod carried;
mod certificates;
mod changes;
mod controller;
mod convergence;
mod deletion;
mod faults;
mod interruptions;
mod lists;
mod moving;
mod networks;
mod progress;
mod recent;
mod records;
mod refusals;
mod targets;
mod views;
mod web_acls;
mod world;
