//! The cluster through the Kubernetes API: what is watched there, and the little that is written.
//!
//! [`Watches`] keep all Ingresses, IngressClasses and Nodes as objects of the contract and say when something that
//! matters has changed. [`Statuses`] writes what the outcomes of a plan say, [`Events`] tells people what happened to
//! their Ingresses, and [`Leadership`] holds the Lease without which nobody writes. Nothing here decides what a status
//! should be: that is the planner's.

mod connection;
mod error;
mod events;
mod leadership;
mod statuses;
mod watches;

pub use connection::{cluster_uid, connect};
pub use error::ClusterError;
pub use events::{Announcer, Events, Notice, Regarding, Severity};
pub use kube::Client;
pub use leadership::{Candidate, Leadership, Permit, Standing, Timing, identity};
pub use statuses::{StatusFailure, StatusReport, StatusWrite, Statuses};
pub use watches::{Failing, WatchHealth, Watches};

/// The name under which we write: field manager of the statuses, reporting controller of the Events.
const CONTROLLER: &str = "albatross";
