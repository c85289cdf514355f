//! The cluster through the Kubernetes API: watches its objects, and writes statuses, Events and a Lease.
//!
//! [`Watches`] keep all Ingresses, RouteGroups, IngressClasses and Nodes as objects of the contract, for route mode Services and
//! EndpointSlices too, and the pods of the proxy if these are targets, and report relevant changes. No Secret is ever read but the one
//! that [`WebhookObjects`] keeps itself. [`Statuses`] writes the statuses that a plan asks for, [`Gates`] the conditions of Pods with our
//! readiness gate, [`Events`] tells people what happened to their Ingresses, and [`Leadership`] holds the Lease without which no replica
//! writes any of these. Only the planner decides what a status or a condition should be.

mod connection;
mod error;
mod events;
mod gates;
mod leadership;
mod request;
mod statuses;
mod watches;
mod webhook;

pub use connection::{cluster_uid, connect};
pub use error::ClusterError;
pub use events::{Announcer, Events, Notice, Regarding, Seen, Severity};
pub use gates::{GateFailure, GateReport, GateWrite, Gates};
pub use kube::Client;
pub use leadership::{Candidate, Leadership, Permit, Standing, Timing, identity};
pub use statuses::{StatusFailure, StatusReport, StatusWrite, Statuses};
pub use watches::{Failing, Viewer, WatchHealth, Watches};
pub use webhook::{Kept, Pair, WebhookObjects};

/// Our name as a writer: field manager of the statuses and conditions, reporting controller of the Events.
const CONTROLLER: &str = "albatross";
