//! Planners that lie, told as stories, each beside the closest honest plan.

#![allow(missing_docs)]

mod budgets;
mod certificates;
mod completeness;
mod deletion;
mod form;
mod ownership;
mod refusal;
mod scale;
mod statuses;
mod story;
mod targets;
mod world;
