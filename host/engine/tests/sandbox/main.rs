//! The sandbox: which components run in it, what they may do, and the messages when they misbehave.

#![allow(clippy::unwrap_used, clippy::panic)]

mod a_policy_that_fails_freezes_its_point;
mod answers_of_policies;
mod built_in_planner;
mod hostile_policies;
mod limits;
mod policies_take_over_a_point;
mod support;
mod unfit_components;
