//! Settings of policies: texts that only the policy reads, usually JSON.

use serde_json::{Number, Value};

/// Visits all texts in settings, also the names of their fields, and returns what becomes of the settings.
pub(super) fn visit(settings: &str, visit: &mut dyn FnMut(&str) -> String) -> String {
    match serde_json::from_str::<Value>(settings) {
        Err(_) => visit(settings),
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
        Value::Number(number) => *number = redacted_number(number, visit),
        Value::Null | Value::Bool(_) => {}
    }
}

/// A number can be the id of an account. It stays a number: that of the digits of its pseudonym.
fn redacted_number(number: &Number, visit: &mut dyn FnMut(&str) -> String) -> Number {
    let text = number.to_string();
    let redacted = visit(&text);
    if redacted == text {
        return number.clone();
    }
    let digits: String = redacted.chars().filter(|found| found.is_ascii_digit()).collect();
    digits.parse().map_or(Number::from(0), |number: u64| number.into())
}

/// The names and values that the JSON schema of settings defines: they select behaviour. Defaults are not among them: they may name
/// what only one company has, such as a label of its teams.
pub(super) fn defined(schema: &Value) -> Vec<String> {
    let mut found = Vec::new();
    match schema {
        Value::Object(fields) => {
            for (name, value) in fields {
                match (name.as_str(), value) {
                    ("properties", Value::Object(properties)) => found.extend(properties.keys().cloned()),
                    ("enum" | "const", value) => texts(value, &mut found),
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
    fn a_number_that_can_identify_somebody_becomes_another_number() {
        let mapping = |text: &str| if text.len() > 7 { "n042".to_owned() } else { text.to_owned() };
        let settings = r#"{"account":987654321098,"port":443,"share":0.5}"#;
        assert_eq!(visit(settings, &mut |text| mapping(text)), r#"{"account":42,"port":443,"share":0.5}"#);
        assert_eq!(visit("987654321098", &mut |text| mapping(text)), "42");
    }

    #[test]
    fn what_a_schema_defines_is_known() {
        let schema = json!({"properties": {
            "label": {"type": "string", "default": "squad", "description": "no word of this"},
            "kind": {"enum": ["ec", "rsa"]},
        }});
        let mut found = defined(&schema);
        found.sort();
        assert_eq!(found, ["ec", "kind", "label", "rsa"]);
    }
}
