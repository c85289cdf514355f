//! Stories of whole clusters, for operators to read: what people do, and what the controller makes of it.
//!
//! Every pass of every story goes through the guard, which must agree.

// Helpers of tests are tests too, but clippy takes them for production code.
#![allow(clippy::panic, clippy::unwrap_used)]

mod accidents;
mod annotations;
mod budgets;
mod certificates;
mod classes;
mod deletion;
mod explanations;
mod gaps;
mod hosts;
mod incomplete_views;
mod limits;
mod made_again;
mod nodes;
mod one_shop;
mod one_two_three_load_balancers;
mod one_unknown;
mod ownership;
mod policies;
mod policy_swaps;
mod routes;
mod scheme;
mod settings_changes;
mod sharing;
mod statuses;
mod subnets;
