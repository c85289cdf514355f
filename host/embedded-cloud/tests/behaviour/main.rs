//! The behaviour of the embedded cloud, by subject.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests fail by panicking and print figures"
)]

#[path = "../worlds/mod.rs"]
mod worlds;

mod auto_scaling;
mod certificates;
mod cluster;
mod determinism;
mod execution;
mod faults;
mod idempotence;
mod load_balancers;
mod records;
mod rules;
mod security_groups;
mod shop;
mod tags;
mod target_health;
mod web_acls;
