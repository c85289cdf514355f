//! AWS through its official SDK: discovers where the controller works, observes what is there, and executes plans.
//!
//! - [`Aws`] holds the clients of all services on one HTTP stack, the rate budget and the counters.
//! - [`discover`] finds VPC and cluster where they are not given.
//! - [`Observer`] makes the [`Inventory`](albatross_contract::Inventory) of a pass.
//! - [`Executor`] does what a [`Plan`](albatross_contract::Plan) says.
//! - [`iam_actions`] is all that the IAM policy has to allow.

mod calling;
mod calls;
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

pub use calling::{ATTEMPT_LIMIT, Permit};
pub use calls::{Call, IamAction, Need, Service, iam_actions};
pub use clients::Aws;
pub use counters::CallCount;
pub use discover::{Discovered, Given, discover};
pub use error::{AwsError, ErrorClass};
pub use execute::{Executor, Progress};
pub use observe::Observer;
