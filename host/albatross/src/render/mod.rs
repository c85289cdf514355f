//! Text for people. Everything in this module is a pure function from data to a string.

mod answering;
mod carried;
mod changes;
pub mod columns;
mod differences;
pub mod explanation;
mod forwarding;
mod grace;
mod load_balancer;
mod names;
mod next_change;
pub mod plan;
mod problems;
pub mod progress;
mod record_changes;
mod removed_parts;
pub mod replay;
mod rule_changes;
mod security_group_rules;
pub mod simulation;
pub mod style;
pub mod summary;
mod tag_changes;
pub mod terms;
pub mod time;
pub mod tree;
pub mod words;
