//! A small AWS in process: it holds an [`Inventory`](albatross_contract::Inventory) and executes
//! [`Operation`](albatross_contract::Operation)s on it as AWS would, in virtual time.
//!
//! The same operations on the same inventory give the same bytes: there is no clock, no randomness and no
//! environment. An operation that AWS refuses is refused with AWS's error code; a comment at each refusal names the page of
//! the API reference. Faults happen on demand ([`Faults`]). The crate also has a small cluster ([`SimulatedCluster`]) that
//! accepts the statuses, and [`execution`] executes a plan on any [`Cloud`].
//!
//! Comments abbreviate the pages: `API_CreateRule` is
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html>. Pages of EC2 and Auto Scaling
//! are marked as such.

mod account;
mod attributes;
mod auto_scaling;
mod certificates;
mod cidr;
mod clocks;
mod cloud;
mod cluster;
mod error;
pub mod execution;
mod faults;
mod forwarding;
mod health;
mod hosted_zones;
mod identifiers;
mod listeners;
mod load_balancers;
mod node_ports;
mod pods;
mod record_sets;
mod routing;
mod rules;
mod security_groups;
mod subnets;
mod tags;
mod target_groups;
mod targets;
mod web_acls;

pub use cloud::{Calls, EmbeddedCloud};
pub use cluster::{SimulatedCluster, StatusWrite};
pub use error::{AwsError, CRASHED};
pub use execution::Cloud;
pub use faults::Faults;
pub use routing::{Answer, AnsweredBy, answer};
