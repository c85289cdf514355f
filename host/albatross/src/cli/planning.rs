//! From the arguments of a command to the planner and the snapshot.

use std::io::Read;

use albatross_contract::{Cluster, IncompletePart, Inventory, RecordedPolicy, Settings, Snapshot};
use albatross_engine::{Engine, Limits};
use albatross_manifests::Problem;

use super::{
    arguments::{ComponentArguments, InputArguments, SettingsArguments},
    console::Console,
};
use crate::{
    error::Error,
    inputs::{
        ClusterIdSource, ClusterInput, MOST_OF_SETTINGS, Proposal, Removed, StatusSource, add_policies,
        adopt_recorded_policies, allowances, apply_overrides, mark_missing_route_groups, merge_allowances,
        override_recorded, parse_settings, read_bytes, read_inventory, read_manifests, read_recording,
        require_identity, snapshot,
    },
    pass::Makers,
};

/// A snapshot, the components that plan it, and what could not be read.
pub struct Planning {
    /// The planner and the policies.
    pub makers: Makers,
    /// The snapshot.
    pub snapshot: Snapshot,
    /// Objects that could not be read.
    pub problems: Vec<Problem>,
    /// What a person should know about the input; none of it prevents the plan.
    pub remarks: Vec<String>,
    /// Parts of the cluster and the account that were read now, but not completely. The gaps of a file are not among
    /// them: they were reported when the file was written.
    pub unread: Vec<IncompletePart>,
}

/// Reads everything that `plan` and `explain` need.
///
/// # Errors
/// Any input that cannot be used.
pub fn read(
    inputs: &InputArguments,
    components: &ComponentArguments,
    standard_input: &mut dyn Read,
    console: &mut Console,
) -> Result<Planning, Error> {
    let makers = makers(components, console)?;
    if let Some(path) = &inputs.snapshot {
        return recorded(read_recording(path)?, inputs, makers, standard_input);
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
            let mut manifests = read_manifests(paths, StatusSource::Manifests, standard_input)?;
            mark_missing_route_groups(&mut manifests.cluster, &settings);
            manifests
        }
    };
    let of_file = inputs.cloud.as_deref().map(read_inventory).transpose()?;
    if !inputs.manifests.is_empty() {
        // After all files: a file that does not exist is the simpler mistake.
        let id = if of_file.is_some() { ClusterIdSource::Settings } else { ClusterIdSource::Discovered };
        require_identity(&settings, id)?;
    }
    let inventory = match of_file {
        Some(inventory) => inventory,
        None => {
            let inventory = inventory_now(inputs, &mut settings, &manifests.cluster)?;
            unread.extend_from_slice(&inventory.incomplete);
            inventory
        }
    };
    let mut remarks = manifests.remarks;
    if inputs.cloud.is_some() {
        remarks.extend(filters_without_effect(&settings));
    }
    let of_file = allowances::of_file(&settings.allowances, &inputs.settings.allowances());
    let snapshot = snapshot(manifests.cluster, inventory, settings, inputs.time);
    remarks.extend(allowances::check_existence(&of_file, &snapshot)?);
    Ok(Planning { makers, snapshot, problems: manifests.problems, remarks, unread })
}

/// EC2 evaluates node filters when an account is read, so a file has the instances that it has.
pub fn filters_without_effect(settings: &Settings) -> Option<String> {
    let remark = "proxy.node-filters has no effect on an inventory in a file: all its instances are nodes";
    settings.proxy.node_filters.as_ref().map(|_| remark.to_owned())
}

