//! The first difference between two values, in the terms of their JSON.

use serde::Serialize;
use serde_json::Value;

use crate::render::words::cut;

/// How many characters of a value are shown.
const SHOWN: usize = 80;

/// Such as ` in reason: "no Ingress needs it" → "the settings ask for it"`. Empty: the values are equal.
pub fn first<T: Serialize>(before: &T, after: &T) -> String {
    let value = |it: &T| serde_json::to_value(it).unwrap_or_default();
    match between("", &value(before), &value(after)) {
        Some((path, before, after)) => format!(" in {path}: {} → {}", shown(before), shown(after)),
        None => String::new(),
    }
}

type Difference<'a> = (String, Option<&'a Value>, Option<&'a Value>);

fn between<'a>(path: &str, before: &'a Value, after: &'a Value) -> Option<Difference<'a>> {
    match (before, after) {
        (Value::Object(one), Value::Object(other)) => {
            let mut keys: Vec<&String> = one.keys().chain(other.keys()).collect();
            keys.sort();
            keys.dedup();
            keys.into_iter().find_map(|key| {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                of_both(path, one.get(key), other.get(key))
            })
        }
        (Value::Array(one), Value::Array(other)) => (0..one.len().max(other.len()))
            .find_map(|at| of_both(format!("{path}[{at}]"), one.get(at), other.get(at))),
        _ => (before != after).then(|| (path.to_owned(), Some(before), Some(after))),
    }
}

fn of_both<'a>(path: String, before: Option<&'a Value>, after: Option<&'a Value>) -> Option<Difference<'a>> {
    match (before, after) {
        (Some(before), Some(after)) => between(&path, before, after),
        _ => Some((path, before, after)),
    }
}

fn shown(value: Option<&Value>) -> String {
    let Some(value) = value else { return "nothing".to_owned() };
    cut(&value.to_string(), SHOWN)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_first_difference_is_named_by_its_field() {
        let before = json!({"id": "a", "operation": {"add-tags": {"tags": [{"key": "k", "value": "1"}]}}});
        let mut after = before.clone();
        assert_eq!(first(&before, &after), "");
        after["operation"]["add-tags"]["tags"][0]["value"] = json!("2");
        assert_eq!(first(&before, &after), r#" in operation.add-tags.tags[0].value: "1" → "2""#);
        assert_eq!(first(&json!({"a": [1]}), &json!({"a": []})), " in a[0]: 1 → nothing");
    }
}
