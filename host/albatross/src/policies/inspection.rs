//! What a component is and what it says of itself, whether or not it is fit to be a policy.

use albatross_contract::PolicyPoint;
use albatross_engine::{Engine, Inspection, Interface, Policy, Producer, UnfitComponent, inspect};
use serde::Serialize;
use serde_json::Value;

use crate::error::Error;

/// What a component is.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Inspected {
    /// The name of its file.
    pub file: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// Its size in bytes.
    pub size: usize,
    /// The largest size of a policy in bytes.
    pub size_limit: usize,
    /// The points that it decides.
    pub decides: Vec<&'static str>,
    /// The versions of the contract that it names.
    pub contracts: Vec<String>,
    /// What it imports. A policy may import nothing.
    pub imports: Vec<Named>,
    /// What it exports.
    pub exports: Vec<Named>,
    /// What made it.
    pub producers: Vec<Made>,
    /// What it says of itself. Absent: it cannot be asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<Description>,
    /// Why it cannot run as a policy. Absent: it can.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unfit: Option<String>,
}

/// An interface with its functions, or a function alone, which has none.
#[derive(Clone, Debug, Serialize)]
pub struct Named {
    /// Its name.
    pub name: String,
    /// Its functions.
    pub functions: Vec<String>,
}

/// A tool or language of which a component was made.
#[derive(Clone, Debug, Serialize)]
pub struct Made {
    /// `language`, `sdk` or `processed-by`.
    pub field: String,
    /// Its name.
    pub name: String,
    /// Its version. Empty: not noted.
    pub version: String,
}

/// What a policy says of itself.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Description {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What it does.
    pub summary: String,
    /// The JSON Schema of its settings. Absent: it says nothing about them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settings_schema: Option<Value>,
}

/// Inspects a component. Also returns the policy, or why it is not fit to run.
///
/// # Errors
/// It is no component.
pub fn inspected(
    engine: &Engine,
    name: &str,
    bytes: &[u8],
) -> Result<(Inspected, Result<Policy, UnfitComponent>), Error> {
    let inspection = inspect(engine, name, bytes)?;
    let policy = Policy::load(engine, name, bytes);
    let description = match &policy {
        Ok(policy) => described(policy).map_err(|error| error.to_string()),
        Err(unfit) => Err(unfit.to_string()),
    };
    Ok((of(inspection, description, engine.limits().policy_size), policy))
}

fn described(policy: &Policy) -> Result<Description, Error> {
    let described = policy.describe()?;
    let schema = described.settings_schema.as_deref().map(serde_json::from_str).transpose()?;
    Ok(Description {
        name: described.name,
        version: described.version,
        summary: described.summary,
        settings_schema: schema,
    })
}

fn of(inspection: Inspection, description: Result<Description, String>, size_limit: usize) -> Inspected {
    let (description, unfit) = match description {
        Ok(description) => (Some(description), None),
        Err(unfit) => (None, Some(unfit)),
    };
    let named = |Interface { name, functions }| Named { name, functions };
    let made = |Producer { field, name, version }| Made { field, name, version };
    Inspected {
        file: inspection.identity.name,
        sha256: inspection.identity.sha256,
        size: inspection.size,
        size_limit,
        decides: inspection.points.into_iter().map(PolicyPoint::as_str).collect(),
        contracts: inspection.contracts,
        imports: inspection.imports.into_iter().map(named).collect(),
        exports: inspection.exports.into_iter().map(named).collect(),
        producers: inspection.producers.into_iter().map(made).collect(),
        description,
        unfit,
    }
}
