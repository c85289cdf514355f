//! Stories of lying planners, each with the most similar honest plan.

// Clippy knows tests by their attribute, not the functions beside them.
#![allow(missing_docs, clippy::panic, clippy::print_stdout, clippy::unwrap_used)]

mod asked_settings;
mod budgets;
mod certificates;
mod completeness;
mod deletion;
mod deletion_protection;
mod form;
mod gates;
mod handover;
mod http_only;
mod kinds;
mod listener_rules;
mod members;
mod name_changes;
mod ownership;
mod records;
mod redirects;
mod refusal;
mod route_groups;
mod security_groups;
mod statuses;
mod story;
mod targets;
mod world;
