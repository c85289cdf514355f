//! The built-in example: some Ingresses and an account, so that the installed program needs no checkout.

use albatross_contract::{Inventory, Settings, file};
use albatross_manifests::{Manifests, Source};

use crate::{
    error::Error,
    inputs::{ClusterInput, inventory::check_inventory, parse_settings},
};

/// The files of `examples/quickstart`, by name.
macro_rules! files {
    ($folder:literal: $($name:literal),+) => {
        &[$((
            concat!($folder, "/", $name),
            include_bytes!(concat!("../../../examples/quickstart/", $folder, "/", $name)),
        )),+]
    };
}

const FIRST: &[(&str, &[u8])] = files!("first": "default.yaml", "shop.yaml", "tools.yaml");
const THEN: &[(&str, &[u8])] = files!("then": "default.yaml", "shop.yaml", "tools.yaml");
/// The account as a file.
pub const CLOUD: &[u8] = include_bytes!("../../../examples/quickstart/cloud.json");
/// The settings as a file.
pub const SETTINGS: &[u8] = include_bytes!("../../../examples/quickstart/settings.json");

/// The Ingresses to begin with.
///
/// # Errors
/// None, unless the built-in files are damaged: tests read them.
pub fn first() -> Result<ClusterInput, Error> {
    manifests(FIRST)
}

/// The complete manifests of the second step: one Ingress removed, one added.
///
/// # Errors
/// As for [`first`].
pub fn then() -> Result<ClusterInput, Error> {
    manifests(THEN)
}

/// The Ingresses to begin with, as one file.
pub fn manifests_text() -> String {
    let texts: Vec<_> = FIRST.iter().map(|(_, bytes)| String::from_utf8_lossy(bytes)).collect();
    texts.join("---\n")
}

/// The account.
///
/// # Errors
/// As for [`first`].
pub fn cloud() -> Result<Inventory, Error> {
    let name = || "built-in cloud.json".to_owned();
    let inventory = file::read(CLOUD).map_err(|source| Error::File { name: name(), source })?;
    check_inventory(&inventory)
        .map_err(|source| Error::Inventory { name: name(), source: Box::new(source) })?;
    Ok(inventory)
}

/// The settings.
///
/// # Errors
/// As for [`first`].
pub fn settings() -> Result<Settings, Error> {
    parse_settings("built-in settings.json", SETTINGS)
}

fn manifests(files: &[(&str, &[u8])]) -> Result<ClusterInput, Error> {
    let sources: Vec<Source> = files
        .iter()
        .map(|(name, bytes)| Source::Text { name: format!("built-in {name}"), bytes: bytes.to_vec() })
        .collect();
    let manifests = albatross_manifests::read(&sources)?;
    let Manifests { cluster, problems, remarks } = manifests;
    Ok(ClusterInput { cluster, problems, remarks })
}
