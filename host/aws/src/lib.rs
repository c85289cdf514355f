//! AWS through its official SDK: discovers where the controller runs, observes the account, and executes plans.
//!
//! - [`Aws`] holds the clients of all services on one HTTP stack, the rate budget and the counters.
//! - [`discover`] finds the VPC and the cluster where they are not given.
//! - [`Observer`] reads the [`Inventory`](albatross_contract::Inventory) of a pass.
//! - [`Executor`] executes a [`Plan`](albatross_contract::Plan).
//! - [`BucketFolder`] is a folder of recordings in a [`Bucket`] of S3.
//! - [`iam_actions`] lists every action that the IAM policy must allow.

mod bucket;
mod calling;
mod calls;
mod changed;
mod clients;
mod convert;
mod counters;
mod discover;
mod error;
mod exchange;
mod execute;
mod observe;
mod ownership;
mod profile;
mod rate;
mod recent;
mod trust;
mod whole_answers;

pub use bucket::{Bucket, BucketAddress, BucketFolder, InvalidAddress, Object};
pub use calling::{ATTEMPT_LIMIT, Permit};
pub use calls::{Call, IamAction, Need, Service, iam_actions};
pub use clients::Aws;
pub use counters::{CallCount, CallOutcome, CallWait};
pub use discover::{Discovered, Given, discover};
pub use error::{AwsError, ErrorClass};
pub use execute::{Executor, Progress};
pub use observe::{Mentioned, Observer};
