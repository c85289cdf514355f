//! The IAM policy in `deploy/`: it grants exactly the rights that the program uses, as narrowly as AWS allows.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod dependent;
mod limits;
mod page;
mod policy;
mod purposes;
