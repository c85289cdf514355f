//! What a plan is made of: manifests, an inventory and settings become a snapshot.

pub mod inventory;
mod settings;

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
};

use albatross_contract::{Cluster, Inventory, Settings, Snapshot, Timestamp, file::FileContent};
use albatross_manifests::{Problem, Source};

use crate::error::Error;

pub use settings::{
    IdentityOverrides, add_policies, apply_overrides, merge_allowances, parse_settings, require_cluster_uid,
};

/// What manifests gave.
pub struct ClusterInput {
    /// The objects.
    pub cluster: Cluster,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

/// Where the statuses of the Ingresses in manifests are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusSource {
    /// In the manifests, or nowhere.
    Manifests,
    /// In the simulated cluster that the manifests are applied to.
    Simulation,
}

/// Reads manifests. `-` is standard input.
///
/// # Errors
/// A source that cannot be read as a whole.
pub fn read_manifests(
    paths: &[PathBuf],
    statuses: StatusSource,
    standard_input: &mut dyn Read,
) -> Result<ClusterInput, Error> {
    let mut sources = Vec::with_capacity(paths.len());
    for path in paths {
        sources.push(if path == Path::new("-") {
            let mut bytes = Vec::new();
            standard_input.read_to_end(&mut bytes).map_err(|source| Error::StandardInput { source })?;
            Source::Text { name: "standard input".to_owned(), bytes }
        } else {
            Source::Path(path.clone())
        });
    }
    let mut manifests = albatross_manifests::read(&sources)?;
    if statuses == StatusSource::Manifests {
        manifests.mark_missing_statuses();
    }
    Ok(ClusterInput { cluster: manifests.cluster, problems: manifests.problems })
}

/// Reads a file of the contract.
///
/// # Errors
/// A file that cannot be read, or is not what it should be.
pub fn read_file<T: FileContent>(path: &Path) -> Result<T, Error> {
    let bytes = read_bytes(path)?;
    albatross_contract::file::read(&bytes)
        .map_err(|source| Error::File { name: path.display().to_string(), source })
}

/// Reads the bytes of a file.
///
/// # Errors
/// A file that cannot be read.
pub fn read_bytes(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|source| Error::Unreadable { path: path.to_owned(), source })
}

/// Puts a snapshot together. The time is that of the inventory unless another one is given.
pub fn snapshot(
    cluster: Cluster,
    inventory: Inventory,
    settings: Settings,
    time: Option<Timestamp>,
) -> Snapshot {
    Snapshot { time: time.unwrap_or(inventory.observed_at), frozen: Vec::new(), settings, cluster, inventory }
}
