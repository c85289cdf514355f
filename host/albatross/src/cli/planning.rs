//! From the arguments of a command to who plans and what is planned.

use std::{io::Read, path::Path};

use albatross_contract::{
    Bundle, Cluster, IncompletePart, Inventory, RecordedPolicy, Settings, Snapshot, file,
};
use albatross_engine::{Engine, Limits};
use albatross_manifests::Problem;

use super::arguments::{ComponentArguments, InputArguments, SettingsArguments};
use crate::{
    error::Error,
    inputs::{
        ClusterInput, MOST_OF_SETTINGS, StatusSource, add_policies, adopt_recorded_policies, allowances,
        apply_overrides, inventory::check_inventory, merge_allowances, parse_settings, read_bytes, read_file,
        read_manifests, read_recording, require_cluster_uid, snapshot,
    },
    pass::Makers,
};

/// A snapshot and what could not be read for it.
pub struct Planning {
    /// Who plans.
    pub makers: Makers,
    /// What is planned.
    pub snapshot: Snapshot,
    /// Objects that could not be read.
    pub problems: Vec<Problem>,
    /// What a person should know of the inputs, and what stands in the way of nothing.
    pub remarks: Vec<String>,
    /// Parts of cluster and account that were read now, and not to their end. What a file lacks is known to who wrote it.
    pub unread: Vec<IncompletePart>,
}

/// Reads all that `plan` and `explain` need.
///
/// # Errors
/// Anything of it that cannot be used.
pub fn read(
    inputs: &InputArguments,
    components: &ComponentArguments,
    standard_input: &mut dyn Read,
) -> Result<Planning, Error> {
    let makers = makers(components)?;
    if let Some(path) = &inputs.snapshot {
        return recorded(read_snapshot(path)?, inputs, makers);
    }
    let mut settings = settings(&inputs.settings, Settings::default(), &makers)?;
    settings.allowances.prune |= inputs.prune;
    let mut unread = Vec::new();
    let manifests = match inputs.manifests.as_slice() {
        [] => {
            let cluster = cluster_now(inputs, &mut settings)?;
            unread.extend_from_slice(&cluster.incomplete);
            ClusterInput { cluster, problems: Vec::new(), remarks: Vec::new() }
        }
        paths => {
            require_cluster_uid(&settings)?;
            read_manifests(paths, StatusSource::Manifests, standard_input)?
        }
    };
    let inventory = match &inputs.cloud {
        Some(path) => inventory(path)?,
        None => {
            let inventory = inventory_now(inputs, &mut settings, &manifests.cluster)?;
            unread.extend_from_slice(&inventory.incomplete);
            inventory
        }
    };
    let of_file = allowances::of_file(&settings.allowances, &inputs.settings.allowances());
    let snapshot = snapshot(manifests.cluster, inventory, settings, inputs.time);
    allowances::check_existence(&of_file, &snapshot)?;
    Ok(Planning { makers, snapshot, problems: manifests.problems, remarks: manifests.remarks, unread })
}

/// A recorded snapshot, to be planned with what is at hand now: the policies that are given decide, and each is asked,
/// whatever failed when it was recorded.
fn recorded(
    (mut snapshot, policies): (Snapshot, Vec<RecordedPolicy>),
    inputs: &InputArguments,
    makers: Makers,
) -> Result<Planning, Error> {
    let known = snapshot.settings.allowances.clone();
    snapshot.frozen.clear();
    snapshot.time = inputs.time.unwrap_or(snapshot.time);
    override_settings(&inputs.settings, &mut snapshot.settings)?;
    let remarks = adopt_recorded_policies(&mut snapshot.settings, &policies, makers.policies())?;
    allowances::check_existence(&known, &snapshot)?;
    Ok(Planning { makers, snapshot, problems: Vec::new(), remarks, unread: Vec::new() })
}

#[cfg(feature = "live")]
fn cluster_now(inputs: &InputArguments, settings: &mut Settings) -> Result<Cluster, Error> {
    super::live::capture_cluster(&inputs.live, settings)
}

#[cfg(not(feature = "live"))]
fn cluster_now(_: &InputArguments, _: &mut Settings) -> Result<Cluster, Error> {
    Err(Error::Offline { what: "no cluster", flag: "--manifests" })
}

#[cfg(feature = "live")]
fn inventory_now(
    inputs: &InputArguments,
    settings: &mut Settings,
    cluster: &Cluster,
) -> Result<Inventory, Error> {
    super::live::capture_inventory(&inputs.live, settings, cluster)
}

#[cfg(not(feature = "live"))]
fn inventory_now(_: &InputArguments, _: &mut Settings, _: &Cluster) -> Result<Inventory, Error> {
    Err(Error::Offline { what: "no AWS account", flag: "--cloud" })
}

/// The snapshot of a bundle with the policies that decided, or a snapshot alone.
fn read_snapshot(path: &Path) -> Result<(Snapshot, Vec<RecordedPolicy>), Error> {
    let bytes = read_recording(path)?;
    match file::read::<Bundle>(&bytes) {
        Ok(bundle) => Ok((bundle.snapshot, bundle.policies)),
        Err(of_bundle) => {
            file::read::<Snapshot>(&bytes).map(|snapshot| (snapshot, Vec::new())).map_err(|of_snapshot| {
                // What names the field of an envelope that is not this one says nothing.
                let bundle = bytes.windows(8).any(|window| window == b"\"bundle\"");
                let source = if bundle { of_bundle } else { of_snapshot };
                Error::File { name: path.display().to_string(), source }
            })
        }
    }
}

/// Loads the components with the usual limits.
///
/// # Errors
/// A component that cannot be run.
pub fn makers(components: &ComponentArguments) -> Result<Makers, Error> {
    let engine = Engine::new(Limits::default())?;
    Makers::load(components.planner.as_deref(), &components.policy, &engine)
}

/// Reads and checks an inventory.
///
/// # Errors
/// A file that is none, or one that contradicts itself.
pub fn inventory(path: &Path) -> Result<Inventory, Error> {
    let inventory = read_file(path)?;
    check_inventory(&inventory)
        .map_err(|source| Error::Inventory { name: path.display().to_string(), source: Box::new(source) })?;
    Ok(inventory)
}

/// The settings of the file, else those given, with the flags and the policies over them.
///
/// # Errors
/// A file that is none, or settings that a policy does not understand.
pub fn settings(
    arguments: &SettingsArguments,
    without_file: Settings,
    makers: &Makers,
) -> Result<Settings, Error> {
    let mut settings = match &arguments.settings {
        Some(path) => parse_settings(&path.display().to_string(), &read_bytes(path, MOST_OF_SETTINGS)?)?,
        None => without_file,
    };
    override_settings(arguments, &mut settings)?;
    add_policies(&mut settings, makers.policies())?;
    Ok(settings)
}

/// Puts the flags over the settings.
fn override_settings(arguments: &SettingsArguments, settings: &mut Settings) -> Result<(), Error> {
    apply_overrides(settings, &arguments.identity());
    merge_allowances(settings, &arguments.allowances());
    allowances::check_form(&settings.allowances)
}
