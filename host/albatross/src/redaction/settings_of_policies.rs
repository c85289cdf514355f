//! Settings of policies: texts that only the policy reads, usually JSON.

use serde_json::Value;

/// Visits all texts in settings, also the names of their fields, and returns what becomes of the settings.
pub(super) fn visit(settings: &str, visit: &mut dyn FnMut(&str) -> String) -> String {
    match serde_json::from_str::<Value>(settings) {
        Ok(Value::Number(_)) | Err(_) => visit(settings),
        Ok(mut value) => {
            visit_value(&mut value, visit);
            value.to_string()
        }
    }
}

fn visit_value(value: &mut Value, visit: &mut dyn FnMut(&str) -> String) {
    match value {
        Value::String(text) => *text = visit(text),
        Value::Array(values) => {
            for value in values {
                visit_value(value, visit);
            }
        }
        Value::Object(fields) => {
            for (name, mut value) in std::mem::take(fields) {
                visit_value(&mut value, visit);
                fields.insert(visit(&name), value);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The names and values that the JSON schema of settings defines: they select behaviour, and are in the policy itself.
pub(super) fn defined(schema: &Value) -> Vec<String> {
    let mut found = Vec::new();
    match schema {
        Value::Object(fields) => {
            for (name, value) in fields {
                match (name.as_str(), value) {
                    ("properties", Value::Object(properties)) => found.extend(properties.keys().cloned()),
                    ("enum" | "const" | "default", value) => texts(value, &mut found),
                    _ => {}
                }
                found.extend(defined(value));
            }
        }
        Value::Array(values) => found.extend(values.iter().flat_map(defined)),
        _ => {}
    }
    found
}

fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(values) => values.iter().for_each(|value| texts(value, found)),
        Value::Object(fields) => fields.values().for_each(|value| texts(value, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_and_values_of_settings_are_visited() {
        let shout = |settings: &str| visit(settings, &mut |text| text.to_uppercase());
        assert_eq!(
            shout(r#"{"a": ["b\"c", 1, true], "d": {"e": null}}"#),
            r#"{"A":["B\"C",1,true],"D":{"E":null}}"#
        );
        assert_eq!(shout("team"), "TEAM");
        assert_eq!(shout("17"), "17");
        assert_eq!(shout(""), "");
    }

    #[test]
    fn what_a_schema_defines_is_known() {
        let schema = json!({"properties": {
            "label": {"type": "string", "default": "squad", "description": "no word of this"},
            "kind": {"enum": ["ec", "rsa"]},
        }});
        let mut found = defined(&schema);
        found.sort();
        assert_eq!(found, ["ec", "kind", "label", "rsa", "squad"]);
    }
}
