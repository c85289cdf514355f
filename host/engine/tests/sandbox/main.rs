//! The sandbox: what runs in it, what it may do, and what a person is told.

#![allow(clippy::unwrap_used, clippy::panic)]

mod a_policy_that_fails_freezes_its_point;
mod answers_of_policies;
mod built_in_planner;
mod hostile_policies;
mod limits;
mod policies_take_over_a_point;
mod support;
mod unfit_components;