/// A recorded snapshot, to be planned with the manifests, settings and policies that are passed now. Each policy is asked, even
/// if the policy of its point had failed when the snapshot was recorded.
fn recorded(
    (mut snapshot, policies): (Snapshot, Vec<RecordedPolicy>),
    inputs: &InputArguments,
    makers: Makers,
    standard_input: &mut dyn Read,
) -> Result<Planning, Error> {
    let known = snapshot.settings.allowances.clone();
    snapshot.frozen.clear();
    snapshot.time = inputs.time.unwrap_or(snapshot.time);
    let mut remarks = Vec::new();
    if let Some(path) = &inputs.settings.settings {
        let filters = snapshot.settings.proxy.node_filters.clone();
        let text = read_bytes(path, MOST_OF_SETTINGS)?;
        snapshot.settings = override_recorded(snapshot.settings, &path.display().to_string(), &text)?;
        let has_other_filters = snapshot.settings.proxy.node_filters != filters;
        remarks.extend(filters_without_effect(&snapshot.settings).filter(|_| has_other_filters));
    }
    override_settings(&inputs.settings, &mut snapshot.settings)?;
    let mut problems = Vec::new();
    if !inputs.manifests.is_empty() {
        let manifests = read_manifests(&inputs.manifests, StatusSource::Snapshot, standard_input)?;
        problems = manifests.problems;
        remarks.extend(manifests.remarks);
        let removed = removed(inputs, &mut problems, standard_input)?;
        let proposal = Proposal { manifests: manifests.cluster, removed };
        snapshot.cluster = proposal.apply(snapshot.cluster, snapshot.time);
        snapshot.settings.allowances.prune |= inputs.prune;
    }
    remarks.extend(adopt_recorded_policies(&mut snapshot.settings, &policies, makers.policies())?);
    remarks.extend(allowances::check_existence(&known, &snapshot)?);
    Ok(Planning { makers, snapshot, problems, remarks, unread: Vec::new() })
}

/// The objects of the snapshot that go, since the manifests lack them.
fn removed(
    inputs: &InputArguments,
    problems: &mut Vec<Problem>,
    standard_input: &mut dyn Read,
) -> Result<Removed, Error> {
    if inputs.prune {
        return Ok(Removed::All);
    }
    if inputs.base.is_empty() {
        return Ok(Removed::None);
    }
    let base = read_manifests(&inputs.base, StatusSource::Snapshot, standard_input)?;
    problems.extend(base.problems);
    Ok(Removed::Of(base.cluster))
}

#[cfg(feature = "live")]
fn cluster_now(inputs: &InputArguments, settings: &mut Settings) -> Result<Cluster, Error> {
    super::live::capture_cluster(&inputs.live, settings)
}

#[cfg(not(feature = "live"))]
fn cluster_now(_: &InputArguments, _: &mut Settings) -> Result<Cluster, Error> {
    Err(Error::Offline { what: "a cluster", flag: "--manifests" })
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
    Err(Error::Offline { what: "an AWS account", flag: "--cloud" })
}

/// Loads the components with the default limits.
///
/// # Errors
/// A component that cannot be run.
pub fn makers(components: &ComponentArguments, console: &mut Console) -> Result<Makers, Error> {
    let policies = components.policies(&mut |message| console.warning(message))?;
    let engine = Engine::new(Limits::default());
    Makers::load(components.planner.as_deref(), &policies, &engine)
}

/// The settings of the file, else `without_file`, overridden by the flags and completed for the policies.
///
/// # Errors
/// A file that does not contain settings, or settings that a policy does not understand.
pub fn settings(
    arguments: &SettingsArguments,
    without_file: Settings,
    makers: &Makers,
) -> Result<Settings, Error> {
    let mut settings = asked_settings(arguments, without_file)?;
    add_policies(&mut settings, makers.policies())?;
    Ok(settings)
}

/// The settings of the file, else `without_file`, overridden by the flags.
///
/// # Errors
/// A file that does not contain settings.
pub fn asked_settings(arguments: &SettingsArguments, without_file: Settings) -> Result<Settings, Error> {
    let mut settings = match &arguments.settings {
        Some(path) => parse_settings(&path.display().to_string(), &read_bytes(path, MOST_OF_SETTINGS)?)?,
        None => without_file,
    };
    override_settings(arguments, &mut settings)?;
    Ok(settings)
}

/// Overrides the settings with the flags.
fn override_settings(arguments: &SettingsArguments, settings: &mut Settings) -> Result<(), Error> {
    apply_overrides(settings, &arguments.identity());
    merge_allowances(settings, &arguments.allowances());
    allowances::check_form(&settings.allowances)
}
