//! The settings of a policy in words, from their JSON Schema.

use serde_json::{Map, Value};

use crate::render::style::printable;

/// A line for each setting, in the order of the schema: name, type, default and description. `None`: the schema has another form,
/// which only a program reads.
pub fn lines(schema: &str) -> Option<Vec<String>> {
    let schema: Value = serde_json::from_str(schema).ok()?;
    if schema.get("type")? != "object" {
        return None;
    }
    match schema.get("properties") {
        None => Some(Vec::new()),
        Some(properties) => Some(properties.as_object()?.iter().map(setting).collect()),
    }
}

fn setting((name, schema): (&String, &Value)) -> String {
    let empty = Map::new();
    let schema = schema.as_object().unwrap_or(&empty);
    let default = schema.get("default").filter(|value| !value.is_null());
    let facts: Vec<String> =
        kind(schema).into_iter().chain(default.map(|value| format!("default {value}"))).collect();
    let facts = if facts.is_empty() { String::new() } else { format!(" ({})", facts.join(", ")) };
    let about = schema.get("description").and_then(Value::as_str);
    let about = about.map(|about| format!(": {}", about.replace('\n', " "))).unwrap_or_default();
    printable(&format!("{name}{facts}{about}"))
}

/// The type of a value in words.
fn kind(schema: &Map<String, Value>) -> Option<String> {
    let name = match schema.get("type")? {
        Value::Array(all) => all.iter().filter_map(Value::as_str).find(|name| *name != "null")?,
        one => one.as_str()?,
    };
    let least = schema.get("minimum").filter(|least| name == "integer" && **least != 0);
    Some(match (name, least) {
        ("string", _) => "text".to_owned(),
        ("integer", Some(least)) => format!("whole number from {least}"),
        ("integer", None) => "whole number".to_owned(),
        ("boolean", _) => "true or false".to_owned(),
        ("array", _) => "list".to_owned(),
        (other, _) => other.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_setting_has_a_line() {
        let schema = r##"{"type": "object", "properties": {
            "hosts": {"type": ["array", "null"]},
            "label": {"type": "string", "default": "team", "description": "The label\nof the team."},
            "most": {"type": "integer", "format": "uint32", "minimum": 1, "default": 20},
            "other": {"$ref": "#/$defs/Other"}
        }}"##;
        let expected = [
            "hosts (list)",
            "label (text, default \"team\"): The label of the team.",
            "most (whole number from 1, default 20)",
            "other",
        ];
        assert_eq!(lines(schema).unwrap_or_default(), expected);
        assert_eq!(lines(r#"{"type": "object"}"#), Some(Vec::new()));
    }

    #[test]
    fn a_schema_of_another_form_has_no_lines() {
        for schema in ["{}", r#"{"oneOf": []}"#, r#"{"type": "object", "properties": []}"#, "no"] {
            assert_eq!(lines(schema), None, "{schema}");
        }
    }
}
