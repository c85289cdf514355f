//! What happens when something dies: a controller, the leader among replicas, the API server, AWS.
//!
//! These tests take the longest. Tests begin in the order of their names, and a long test that begins last leaves one core
//! idle.

mod failover;
pub mod killed;
mod not_held_up;
mod outage;
mod replicas;
mod soak;
