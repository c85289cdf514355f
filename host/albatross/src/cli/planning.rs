//! From the arguments of a command to who plans and what is planned.

use std::io::Read;

use albatross_contract::{Inventory, Settings, Snapshot};
use albatross_engine::{Engine, Limits};
use albatross_manifests::Problem;

use super::arguments::{ComponentArguments, InputArguments, SettingsArguments};
use crate::{
    error::Error,
    inputs::{
        add_policies, apply_overrides, check_inventory, merge_allowances, parse_settings, read_bytes,
        read_file, read_manifests, snapshot,
    },
    pass::Makers,
};
use std::path::Path;

/// A snapshot and what could not be read for it.
pub struct Planning {
    /// Who plans.
    pub makers: Makers,
    /// What is planned.
    pub snapshot: Snapshot,
    /// Objects that could not be read.
    pub problems: Vec<Problem>,
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
    let manifests = read_manifests(&inputs.manifests, inputs.prune, standard_input)?;
    let inventory = inventory(&inputs.cloud)?;
    let makers = makers(components)?;
    let settings = settings(&inputs.settings, Settings::default(), &makers)?;
    Ok(Planning {
        makers,
        snapshot: snapshot(manifests.cluster, inventory, settings, inputs.time),
        problems: manifests.problems,
    })
}

/// Loads the components with the usual limits.
///
/// # Errors
/// A component that cannot be run.
pub fn makers(components: &ComponentArguments) -> Result<Makers, Error> {
    let engine = Engine::quick(Limits::default())?;
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
        Some(path) => parse_settings(&path.display().to_string(), &read_bytes(path)?)?,
        None => without_file,
    };
    apply_overrides(&mut settings, &arguments.identity());
    merge_allowances(&mut settings, &arguments.allowances());
    add_policies(&mut settings, makers.policies())?;
    Ok(settings)
}
