//! What can end a command, in words that name what, where and what to do.

use std::{io, path::PathBuf};

use albatross_contract::{PolicyPoint, file::FileError};
use albatross_embedded_cloud::AwsError;
use albatross_engine::{EngineError, UnfitComponent};
use albatross_guard::Refusal;
use albatross_manifests::ManifestError;

use crate::{inputs::inventory::InventoryError, render::terms};

/// Why a command has no answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file cannot be read.
    #[error("{}: cannot be read: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// More than anything that is meant would hold.
    #[error("{name}: holds more than {mebibytes} MiB, which is more than is read of such an input")]
    TooLarge {
        /// The file, or standard input.
        name: String,
        /// The limit in MiB.
        mebibytes: u64,
    },
    /// A person allows something that there is not.
    #[error("{flag} (allowances.{field} in the settings): '{id}' {problem}; correct it or leave it out")]
    Allowance {
        /// The flag.
        flag: &'static str,
        /// The field in the settings.
        field: &'static str,
        /// The id.
        id: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A file cannot be written.
    #[error("{}: cannot be written: {source}", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Standard input cannot be read.
    #[error("standard input cannot be read: {source}")]
    StandardInput {
        /// What the system said.
        source: io::Error,
    },
    /// Standard output cannot be written, for another reason than that nobody reads it.
    #[error("standard output cannot be written: {source}")]
    StandardOutput {
        /// What the system said.
        source: io::Error,
    },
    /// A file is not what it should be.
    #[error("{name}: {source}")]
    File {
        /// The file.
        name: String,
        /// What and where.
        source: FileError,
    },
    /// An inventory contradicts itself.
    #[error("{name}: {source}")]
    Inventory {
        /// The file.
        name: String,
        /// What and where. In a box, since it holds whole ARNs.
        source: Box<InventoryError>,
    },
    /// A source of manifests cannot be read as a whole.
    #[error(transparent)]
    Manifests(#[from] ManifestError),
    /// A component cannot be run.
    #[error(transparent)]
    Unfit(#[from] UnfitComponent),
    /// A component failed, or the planner has no answer.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A policy does not understand the settings that it is given.
    #[error("settings of the policy for {}: {source}", terms::policy_point(*.point))]
    PolicySettings {
        /// The point that the settings are for.
        point: PolicyPoint,
        /// What the policy says.
        source: EngineError,
    },
    /// The guard refuses a plan: a defect of the planner that made it.
    #[error("planner {planner}: {source}")]
    Refused {
        /// Name of the planner.
        planner: String,
        /// The actions and the rules.
        source: Refusal,
    },
    /// A recorded plan was made with policies that are not at hand.
    #[error(
        "{name} was recorded with policy {policies}: give the same with --policy, or another one to compare"
    )]
    PolicyNotGiven {
        /// The bundle.
        name: String,
        /// Names and digests of the policies.
        policies: String,
    },
    /// The embedded cloud does not let itself be read.
    #[error("the embedded cloud: {0}")]
    Cloud(#[from] AwsError),
    /// No cluster is read that would say its uid, and nobody else says it.
    #[error(
        "the uid of the cluster is not known, since manifests do not hold it: set --cluster-uid, or identity.cluster-uid \
         in the settings, to the uid of the namespace kube-system"
    )]
    ClusterUidMissing,
    /// A build without AWS and Kubernetes is asked to read one.
    #[cfg(not(feature = "live"))]
    #[error("this build reaches {what}: give {flag}, or build the whole program with `cargo build --locked`")]
    Offline {
        /// What it does not reach.
        what: &'static str,
        /// What to give instead.
        flag: &'static str,
    },
    /// A build without AWS and Kubernetes is given a command that needs both.
    #[cfg(not(feature = "live"))]
    #[error(
        "this build leaves `{command}` out, since it reaches neither a cluster nor AWS: build the whole program with \
         `cargo build --locked` (the AWS SDK makes that a long build)"
    )]
    LeftOut {
        /// The command.
        command: &'static str,
    },
    /// `ALBATROSS_LOG` cannot be used.
    #[cfg(feature = "live")]
    #[error("ALBATROSS_LOG is '{levels}': {source}; set levels such as debug or albatross=debug,kube=warn")]
    LogLevels {
        /// Its value.
        levels: String,
        /// What is wrong with it.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The system does not give what a live command needs.
    #[cfg(feature = "live")]
    #[error("threads for the network cannot be started: {source}")]
    Runtime {
        /// What the system said.
        source: io::Error,
    },
    /// AWS cannot be observed.
    #[cfg(feature = "live")]
    #[error("AWS: {0}")]
    Aws(#[from] albatross_aws::AwsError),
    /// The cluster cannot be read.
    #[cfg(feature = "live")]
    #[error("cluster: {0}")]
    Cluster(#[from] albatross_cluster::ClusterError),
    /// A list of the cluster did not come.
    #[cfg(feature = "live")]
    #[error("cluster: a list did not come: {watches}")]
    Lists {
        /// Each watch that has no list yet, and how it is.
        watches: String,
    },
    /// The health endpoints have no place.
    #[cfg(feature = "live")]
    #[error("{address} cannot be listened on: {source}; set --listen")]
    Listen {
        /// The address.
        address: std::net::SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The controller id names a Lease.
    #[cfg(feature = "live")]
    #[error(
        "controller id '{id}' cannot name a Lease: it takes 1 to 50 lower-case letters, digits and -, and no - at the end; \
         correct --controller-id or identity.controller-id in the settings"
    )]
    ControllerId {
        /// The id.
        id: String,
    },
    /// The leader election stopped, which it never does by itself.
    #[cfg(feature = "live")]
    #[error("the leader election ended: nothing may be written any more; this is a defect, please report it")]
    Election,
    /// The planner's thread ended without an answer.
    #[cfg(feature = "live")]
    #[error("the planner's thread ended without an answer: {0}")]
    Planner(#[from] tokio::task::JoinError),
    /// Something cannot be written as JSON.
    #[error("the answer cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
}
