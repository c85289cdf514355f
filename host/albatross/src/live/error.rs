//! What can end a live command.

use albatross_aws::AwsError;
use albatross_cluster::ClusterError;

use crate::error::Error;

/// Why a live command has no answer.
#[derive(Debug, thiserror::Error)]
pub enum LiveError {
    /// There is no plan, or a file cannot be used.
    #[error(transparent)]
    Planning(#[from] Error),
    /// AWS cannot be observed.
    #[error("AWS: {0}")]
    Aws(#[from] AwsError),
    /// The cluster cannot be read.
    #[error("cluster: {0}")]
    Cluster(#[from] ClusterError),
    /// A list of the cluster did not come.
    #[error("cluster: a list did not come: {watches}")]
    Lists {
        /// Each watch that has no list yet, and how it is.
        watches: String,
    },
    /// The health endpoints have no place.
    #[error("{address} cannot be listened on: {source}; set --listen")]
    Listen {
        /// The address.
        address: std::net::SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The controller id names a Lease.
    #[error(
        "controller id '{id}' cannot name a Lease: it takes 1 to 50 lower-case letters, digits and -, and no - at the end; correct --controller-id or identity.controller-id in the settings"
    )]
    ControllerId {
        /// The id.
        id: String,
    },
    /// The leader election stopped, which it never does by itself.
    #[error("the leader election ended: nothing may be written any more; this is a defect, please report it")]
    Election,
    /// The planner's thread ended without an answer.
    #[error("planning ended without an answer: {0}")]
    Planner(#[from] tokio::task::JoinError),
}
