//! The rights in AWS that `deploy/` hands out: those that the program uses, and limited as AWS can limit them.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod dependent;
mod limits;
mod page;
mod policy;
mod purposes;
