//! The settings of a policy.

use schemars::JsonSchema;
use serde::{Deserialize, de::DeserializeOwned};

/// A type of settings: it is read with serde, and describes itself as a JSON Schema.
///
/// Use `#[serde(deny_unknown_fields)]`, so that a misspelt field is an error.
pub trait Settings: DeserializeOwned + JsonSchema {}

impl<T: DeserializeOwned + JsonSchema> Settings for T {}

/// No settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoSettings {}

/// Reads settings; an empty text is an object without fields.
pub(crate) fn read<S: Settings>(text: &str) -> Result<S, String> {
    let text = if text.trim().is_empty() { "{}" } else { text };
    // serde would read a list into a struct, field by field.
    let object: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(text).map_err(|error| format!("the settings are not a JSON object: {error}"))?;
    S::deserialize(serde_json::Value::Object(object))
        .map_err(|error| format!("the settings are wrong: {error}"))
}

/// The JSON Schema of settings, as text.
pub(crate) fn schema<S: Settings>() -> String {
    schemars::schema_for!(S).as_value().to_string()
}
