//! The input of a plan: manifests, an inventory and settings become a snapshot.

pub mod allowances;
mod bytes;
mod files;
pub mod inventory;
pub mod places;
mod policies;
mod proposal;
mod recorded;
mod settings;

use std::{
    io::Read,
    path::{Path, PathBuf},
};

use albatross_contract::{Cluster, IncompletePart, Inventory, Settings, Snapshot, Timestamp, ViewPart};
use albatross_manifests::{Manifests, Problem, Source};

use crate::error::Error;

pub use bytes::{MOST_OF_A_COMPONENT, MOST_OF_A_FILE, MOST_OF_SETTINGS, read_bytes, read_standard_input};
pub use files::{SideFile, read_inventory, read_recorded, read_recorded_of, read_recording, read_side};
pub use policies::{PolicyComponent, PolicyReader, PolicySource, file_name};
pub use proposal::{Proposal, Removed};
pub use recorded::Recorded;
pub use settings::{
    ClusterIdSource, IdentityOverrides, add_policies, adopt_recorded_policies, apply_overrides,
    keep_recorded_policies, merge_allowances, merge_name_changes, override_recorded, parse_settings,
    require_identity,
};

/// The content of manifests.
pub struct ClusterInput {
    /// The objects.
    pub cluster: Cluster,
    /// Objects that could not be read.
    pub problems: Vec<Problem>,
    /// What was skipped although a person may expect it to be read.
    pub remarks: Vec<String>,
}

/// Where the statuses of the Ingresses in manifests are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusSource {
    /// In the manifests, or nowhere.
    Manifests,
    /// In the simulated cluster that the manifests are applied to.
    Simulation,
    /// In the snapshot that the manifests are applied to.
    Snapshot,
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
            let bytes = read_standard_input(standard_input, albatross_manifests::MAXIMUM_FILE_SIZE)?;
            Source::Text { name: "standard input".to_owned(), bytes }
        } else {
            Source::Path(path.clone())
        });
    }
    let mut manifests = albatross_manifests::read(&sources)?;
    if statuses == StatusSource::Manifests {
        manifests.mark_missing_statuses();
    }
    let Manifests { cluster, mut problems, remarks } = manifests;
    problems.iter_mut().for_each(files::name_kind);
    Ok(ClusterInput { cluster, problems, remarks })
}

/// Marks the RouteGroups as not known if manifests with statuses contain none: `kubectl get ingress` exports only Ingresses. A
/// person who says that the manifests are complete (`--prune`) says it of RouteGroups too. Where statuses are missing, nothing
/// is removed anyway.
pub fn mark_missing_route_groups(cluster: &mut Cluster, settings: &Settings) {
    let is_known = cluster.route_groups.is_some()
        || cluster
            .incomplete
            .iter()
            .any(|gap| [ViewPart::RouteGroups, ViewPart::IngressStatuses].contains(&gap.part));
    if settings.allowances.prune || is_known {
        return;
    }
    cluster.incomplete.push(IncompletePart {
        part: ViewPart::RouteGroups,
        resource: None,
        reason: "the manifests contain none; add them, or say with --prune that the manifests are complete"
            .to_owned(),
        expected: Some(true),
    });
}

/// Puts a snapshot together. Its time is `time`, else the time of the inventory.
pub fn snapshot(
    cluster: Cluster,
    inventory: Inventory,
    settings: Settings,
    time: Option<Timestamp>,
) -> Snapshot {
    Snapshot { time: time.unwrap_or(inventory.observed_at), frozen: Vec::new(), settings, cluster, inventory }
}
