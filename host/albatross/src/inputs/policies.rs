//! Policies, which are in files or in registries.

use std::{ffi::OsString, path::Path, path::PathBuf};

#[cfg(feature = "live")]
use albatross_registry::{Cache, DockerConfig, Puller, Reference};

use super::{MOST_OF_A_COMPONENT, read_bytes};
use crate::error::Error;

/// Where a policy is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PolicySource {
    /// In a file.
    File(PathBuf),
    /// In a registry.
    #[cfg(feature = "live")]
    Registry(Reference),
}

/// A policy that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyComponent {
    /// Its name in messages and bundles: that of its file, or the reference with the digest.
    pub name: String,
    /// The component.
    pub bytes: Vec<u8>,
}

/// Reads policies.
#[derive(Clone, Debug)]
pub struct PolicyReader {
    #[cfg(feature = "live")]
    puller: Puller,
}

impl PolicySource {
    /// Its file. `None`: it is in a registry.
    pub fn file(&self) -> Option<&Path> {
        match self {
            PolicySource::File(path) => Some(path),
            #[cfg(feature = "live")]
            PolicySource::Registry(_) => None,
        }
    }

    /// Reads an argument: a path, or a reference that begins with `oci://`.
    ///
    /// # Errors
    /// What is wrong with the reference.
    #[cfg(feature = "live")]
    pub fn parse(argument: OsString) -> Result<PolicySource, albatross_registry::ReferenceError> {
        match argument.to_str().filter(|text| Reference::is_meant(text)) {
            Some(text) => Reference::parse(text).map(PolicySource::Registry),
            None => Ok(PolicySource::File(argument.into())),
        }
    }

    /// Reads an argument, which is a path.
    ///
    /// # Errors
    /// It is a reference, which this build cannot pull.
    #[cfg(not(feature = "live"))]
    pub fn parse(argument: OsString) -> Result<PolicySource, &'static str> {
        match argument.to_str() {
            Some(text) if text.starts_with("oci://") => Err(
                "this build cannot pull policies from a registry: pass a file, or build the whole program with `cargo build \
                 --locked`",
            ),
            _ => Ok(PolicySource::File(argument.into())),
        }
    }
}

impl PolicyReader {
    /// With the credentials of docker. What is pulled is kept in this folder, else in that of the user.
    #[cfg(feature = "live")]
    pub fn new(cache: Option<&Path>) -> PolicyReader {
        let variable = |name: &str| std::env::var_os(name);
        let puller = Puller {
            cache: cache.map_or_else(|| Cache::of_environment(variable), Cache::at),
            credentials: DockerConfig::of_environment(variable),
            most: albatross_engine::Limits::default().policy_size as u64,
            patience: albatross_registry::Patience::default(),
        };
        PolicyReader { puller }
    }

    /// Without registries.
    #[cfg(not(feature = "live"))]
    pub fn new(_: Option<&Path>) -> PolicyReader {
        PolicyReader {}
    }

    /// Reads a policy. `tell` gets what a person should know about it. This blocks until the registry has answered, at the
    /// latest for half a minute.
    ///
    /// # Errors
    /// The file cannot be read, or the policy cannot be pulled.
    #[cfg_attr(not(feature = "live"), allow(unused_variables))]
    pub fn read(&self, source: &PolicySource, tell: &mut dyn FnMut(&str)) -> Result<PolicyComponent, Error> {
        match source {
            PolicySource::File(path) => {
                Ok(PolicyComponent { name: file_name(path), bytes: read_bytes(path, MOST_OF_A_COMPONENT)? })
            }
            #[cfg(feature = "live")]
            PolicySource::Registry(reference) => {
                let bytes = self.puller.pull(reference, tell).map_err(Box::new)?;
                Ok(PolicyComponent { name: reference.to_string(), bytes })
            }
        }
    }
}

/// The name of a component in messages and bundles: the name of its file.
pub fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}
