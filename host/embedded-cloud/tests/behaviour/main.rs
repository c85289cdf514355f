//! What the embedded cloud does, by subject.

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
mod rules;
mod security_groups;
mod shop;
mod tags;
mod target_health;
